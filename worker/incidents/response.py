"""How the response to an incident stands, as the command line and the intake show it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from worker.domain.response.entry import Entry
from worker.domain.response.response import Response, RoleSpan
from worker.domain.response.timer import TimerKind
from worker.incidents.times import times_of


class ShownPerson(BaseModel, frozen=True):
    """`person` is what the definitions call them, else their address, else their Entra object id."""

    person: str
    name: str


class ShownRole(BaseModel, frozen=True, populate_by_name=True):
    """Who had which role, from when until when; `to` is null while they have it."""

    role: str
    person: str
    name: str
    since: datetime = Field(alias="from")
    until: datetime | None = Field(default=None, alias="to")
    topic: str = ""


class ShownEscalation(BaseModel, frozen=True):
    """`level` is 0 before the first was told, or last-resort; `due_at` is null while nothing is awaited."""

    policy: str
    status: str = ""
    round: int
    level: int | str
    due_at: datetime | None = None


class ShownImpact(BaseModel, frozen=True):
    text: str = ""
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    customers: int | None = Field(default=None, description="How many; null where nobody knows.")
    started_at: datetime | None = None
    ended_at: datetime | None = None
    stated_at: datetime | None = None
    stated_by: str = ""


class ShownTime(BaseModel, frozen=True):
    value: datetime
    source: str
    recorded_at: datetime
    by: str = ""


class ShownResponse(BaseModel, frozen=True):
    """The shape of `response`, to which fields may be added; neither the launch nor the alerts say anything of it."""

    state: str
    since: datetime
    by: str
    owner: ShownPerson | None = None
    severity: int
    phase: str = ""
    impact: ShownImpact | None = None
    roles: tuple[ShownRole, ...] = ()
    next_update_at: datetime | None = None
    escalation: ShownEscalation | None = None
    times: dict[str, ShownTime] = Field(default_factory=dict)
    alerts: str = Field(default="", description="firing or resolved; empty while nobody said.")
    merged_into: str | None = None
    restricted: bool = False
    seq: int = Field(description="Of the newest entry.")


class ShownActor(BaseModel, frozen=True):
    kind: str
    id: str
    name: str


class ShownEntry(BaseModel, frozen=True, populate_by_name=True):
    """One line of the log. `at`: when it happened; `recorded_at`: when it was written; `from`: by which door."""

    seq: int
    at: datetime
    recorded_at: datetime
    kind: str
    actor: ShownActor
    source: str = Field(alias="from")
    text: str
    data: dict[str, Any] = Field(default_factory=dict)


class Timeline(BaseModel, frozen=True):
    """The shape of `GET /v1/incidents/{id}/timeline`: in the order in which it happened."""

    incident_id: str
    entries: tuple[ShownEntry, ...]


def shown_response(response: Response, launched_at: datetime | None) -> ShownResponse:
    """`launched_at`: when its launch ended, which the response does not know."""
    owner = response.owner
    return ShownResponse(
        state=response.state.value,
        since=response.since,
        by=response.by,
        owner=ShownPerson(person=owner.person, name=owner.name) if owner else None,
        severity=response.severity,
        phase=response.phase,
        impact=ShownImpact.model_validate(response.impact.model_dump()) if response.impact else None,
        roles=tuple(_role(span) for span in response.roles),
        next_update_at=response.promise.due_at if response.promise else None,
        escalation=_escalation(response),
        times={
            name: ShownTime.model_validate(value.model_dump())
            for name, value in times_of(response.times, launched_at).items()
        },
        alerts=response.alerts,
        merged_into=response.merged_into or None,
        restricted=response.restricted,
        seq=response.seq,
    )


def listed_response(response: Response, launched_at: datetime | None) -> ShownResponse:
    """Among others: without what a restricted one says."""
    shown = shown_response(response, launched_at)
    return shown.model_copy(update={"impact": None, "phase": ""}) if response.restricted else shown


def shown_entries(entries: Iterable[Entry]) -> tuple[ShownEntry, ...]:
    """Those that say something, as they were recorded."""
    return tuple(_entry(entry) for entry in entries if entry.text)


def timeline(incident_id: str, entries: Iterable[Entry]) -> Timeline:
    shown = sorted(shown_entries(entries), key=lambda entry: (entry.at, entry.seq))
    return Timeline(incident_id=incident_id, entries=tuple(shown))


def _role(span: RoleSpan) -> ShownRole:
    person = span.person
    return ShownRole(
        role=span.role,
        person=person.person,
        name=person.name,
        since=span.since,
        until=span.until,
        topic=span.topic,
    )


def _entry(entry: Entry) -> ShownEntry:
    actor = entry.actor
    return ShownEntry(
        seq=entry.seq,
        at=entry.at,
        recorded_at=entry.recorded_at,
        kind=entry.kind,
        actor=ShownActor(kind=actor.kind.value, id=actor.id, name=actor.spoken),
        source=entry.source.value,
        text=entry.text,
        data=entry.data,
    )


def _escalation(response: Response) -> ShownEscalation | None:
    """Of what the escalation keeps, where it stands; whatever else it keeps is its own."""
    match response.escalation:
        case {"state": {**state}}:
            place = _mapping(state.get("place"))
            timer = response.timers.get(TimerKind.ESCALATION)
            round_ = int(place.get("round", 0))
            return ShownEscalation(
                policy=str(_mapping(state.get("policy")).get("name", "")),
                status=str(state.get("status", "")),
                round=round_,
                level=int(place.get("level", 0)) if round_ else "last-resort",
                due_at=timer.due_at if timer else None,
            )
        case _:
            return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
