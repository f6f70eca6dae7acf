"""Windows as they are written, and what a week makes of them."""

import pytest

from worker.oncall.schedule.wall_clock import DAY
from worker.oncall.schedule.windows import read_windows

# Minutes since 1970-01-01, which was a Thursday: the Monday after it.
MONDAY = 4 * DAY


def open_hours(*written):
    """The hours of a week, from Monday, in which a window is open."""
    windows = read_windows(written)
    return [hour for hour in range(7 * 24) if windows.at(MONDAY + hour * 60)[0]]


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("mon-tue 09:00-11:00", [9, 10, 33, 34]),
        ("sun 22:00-02:00", [0, 1, 166, 167]),
        ("sat,mon 00:00-01:00", [0, 120]),
        ("SAT 23:00 - sun 1:00", [143, 144]),
        ("fri 23:00-24:00", [119]),
        ("tue 09:00-09:00", list(range(33, 57))),
        ("mon 09:00 - mon 09:00", list(range(168))),
        ("00:00-24:00", list(range(168))),
        ("fri-mon 05:00-06:00", [5, 101, 125, 149]),
        ("Monday 05:00 - 06:00", [5]),
    ],
)
def test_a_window_opens_on_its_days(written, hours):
    assert open_hours(written) == hours


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("mon 24:00-25:00", "24:00 stands only as an end"),
        ("mon 09:60-10:00", "09:60 is no time of the day"),
        ("moo 09:00-10:00", "'moo' is no day"),
        ("mon-tue-wed 09:00-10:00", "names no days"),
        ("weekdays", "is no window; write mon-fri 18:00-08:00"),
        ("1080-480", "is no window"),
        ("", "is no window"),
        ("mon 09:00-10:00" + " " * 300 + "x", "is no window"),
        ("x" * 300, "is too long for a window"),
    ],
)
def test_what_is_no_window_is_refused_by_name(written, fault):
    with pytest.raises(ValueError, match=fault):
        read_windows([written])


def test_windows_that_touch_do_not_overlap():
    assert not read_windows(["mon 09:00-12:00", "mon 12:00-13:00", "sun 20:00-24:00"]).overlap
    assert read_windows(["mon 09:00-12:00", "mon 11:59-13:00"]).overlap
    assert read_windows(["sun 20:00-10:00", "mon 09:00-12:00"]).overlap


def test_openings_are_counted_in_closed_form():
    windows, start = read_windows(["mon-fri 09:00-17:00", "sat 10:00-12:00"]), MONDAY + 12 * 60
    openings = [windows.opening(start, number) for number in range(50)]

    assert openings == sorted(openings)
    for wall in range(start, start + 3 * 7 * DAY, 61):
        assert windows.opened(start, wall) == sum(opens <= wall for opens in openings)
