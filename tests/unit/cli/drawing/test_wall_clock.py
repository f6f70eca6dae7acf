"""Moments and ages as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.cli.drawing.wall_clock import WallClock, ago

START = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
UTC_CLOCK = WallClock(utc=True)


@pytest.mark.parametrize(
    ("seconds", "told"), [(-5, "0 s"), (59, "59 s"), (60, "1 min"), (7_199, "1 h"), (90_000_000, "1041 d")]
)
def test_an_age_is_told_roughly(seconds, told):
    """One number with its unit is enough to see what is new."""
    assert ago(timedelta(seconds=seconds)) == told


def test_a_clock_says_its_zone():
    """The same moment by this machine's clock and in UTC, both with the zone."""
    assert UTC_CLOCK.told(START) == "2026-03-02 09:05:00 UTC"
    assert WallClock().told(START).startswith("2026-03-0")
