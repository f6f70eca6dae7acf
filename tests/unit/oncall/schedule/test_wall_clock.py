"""The one rule for changes of the clock, against a clock that is read minute by minute."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.oncall.schedule.wall_clock import clock_of, instant_at, minute_of

# The days around a change: of an hour, of half an hour, of two, of a whole day, back for good, and none.
CHANGES = {
    "Europe/Berlin": ["2027-03-28", "2027-10-31"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Australia/Lord_Howe": ["2027-04-04", "2027-10-03"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],
    "Pacific/Apia": ["2011-12-30"],
    "Asia/Pyongyang": ["2015-08-15", "2018-05-05"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Asia/Kathmandu": ["2027-01-01"],
    "UTC": ["2027-01-01"],
}
AROUND = [(zone, day) for zone, days in CHANGES.items() for day in days]


@cache
def walked(zone, day):
    """For each minute of five days, the highest time that the clock has shown."""
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=2)
    highest, readings = datetime(1, 1, 1), {}  # noqa: DTZ001 (a wall clock's)
    for number in range(5 * 1440):
        instant = start + timedelta(minutes=number)
        highest = max(highest, instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
        readings[minute_of(instant)] = minute_of(highest)
    return readings


@pytest.mark.parametrize(("zone", "day"), AROUND)
def test_the_reading_is_the_highest_time_shown_so_far(zone, day):
    clock, expected = clock_of(zone), walked(zone, day)

    assert {minute: clock.reading(minute) for minute in expected} == expected


@pytest.mark.parametrize(("zone", "day"), AROUND)
def test_a_time_is_reached_in_the_first_minute_that_shows_it_or_a_later_one(zone, day):
    clock, first = clock_of(zone), {}
    readings = walked(zone, day)
    walls = range(min(readings.values()) + 1, max(readings.values()) + 1)
    minutes = iter(readings.items())
    instant, shown = next(minutes)
    for wall in walls:
        while shown < wall:
            instant, shown = next(minutes)
        first[wall] = instant

    assert {wall: clock.reached(wall) for wall in walls} == first


@given(
    zone=st.sampled_from(sorted(CHANGES)),
    walls=st.lists(st.integers(minute_of(datetime(2000, 1, 1)), minute_of(datetime(2150, 1, 1))), min_size=2),  # noqa: DTZ001
)
@settings(max_examples=60)
def test_no_zone_reverses_an_order(zone, walls):
    clock, in_order = clock_of(zone), sorted(walls)

    reached = [clock.reached(wall) for wall in in_order]

    assert reached == sorted(reached)
    assert all(clock.reading(instant) >= wall for wall, instant in zip(in_order, reached, strict=True))
    assert all(clock.reading(instant - 1) < wall for wall, instant in zip(in_order, reached, strict=True))


def test_the_years_join_without_a_seam():
    """Offsets are looked up in stretches of some 364 days; the ends of each belong to two."""
    clock = clock_of("Europe/Berlin")
    for number in range(50, 80):
        seam = number << 19
        for instant in range(seam - 5, seam + 5):
            local = instant_at(instant).astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
            assert clock.reading(instant) == minute_of(local)
            assert clock.reached(minute_of(local)) == instant
