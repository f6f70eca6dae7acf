"""Lengths of turns, and the grid that they make."""

from datetime import datetime

import pytest

from worker.oncall.schedule.turns import Turns, read_every
from worker.oncall.schedule.wall_clock import minute_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1 week", "1 week"),
        ("2 Weeks", "2 weeks"),
        ("12 hours", "12 hours"),
        ("day", "1 day"),
        ("1 months", "1 month"),
        ("  3   windows ", "3 windows"),
    ],
)
def test_a_length_is_read_in_singular_and_plural(written, read):
    assert str(read_every(written)) == read


@pytest.mark.parametrize("written", ["", "0 days", "-1 days", "1.5 days", "1001 days", "30 minutes", "weekly", "P1D"])
def test_what_is_no_length_is_refused(written):
    with pytest.raises(ValueError, match=r"is no length of a turn|a turn lasts"):
        read_every(written)


def wall(text):
    return minute_of(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("number", "begins"),
    [
        (0, "2027-01-31T09:00"),
        (1, "2027-02-28T09:00"),
        (2, "2027-03-31T09:00"),
        (13, "2028-02-29T09:00"),
        (-1, "2026-12-31T09:00"),
    ],
)
def test_months_keep_the_day_or_take_their_last(number, begins):
    turns = Turns(read_every("1 month"), wall("2027-01-31T09:00"))

    assert turns.begins(number) == wall(begins)
    assert turns.number(wall(begins)) == number
    assert turns.number(wall(begins) - 1) == number - 1


@pytest.mark.parametrize("every", ["1 hour", "7 hours", "3 days", "2 weeks", "5 months"])
def test_a_turn_lasts_until_the_next_begins(every):
    turns = Turns(read_every(every), wall("2027-01-30T09:00"))

    for number in range(-3, 40):
        assert turns.number(turns.begins(number)) == number
        assert turns.number(turns.begins(number + 1) - 1) == number
