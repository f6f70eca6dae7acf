"""Rows that are a thing by themselves: a person, a service, a policy, an absence."""

from typing import Any

from worker.oncall.definitions import PersonRecord, Policy, ServiceRecord
from worker.oncall.reading.given_definitions import GivenPerson, GivenService
from worker.oncall.reading.given_policy import GivenPolicy
from worker.oncall.reading.given_schedule import GivenAbsence
from worker.oncall.stored.columns import Findings, json_or_text, read
from worker.oncall.stored.row import StoredRow

_LISTS = ("schedules", "policies", "teams", "words")
_POLICY = ("levels", "severities", "repeat", "last_resort", "ack_timeout", "hours")


def read_person(name: str, row: StoredRow, found: Findings) -> PersonRecord | None:
    given = row.named(*GivenPerson.model_fields)
    person = read(GivenPerson, row, given, found, needed=["email"])
    return person.record(name) if person else None


def read_service(name: str, row: StoredRow, found: Findings) -> ServiceRecord | None:
    given: dict[str, Any] = dict(row.named(*GivenService.model_fields))
    given |= {column: _list(given[column]) for column in _LISTS if column in given}
    service = read(GivenService, row, given, found, needed=[])
    return service.record(name) if service else None


def read_policy(name: str, row: StoredRow, found: Findings) -> Policy | None:
    given: dict[str, Any] = {}
    for column, text in row.named(*_POLICY).items():
        try:
            given[column] = _hours(text) if column == "hours" else json_or_text(text)
        except ValueError as error:
            found.of(row, f"{column}: {error}")
            return None
    policy = read(GivenPolicy, row, given, found, needed=_POLICY)
    return policy.policy(name) if policy else None


def _list(text: str) -> Any:
    """As JSON where names hold what would part them; a name may begin with a bracket for all that."""
    try:
        return json_or_text(text)
    except ValueError:
        return text


def _hours(text: str) -> Any:
    """JSON, or the zone and its windows in one line; raises ValueError."""
    hours = json_or_text(text)
    if not isinstance(hours, str):
        return hours
    zone, _, windows = hours.partition(";")
    return {"time_zone": zone.strip(), "windows": windows}


def read_absence(row: StoredRow, key: str, found: Findings) -> GivenAbsence | None:
    """`key` is `<person>:<UTC start>`: it says what the columns do not."""
    person, _, start = key.partition(":")
    given = {"person": person, "from": start, **row.named("person", "from", "to", "reason")}
    return read(GivenAbsence, row, given, found, needed=["person", "from", "to"])
