"""Times of acts are said as people say them, and are what the schedule's clock shows."""

import pytest
from acting import BERLIN, at

from worker.oncall.acts.times import read_span, read_time

NOW = at("2026-03-28T21:30")  # the night on which the clock is set forward


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("now", "2026-03-28T21:30"),
        ("21:30", "2026-03-28T21:30"),
        ("22:00", "2026-03-28T22:00"),
        ("9:00", "2026-03-29T09:00"),
        ("21:29", "2026-03-29T21:29"),
        ("2026-04-01T08:00", "2026-04-01T08:00"),
        ("2026-04-01", "2026-04-01T00:00"),
        ("2026-04-01T06:00Z", "2026-04-01T08:00"),
    ],
)
def test_a_time_of_the_day_is_the_next_one(text, taken):
    """Of today, or of tomorrow where it is past."""
    assert read_time(text, BERLIN, NOW, NOW).minute == at(taken)


def test_a_time_that_does_not_exist_is_taken_by_the_rule_and_said():
    """The first instant at which the clock shows a later one."""
    asked = read_time("2:30", BERLIN, NOW, NOW)
    assert asked.minute == at("2026-03-29T03:00")
    assert "2026-03-29 02:30 does not exist in Europe/Berlin" in asked.taken[0]


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2h", "24:00", "2026-02-30T09:00", "\u0662\u0662:\u0660\u0660"])
def test_what_is_no_time_is_refused(text):
    """A length is none either."""
    with pytest.raises(ValueError, match=r"no time|no day"):
        read_time(text, BERLIN, NOW, NOW)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("now/02:00", "2026-03-28T21:30", "2026-03-29T02:00"),
        ("22:00/08:00", "2026-03-28T22:00", "2026-03-29T08:00"),
        ("2026-04-01/2026-04-02T08:00", "2026-04-01T00:00", "2026-04-02T08:00"),
    ],
)
def test_a_span_ends_after_it_begins(text, start, end):
    """A time of the day at its end is the next one after its beginning."""
    begins, ends = read_span(text, BERLIN, NOW)
    assert (begins.minute, ends.minute) == (at(start), at(end))


def test_a_span_that_ends_before_it_begins_is_refused():
    """It would have no effect."""
    with pytest.raises(ValueError, match="ends no later than it begins"):
        read_span("2026-04-02/2026-04-01", BERLIN, NOW)


def test_a_single_time_has_no_end():
    """It stands for a whole shift."""
    assert read_span("22:00", BERLIN, NOW)[1] is None
