"""A policy that can end in nobody is told: loudly where nobody at all would be told."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.finding import Severity
from worker.oncall.findings.policies import find_dead_ends

ALWAYS = scheduled(weekly("ines", starts="2027-01-01"))
OFFICE = scheduled(weekly("ines", starts="2027-01-01", windows=["mon-fri 09:00-17:00"]))


def found(*notify, last_resort=(), schedules=ALWAYS, **seen):
    policy = {"levels": [{"notify": list(notify), "wait": "5 min"}], "last_resort": list(last_resort)}
    return list(find_dead_ends(survey(schedules=schedules, policies={"urgent": policy}, seen=seen)))


@pytest.mark.parametrize(
    ("notify", "last_resort", "schedules"),
    [
        (["schedule:checkout"], [], OFFICE),
        (["schedule:checkout#2"], [], ALWAYS),
        (["role:incident-commander"], [], ALWAYS),
        (["schedule:gone"], ["schedule:gone"], ALWAYS),
        (["schedule:checkout"], ["schedule:checkout", "role:manager"], OFFICE),
        ([], [], ALWAYS),
    ],
)
def test_where_nobody_at_all_would_be_told_is_a_fault(notify, last_resort, schedules):
    """No level and no last resort names anybody, at some time of the days ahead."""
    [finding] = found(*notify, last_resort=last_resort, schedules=schedules)
    assert (finding.severity, finding.thing) == (Severity.FAULT, "policy:urgent")


@pytest.mark.parametrize("last_resort", [[], ["role:manager"], ["schedule:office"]])
def test_a_last_resort_that_may_be_nobody_is_worth_knowing(last_resort):
    """Somebody of a level is told all the same."""
    [finding] = found("schedule:checkout", last_resort=last_resort, schedules=ALWAYS | {"office": OFFICE["checkout"]})
    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize("last_resort", ["person:lia", "webhook:pager", "schedule:checkout"])
def test_a_last_resort_that_is_always_there_is_enough(last_resort):
    """Whatever the levels are."""
    assert found("role:incident-commander", last_resort=[last_resort]) == []


def test_the_last_resort_of_the_settings_stands_in():
    """For a policy without one of its own."""
    assert found("schedule:checkout", schedules=OFFICE, has_last_resort=True) == []


def test_it_says_when():
    """The first time, and how many more."""
    [finding] = found("schedule:checkout", schedules=OFFICE)
    assert "from Mon 3 May 17:00 to Tue 4 May 09:00, and " in finding.what
