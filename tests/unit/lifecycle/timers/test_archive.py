"""The channel of what ended some days ago."""

import pytest
from responses import Life, another

from worker.lifecycle.response.rules import ResponseRules


@pytest.mark.parametrize("kind", ["close", "decline", "merge"])
def test_it_is_archived_once_it_has_been_over_for_a_week(kind):
    """However it ended."""
    life = Life(other=another())
    if kind == "close":
        life.act("resolve")
    life.act(kind, **{"decline": {"text": "A test"}, "merge": {"into": life.other.incident.id}}.get(kind, {}))
    (entry,) = life.fire("archive")
    assert (entry.kind, entry.does) == ("archived", ("archive",))
    assert life.due("archive") is None


def test_where_channels_stay_open_nothing_is_awaited():
    """By the setting."""
    life = Life(rules=ResponseRules(archive_after_days=None))
    life.act("resolve")
    life.act("close")
    assert life.due("archive") is None
    assert "archived" not in life.said()
