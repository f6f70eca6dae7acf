"""A replacement of somebody who is not on call then is told."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.idle_overrides import find_idle_overrides

NIGHT = {"from": "2027-05-04T18:00", "to": "2027-05-05T08:00"}


def idle(*overrides, absences=(), **more):
    schedules = scheduled(weekly("ines", "jon"), overrides=list(overrides), absences=list(absences))
    return list(find_idle_overrides(survey(schedules=schedules, **more)))


def test_whoever_stands_in_for_somebody_who_is_not_there_is_told():
    """With the command that puts them in."""
    [finding] = idle({**NIGHT, "person": "lia", "replaces": "jon"})
    assert finding.what == (
        "Lia stands in for Jon in checkout from Tue 4 May 18:00 to Wed 5 May 08:00, and Jon is not on call then."
    )
    assert "--person lia --from 2027-05-04T18:00 --to 2027-05-05T08:00" in finding.remedy


def test_whoever_is_away_cannot_be_stood_in_for():
    """Their turn is empty: the cover that was meant is not there."""
    away = {"person": "ines", "from": "2027-05-04", "to": "2027-05-06"}
    assert len(idle({**NIGHT, "person": "lia", "replaces": "ines"}, absences=[away])) == 1


@pytest.mark.parametrize(
    "overrides",
    [
        [{**NIGHT, "person": "lia", "replaces": "ines"}],
        [{"from": "2027-05-04T18:00", "to": "2027-05-11T08:00", "person": "lia", "replaces": "jon"}],
        [{**NIGHT, "person": "kai"}, {**NIGHT, "person": "lia", "replaces": "kai"}],
        [{**NIGHT, "person": "kai", "add": True}],
        [{"from": "2027-04-04T18:00", "to": "2027-04-05T08:00", "person": "lia", "replaces": "kai"}],
    ],
    ids=["on call", "for some of the time", "by an earlier override", "added", "over"],
)
def test_one_that_changes_something_is_not(overrides):
    """For however short a time, or it is over."""
    assert idle(*overrides) == []


def test_half_of_a_swap_may_change_nothing():
    """Of the two, the one whose person is not on call then."""
    swap = [{"person": "ines", **NIGHT}, {"person": "jon", "from": "2027-05-06T18:00", "to": "2027-05-07T08:00"}]
    [finding] = idle({"swap": swap})
    assert "Jon is not on call then" in finding.what
