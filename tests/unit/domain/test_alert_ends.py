"""An end reaches what began at or before it, whatever beginning it names and in whatever order all of it came."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.domain.alert_ends import AlertEnds, ends
from worker.domain.alert_record import AlertRecord
from worker.domain.event import EventType, Severity

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = st.integers(0, 12)


def minutes(number):
    return None if number is None else NOON + timedelta(minutes=number)


def firing(received, began=None):
    times = {"received_at": minutes(received), "occurred_at": minutes(began)}
    return AlertRecord("f", EventType.TRIGGER, "f", Severity.MEDIUM, "down", **times)


def end(received, ended=None, began=None):
    times = {"received_at": minutes(received), "occurred_at": minutes(began), "ended_at": minutes(ended)}
    return AlertRecord("e", EventType.RESOLVE, "f", Severity.MEDIUM, "down", **times)


@pytest.mark.parametrize(
    ("resolve", "fired", "reached"),
    [
        # Replicas that know different beginnings: an end with an earlier, a later and the same one.
        (end(20, ended=19, began=1), firing(3, began=2), True),
        (end(20, ended=19, began=3), firing(3, began=2), True),
        (end(20, ended=19, began=2), firing(3, began=2), True),
        (end(20, ended=19), firing(3, began=19), True),
        # What began after the end goes on, whichever was received first.
        (end(20, ended=19, began=1), firing(21, began=20), False),
        (end(30, ended=19, began=1), firing(21, began=20), False),
        # An end that overtook what it ends.
        (end(4, ended=3, began=1), firing(9, began=2), True),
        # A clock that goes fast, and one that goes slow.
        (end(2, ended=62), firing(1, began=61), True),
        (end(2, ended=62), firing(4, began=64), False),
        (end(20, ended=-40), firing(3, began=-57), True),
        (end(20, ended=-40), firing(21, began=-39), False),
        # An end in the future ends nothing that was told after it.
        (end(2, ended=6_000), firing(5, began=4), False),
        # Without an end of its own, by when it was received; or by its beginning, where it has one as late.
        (end(5), firing(5), True),
        (end(5), firing(5, began=1), True),
        (end(5), firing(6), False),
        (end(5), firing(6, began=1), False),
        (end(9, began=1), firing(3, began=2), True),
        (end(9, began=5), firing(20, began=5), True),
        # A firing without a time is known by when it was received alone.
        (end(5, ended=1), firing(4), True),
        (end(5, ended=1), firing(6), False),
    ],
)
def test_the_end_decides(resolve, fired, reached):
    """The sender's clock, bounded by when we were told."""
    assert ends(resolve, fired) == reached


@given(
    st.lists(st.builds(end, MINUTE, ended=st.none() | MINUTE, began=st.none() | MINUTE), max_size=6),
    st.builds(firing, MINUTE, began=st.none() | MINUTE),
)
def test_many_ends_reach_what_one_of_them_does(resolves, fired):
    """And in any order."""
    assert AlertEnds(resolves).reach(fired) == any(ends(each, fired) for each in resolves)
    assert AlertEnds(resolves[::-1]).reach(fired) == AlertEnds(resolves).reach(fired)


AHEAD = 5
CENTURIES = st.none() | st.integers(-60, 60) | st.integers(1_000_000, 4_000_000_000)


@given(received=st.integers(0, 60), ended=CENTURIES, began=CENTURIES, later=st.integers(1, 600), fired=CENTURIES)
def test_no_clock_of_a_sender_ends_what_fires_long_after(received, ended, began, later, fired):
    """Whatever moments an end names, it reaches nothing that fired and was told minutes after it was received."""
    told = received + AHEAD + later
    fired = None if fired is None else max(fired, told)
    assert not ends(end(received, ended=ended, began=began), firing(told, began=fired))


@given(received=st.integers(0, 60), fired=CENTURIES, later=st.integers(AHEAD, 600))
def test_whatever_beginning_a_firing_names_it_can_be_ended(received, fired, later):
    """By an end that names no moment, and by one that is dated when it is told."""
    for told in (end(received + later), end(received + later, ended=received + later)):
        assert ends(told, firing(received, began=fired))


@pytest.mark.parametrize("fields", [{"ended": 4_000_000_000}, {"began": 4_000_000_000}])
def test_what_a_sender_tells_is_kept_as_told(fields):
    """Only what it decides is bounded."""
    told = end(1, **fields)
    assert minutes(4_000_000_000) in (told.ended_at, told.occurred_at)
    assert minutes(1 + AHEAD) in (told.ended, told.began)
