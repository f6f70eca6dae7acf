"""Team ids and time zones that cannot be what they are meant to be."""

import re
from collections.abc import Iterator

from worker.oncall.findings.finding import Finding, fault
from worker.oncall.findings.survey import Survey
from worker.oncall.findings.wording import PLAN, sentence
from worker.oncall.schedule.zones import read_zone

TEAM = "unknown-team"
ZONE = "unknown-time-zone"
_TEAM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def find_unknown_ids(survey: Survey) -> Iterator[Finding]:
    for service in survey.definitions.services.values():
        for team in service.teams:
            if not _TEAM_ID.fullmatch(team):
                yield fault(
                    TEAM,
                    f"service:{service.name}",
                    f"{team} is no id of a team, in the teams of the service {service.name}.",
                    why="No channel can be opened in it.",
                    remedy=f"Write the group id that stands in a link to the team (groupId=…): {PLAN}",
                )
    for person in survey.definitions.people.values():
        if person.time_zone and (problem := _fault(person.time_zone)):
            yield fault(
                ZONE,
                f"person:{person.key}",
                sentence(f"The time zone of {person.name}: {problem}"),
                why="Their times without an offset are taken for UTC.",
                remedy=f"Correct it: {PLAN}",
            )


def _fault(zone: str) -> str:
    try:
        read_zone(zone)
    except ValueError as error:
        return str(error)
    return ""
