"""Which policy counts for a service, and when somebody can be told again."""

import pytest
from escalations import case, level, lines, rehearsed

from worker.oncall.escalation.directory import directory_of
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions

LEVELS = {"levels": [level("5 min", "person:ada")]}
POLICIES = {
    "urgent": {**LEVELS, "severities": [1, 2]},
    "calm": {**LEVELS, "severities": [3]},
    "rest": LEVELS,
}
SERVICES = {
    "checkout": {"policies": ["calm", "Urgent", "gone"]},
    "search": {"policies": ["calm"]},
    "bare": {},
    "default": {"policies": ["rest"]},
}


@pytest.mark.parametrize(
    ("service", "severity", "services", "policy"),
    [
        ("checkout", 1, SERVICES, "urgent"),
        ("CheckOut", 3, SERVICES, "calm"),
        ("search", 1, SERVICES, "rest"),
        ("bare", 1, SERVICES, "rest"),
        ("unknown", 1, SERVICES, "rest"),
        (None, 1, SERVICES, "rest"),
        ("search", 1, {"search": {"policies": ["calm"]}}, None),
        ("bare", 1, {"bare": {}}, None),
        ("anything", 2, {}, "urgent"),
        (None, 4, {}, "rest"),
    ],
)
def test_the_first_policy_of_the_service_that_covers_the_severity_counts(service, severity, services, policy):
    """Else one of the service `default`; without any services all policies are tried in order."""
    definitions = build(GivenDefinitions.model_validate({"policies": POLICIES, "services": services}))
    found = directory_of(definitions, service).policy_for(severity)
    assert (found and found.name) == policy


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("role:commander", "nobody has the role commander"),
        ("schedule:gone", "there is no schedule gone"),
        ("schedule:empty", "schedule empty has nobody on call"),
        ("schedule:empty#1", "schedule empty has nobody on call"),
        ("schedule:Search#3", "schedule Search has no third person on call"),
        ("schedule:search#12", "schedule search has no 12th person on call"),
    ],
)
def test_it_is_said_why_a_level_names_nobody(target, why):
    """By what its target lacks."""
    found = rehearsed(case({"all": {"levels": [level("5 min", target)]}}, schedules={"empty": {"time_zone": "UTC"}}))
    assert found.told[0].vacancies == (why,)


def test_a_shift_that_begins_after_months_is_found():
    """However long nobody is on call."""
    later = {
        "time_zone": "UTC",
        "layers": [{"starts": "2027-07-20T00:00", "people": ["ada"], "windows": ["06:00-07:00"]}],
    }
    given = case({"all": {"levels": [level("5 min", "schedule:later")]}}, schedules={"later": later})
    found = lines(rehearsed({**given, "until": "2027-07-20T06:00Z"}))
    assert found == ["10:00 1.1 skipped", "10:00 last NOBODY", "+15 06:00 1.1 ada"]
