"""How a response begins."""

from datetime import timedelta

import pytest
from responses import START, Life

ENDED = START - timedelta(days=1)
BEGAN = ENDED - timedelta(hours=2)


def past(**more):
    return Life(1, closed=True, occurred_at=BEGAN, resolved_at=ENDED, impact="Nobody can pay", **more)


def test_what_is_over_is_recorded_as_closed():
    """With its times, as far as somebody said them; nobody is called, and nothing is ever due."""
    life = past()
    assert life.response.state == "closed"
    assert {name: each.value for name, each in life.response.times.items()} == {
        "occurred_at": BEGAN,
        "resolved_at": ENDED,
        "received_at": START,
        "closed_at": START,
    }
    assert life.response.impact.text == "Nobody can pay"
    assert (life.response.escalation, life.response.roles) == (None, ())
    assert not [timer for timer in life.response.timers.values() if timer.due_at is not None]
    (entry,) = life.entries
    assert [*entry.tells, *entry.says, *entry.joins, *entry.does] == []


def test_it_is_recorded_once():
    """A launch that is taken up again begins it again."""
    life = past()
    life.act("begin", data={"people": ["ada"]})
    assert (life.outcome.verdict, len(life.entries)) == ("already", 1)


@pytest.mark.parametrize(("act", "verdict"), [("note", "done"), ("reopen", "refused"), ("acknowledge", "refused")])
def test_what_is_known_of_it_is_added_and_it_is_never_reopened(act, verdict):
    """It has no channel in which anybody would meet."""
    assert past().act(act, text="The disk was full").verdict == verdict
