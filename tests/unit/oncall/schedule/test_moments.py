"""Times as people write them."""

import pytest

from worker.oncall.schedule.moments import leaps, read_moment, read_question
from worker.oncall.schedule.wall_clock import clock_of, instant_at

BERLIN = clock_of("Europe/Berlin")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2027-03-02T09:00", "2027-03-02T08:00"),
        ("2027-03-02 09:00", "2027-03-02T08:00"),
        ("2027-03-02", "2027-03-01T23:00"),
        ("2027-03-02T09:00:00", "2027-03-02T08:00"),
        ("2027-03-02T09:00Z", "2027-03-02T09:00"),
        ("2027-03-02T09:00+05:30", "2027-03-02T03:30"),
        ("2027-03-02t09:00-0500", "2027-03-02T14:00"),
    ],
)
def test_a_time_is_the_walls_unless_it_has_an_offset(written, instant):
    assert f"{instant_at(read_moment(written).instant(BERLIN)):%Y-%m-%dT%H:%M}" == instant


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("2027-03-02T09:00:30", "whole minutes"),
        ("2027-02-29T09:00", "no day or time of the calendar"),
        ("2027-03-02T25:00", "no day or time of the calendar"),
        ("9999-12-31T23:59", "outside the years"),
        ("tomorrow", "is no time; write 2026-03-02T09:00"),
        ("2027-03-02Z", "write its time too"),
        ("2027-03-02T09", "is no time"),
        ("", "is no time"),
    ],
)
def test_what_is_no_time_is_refused(written, fault):
    with pytest.raises(ValueError, match=fault):
        read_moment(written)


def test_a_question_within_a_minute_is_of_that_minute():
    assert read_question("2027-03-02T09:00:59.5Z") == read_moment("2027-03-02T09:00Z")
    with pytest.raises(ValueError, match="is no time"):
        read_question("now")


def test_a_time_that_does_not_exist_or_comes_twice_is_said():
    never, twice = read_moment("2027-03-28T02:30"), read_moment("2027-10-31T02:30")

    assert leaps(never, BERLIN) == (
        "2027-03-28 02:30 does not exist in Europe/Berlin, where the clock is set forward: 03:00 CEST is taken."
    )
    assert leaps(twice, BERLIN) == (
        "2027-10-31 02:30 comes twice in Europe/Berlin, where the clock is set back: the first, CEST, is taken."
    )
    assert leaps(read_moment("2027-03-28T03:00"), BERLIN) == ""
    assert leaps(read_moment("2027-10-31T02:30Z"), BERLIN) == ""


@pytest.mark.parametrize("written", ["2027-03-02T09:00", "2027-03-02T09:00Z"])
def test_a_time_is_written_as_it_is_read(written):
    assert str(read_moment(written)) == written
