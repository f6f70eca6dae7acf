"""The seams of follow-the-sun, over the changes of the clock of a year."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.seams import find_seams

EUROPE = weekly("ines", name="eu", time_zone="Europe/Berlin", windows=["mon-fri 09:00-18:00"])


def america(*windows, **more):
    return weekly("jon", **{"name": "us", "time_zone": "America/New_York", "windows": list(windows), **more})


def seams(*layers, at="2027-01-04T08:00Z", **more):
    return [finding.what for finding in find_seams(survey(at, schedules=scheduled(*layers, **more)))]


def test_seams_open_while_one_has_changed_its_clock_and_the_other_has_not():
    """Two weeks in March and one in autumn, by the schedule's clock; 09:00 Berlin is 03:00 New York, or 04:00."""
    spring, autumn = seams(EUROPE, america("mon-fri 12:00-03:00"))
    assert "from Sun 14 Mar 08:00 to Sun 28 Mar 03:00 than" in spring
    assert "from Sun 31 Oct 02:00 CET to Sun 7 Nov 07:00 than" in autumn
    assert "has a window open Tue, Wed, Thu, Fri, Sat 08:00 to 09:00 (Europe/Berlin)" in spring
    assert "5 h a week more" in spring


@pytest.mark.parametrize(
    "layers",
    [
        [EUROPE],
        [EUROPE, weekly("jon", name="paris", time_zone="Europe/Paris", windows=["18:00-09:00"])],
        [EUROPE, america("11:00-04:00")],
        [EUROPE, america("12:00-03:00"), weekly("kai", name="always", priority=-1)],
        [EUROPE, america("12:00-03:00", starts="2026-01-05T09:00", ends="2027-02-01")],
    ],
    ids=["one zone", "zones that change together", "an overlap of an hour", "somebody always there", "one that ends"],
)
def test_seams_that_never_open_are_not_told(layers):
    """Nothing is missing in spring that is there in winter."""
    assert seams(*layers) == []


def test_a_gap_of_every_week_of_the_year_is_no_seam():
    """It is told as a gap."""
    assert seams(EUROPE, america("14:00-01:00")) == []


def test_two_zones_that_change_on_one_day_at_different_hours_are_read_after_both():
    """New York changes an hour before Chicago, and their people still follow each other."""
    east = weekly("ines", name="east", time_zone="America/New_York", windows=["08:00-20:00"])
    central = weekly("jon", name="central", time_zone="America/Chicago", windows=["19:00-07:00"])
    assert seams(east, central) == []


def test_the_other_half_of_the_world_has_its_summer_in_winter():
    """Sydney and Berlin lie eight, nine or ten hours apart: what fits eight opens at the others."""
    sydney = weekly("jon", name="au", time_zone="Australia/Sydney", windows=["08:00-17:00"])
    berlin = weekly("ines", name="eu", time_zone="Europe/Berlin", windows=["09:00-00:00"])
    told = seams(sydney, berlin)
    assert told
    assert not [what for what in told if "from Sun 4 Apr" in what]
