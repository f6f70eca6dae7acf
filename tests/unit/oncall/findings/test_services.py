"""Services that name what is not there, that nobody answers for, or that no policy covers."""

import pytest
from surveys import scheduled, survey, weekly

from worker.oncall.findings.services import find_service_faults
from worker.oncall.on_call import Roster
from worker.oncall.rows import Row

SCHEDULES = scheduled(weekly("ines", starts="2027-01-01"))
LEVELS = [{"notify": ["schedule:checkout"], "wait": "5 min"}]
POLICIES = {
    "all": {"levels": LEVELS},
    "calm": {"levels": LEVELS, "severities": [3, 4]},
    "urgent": {"levels": LEVELS, "severities": [1, 2]},
}
SERVED = {"schedules": ["checkout"], "policies": ["all"]}


def found(services, **seen):
    survey_ = survey(schedules=SCHEDULES, policies=POLICIES, services=services, seen=seen)
    return [(finding.kind, finding.thing) for finding in find_service_faults(survey_)]


def test_a_service_that_has_all_is_not_told():
    """A schedule's case does not matter."""
    assert found({"checkout": SERVED | {"schedules": ["CHECKOUT"]}}) == []


def test_what_is_not_there_is_told_with_what_is_meant():
    """A schedule and a policy."""
    services = {"checkout": {"schedules": ["checkout", "chekout"], "policies": ["all", "al"]}}
    schedule, policy = find_service_faults(survey(schedules=SCHEDULES, policies=POLICIES, services=services))
    assert (schedule.kind, policy.kind) == ("unknown-schedule", "unknown-policy")
    assert "(do you mean checkout?)" in schedule.what
    assert "(do you mean all?)" in policy.what


@pytest.mark.parametrize(
    ("policies", "default", "left"),
    [
        ([], [], "has no policy,"),
        (["calm"], [], "has no policy for the severities 1 and 2,"),
        (["urgent"], [], None),
        ([], ["all"], None),
        (["calm"], ["urgent"], None),
        (["gone"], [], "has no policy,"),
    ],
)
def test_a_service_without_a_policy_is_told(policies, default, left):
    """Those of default stand in; what is milder than all that is covered may have none on purpose."""
    services = {"checkout": SERVED | {"policies": policies}, "default": SERVED | {"policies": default or ["all"]}}
    if not default:
        services.pop("default")
    seen = survey(schedules=SCHEDULES, policies=POLICIES, services=services)
    told = [finding.what for finding in find_service_faults(seen) if finding.kind == "service-without-policy"]
    assert [left in what for what in told] == ([True] if left else [])


def test_a_service_without_anybody_is_told():
    """No schedule of its own, of its name, or of default, and no row."""
    search = {"search": {"policies": ["all"]}}
    assert found(search) == [("service-without-people", "service:search")]
    assert found(search | {"default": SERVED}) == []
    assert found({"checkout": {"policies": ["all"]}}) == []
    row = Row(name="Ada", email="ada@x.example", service="search", oncall=True)
    assert found(search, roster=Roster(rows=(row,), unreadable=())) == []
