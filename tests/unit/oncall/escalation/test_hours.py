"""When a policy's hours begin, also where the clock is set."""

import pytest

from worker.oncall.definitions import QuietHours
from worker.oncall.escalation.hours import opening
from worker.oncall.schedule.moments import Moment, read_moment
from worker.oncall.schedule.windows import read_windows


@pytest.mark.parametrize(
    ("zone", "windows", "asked", "opens"),
    [
        ("UTC", "mon-fri 09:00-17:00", "2027-05-05T08:59Z", "2027-05-05T09:00Z"),
        ("UTC", "mon-fri 09:00-17:00", "2027-05-05T16:59Z", "2027-05-05T16:59Z"),
        ("UTC", "mon-fri 09:00-17:00", "2027-05-07T17:00Z", "2027-05-10T09:00Z"),
        ("Europe/Berlin", "09:00-17:00", "2027-03-28T00:00Z", "2027-03-28T07:00Z"),
        ("Europe/Berlin", "02:00-02:30", "2027-03-27T12:00Z", "2027-03-29T00:00Z"),  # leapt over on the 28th
        ("Europe/Berlin", "02:30-02:45", "2027-10-31T00:50Z", "2027-11-01T01:30Z"),  # it does not come back
        ("Europe/Berlin", "mon 00:00 - mon 00:00", "2027-10-31T01:10Z", "2027-10-31T01:10Z"),
    ],
)
def test_the_first_minute_within_the_hours_is_found(zone, windows, asked, opens):
    """By the one rule of the clock."""
    found = opening(QuietHours(zone, read_windows([windows])), read_moment(asked).minute)
    assert str(Moment(found, is_instant=True)) == opens


def test_without_hours_people_are_told_at_any():
    """At once."""
    assert opening(None, 12) == 12
