"""Times of shifts, by the schedule's clock and the reader's."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from worker.cli.drawing.shift_times import ShiftTimes
from worker.oncall.schedule.wall_clock import clock_of, minute_of

NOW = minute_of(datetime(2027, 1, 9, 12, tzinfo=UTC))
MONDAY = minute_of(datetime(2027, 1, 11, 9, tzinfo=UTC))
LATER = minute_of(datetime(2028, 7, 3, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("reader", "instant", "shown"),
    [
        ("America/New_York", MONDAY, "Mon 10:00 CET (Mon 04:00 EST here)"),
        ("Asia/Tokyo", MONDAY, "Mon 10:00 CET (Mon 18:00 JST here)"),
        ("Europe/Paris", MONDAY, "Mon 10:00 CET"),
        ("Africa/Lagos", MONDAY, "Mon 10:00 CET"),
        ("Africa/Lagos", LATER, "Mon 3 Jul 2028 10:00 CEST (Mon 09:00 WAT here)"),
    ],
)
def test_a_reader_whose_clock_shows_another_time_reads_both(reader, instant, shown):
    """It is the time that differs, not the name of the zone."""
    times = ShiftTimes(clock_of("Europe/Berlin"), NOW, ZoneInfo(reader))
    assert times.both(instant) == shown


def test_times_below_each_other_all_have_their_date():
    """Be it of this week."""
    assert ShiftTimes(clock_of("Europe/Berlin"), NOW).dated(MONDAY) == "Mon 11 Jan 10:00 CET"
