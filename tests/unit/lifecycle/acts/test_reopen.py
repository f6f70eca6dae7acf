"""It was not over: from the top, under the same ids, with the pain of before."""

from datetime import timedelta

import pytest
from responses import BEN, START, Life


@pytest.mark.parametrize(("ways", "does"), [(("resolve",), ()), (("resolve", "close"), ("unarchive",))])
def test_people_are_called_again_from_the_top(ways, does):
    """Nobody has it; the times of its end are in the entry, and stand no more; nothing is archived."""
    life = Life()
    life.act("acknowledge")
    for kind in ways:
        life.later(5).act(kind)
    life.later(20).act("reopen", BEN, text="It is back")
    assert (life.response.state, life.response.owner, life.response.reopened) == ("open", None, 1)
    assert life.told() == ["ada"]
    entry = life.newest[0]
    assert set(does) <= set(entry.does)
    assert set(entry.data["former"]) == {"resolved_at", *(["closed_at"] if "close" in ways else [])}
    assert "resolved_at" not in life.response.times
    assert life.due("archive") is life.due("review") is None
    assert life.due("escalation") == 5 + 20 + 5 * len(ways)


def test_the_pain_is_counted_of_both_times_without_what_lay_between():
    """From when it occurred until it was resolved, and from when it was reopened."""
    life = Life(occurred_at=START - timedelta(minutes=10))
    life.later(5).act("resolve")
    life.later(60).act("reopen")
    assert life.response.pain_seconds == 15 * 60
    assert life.response.running_since == life.now
    life.later(7).act("resolve")
    life.act("reopen")
    assert life.response.pain_seconds == 22 * 60


def test_it_is_known_which_entry_had_the_channel_archived():
    """Whoever opens it again waits for what was asked for then."""
    life = Life()
    life.act("resolve")
    life.act("close")
    (archived,) = life.fire("archive")
    assert life.response.archived_by == archived.seq
    life.act("reopen", BEN)
    assert (life.newest[0].data["archived_by"], life.response.archived_by) == (archived.seq, 0)
