"""Services that nobody answers for, that no policy covers, or that name what is not there."""

from collections.abc import Iterator

from worker.oncall.definitions import ServiceRecord
from worker.oncall.findings.finding import Finding, fault, note
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN, meant
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.wording import listed

UNKNOWN_SCHEDULE = "unknown-schedule"
UNKNOWN_POLICY = "unknown-policy"
NO_POLICY = "service-without-policy"
NO_PEOPLE = "service-without-people"
_SEVERITIES = range(1, 6)


def find_service_faults(survey: Survey) -> Iterator[Finding]:
    for service in survey.definitions.services.values():
        yield from _unknown(survey, service)
        yield from _without_people(survey, service)
        yield from _without_policy(survey, service)


def _unknown(survey: Survey, service: ServiceRecord) -> Iterator[Finding]:
    for name in service.schedules:
        if not survey.knows_schedule(name):
            yield fault(
                UNKNOWN_SCHEDULE,
                f"service:{service.name}",
                f"The service {service.name} names the schedule {name}, which there is not"
                f"{meant(name, survey.definitions.schedules)}.",
                why="Whoever it would name is not called.",
                remedy=f"Correct the name, or add the schedule: {PLAN}",
            )
    for name in service.policies:
        if name not in survey.definitions.policies:
            yield fault(
                UNKNOWN_POLICY,
                f"service:{service.name}",
                f"The service {service.name} names the policy {name}, which there is not"
                f"{meant(name, survey.definitions.policies)}.",
                why="Nobody is told by it when nobody answers.",
                remedy=f"Correct the name, or add the policy: {PLAN}",
            )


def _without_people(survey: Survey, service: ServiceRecord) -> Iterator[Finding]:
    """A service with schedules has gaps instead."""
    names = (service.name, DEFAULT_SERVICE)
    if not any(survey.schedules_of(name) for name in names) and survey.unanswered(service.name):
        yield fault(
            NO_PEOPLE,
            f"service:{service.name}",
            f"Nobody answers for the service {service.name}: it has no schedule, and nobody is on call by default.",
            why="Its incidents call nobody.",
            remedy=f"Name one of the schedules in its `schedules`: {PLAN}",
        )


def _without_policy(survey: Survey, service: ServiceRecord) -> Iterator[Finding]:
    default = survey.service(DEFAULT_SERVICE)
    by_default = default.policies if default and default is not service else ()
    policies = [
        survey.definitions.policies[name]
        for name in (*service.policies, *by_default)
        if name in survey.definitions.policies
    ]
    covered = [severity for severity in _SEVERITIES if any(policy.covers(severity) for policy in policies)]
    left = [str(severity) for severity in _SEVERITIES if severity not in covered and severity < max(covered, default=6)]
    if not left:
        return
    which = "has no policy" if len(left) == len(_SEVERITIES) else f"has no policy for the severities {listed(left)}"
    yield note(
        NO_POLICY,
        f"service:{service.name}",
        f"The service {service.name} {which}, and {DEFAULT_SERVICE!r} has none for it either.",
        why="Its people are called once; if they do not answer, nobody else is told.",
        remedy=f"Name one in its `policies`, or in those of {DEFAULT_SERVICE}: {PLAN}",
    )
