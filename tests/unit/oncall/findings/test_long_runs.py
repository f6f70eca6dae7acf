"""More nights in a row than a week has are told."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.long_runs import find_long_runs


def runs(*layers, **more):
    return [finding.what for finding in find_long_runs(survey(schedules=scheduled(*layers, **more)))]


def test_a_fortnight_is_too_long():
    """How many nights, from when on, and a command for one between."""
    finding, *_ = find_long_runs(survey(schedules=scheduled(weekly("ines", "jon", "kai", every="10 days"))))
    assert finding.what == "Ines is on call for 10 nights in a row, from Mon 3 May 22:00 on (checkout)."
    assert "--from 2027-05-10T22:00 --to 2027-05-11T07:00" in finding.remedy


@pytest.mark.parametrize(
    "layer",
    [
        weekly("ines", "jon"),
        weekly("ines", "jon", depth=2),
        weekly("ines", "jon", starts="2027-05-03T06:00"),
        weekly("ines", "jon", every="2 weeks", windows=["07:00-22:00"]),
        weekly("ines", "jon", every="2 weeks", windows=["mon-fri 18:00-08:00"]),
        weekly("ines", windows=["17:00-00:30"]),
    ],
    ids=[
        "a week",
        "a week, and the next behind it",
        "from six to six",
        "by day",
        "without weekends",
        "until half past midnight",
    ],
)
def test_a_week_is_not(layer):
    """Nor hours that leave the night to sleep; whoever only comes next is not counted."""
    assert runs(layer) == []


def test_nights_of_several_schedules_are_one_run():
    """A week of one and the next of another."""
    schedules = scheduled(weekly("ines", "jon", "kai")) | {
        "search": {"time_zone": "America/New_York", "layers": [weekly("lia", "ines", "kai", starts="2027-05-03T03:00")]}
    }
    told = [finding.what for finding in find_long_runs(survey(days=20, schedules=schedules))]
    assert "Ines is on call for 14 nights in a row, from Mon 3 May 22:00 on (checkout and search)." in told


def test_an_override_breaks_a_run():
    """The nights before and after are counted each for themselves."""
    cover = {"from": "2027-05-08T20:00", "to": "2027-05-09T08:00", "person": "lia"}
    layer = weekly("ines", "jon", "kai", every="10 days", ends="2027-05-13T09:00")
    assert len(runs(layer)) == 1
    assert runs(layer, overrides=[cover]) == []
