"""Definitions with an incident and what happens to it, as a file of a rehearsal holds them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from worker.domain.text import quoted
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.rehearsal import Incident
from worker.oncall.reading.build import Spelling, spelt_policy
from worker.oncall.reading.fields import MaybeWhen, Name, OneEntry, PersonName, When, text_of
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.oncall.reading.given_policy import GivenPolicy
from worker.oncall.schedule.layer import Entry
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.wall_clock import DAY, Minute

LONGEST = 400 * DAY
_TYPES = {
    **{each.value: each for each in EventType if each is not EventType.TIMER},
    "ack": EventType.ACKNOWLEDGE,
    "take": EventType.ACKNOWLEDGE,
    "unack": EventType.UNACKNOWLEDGE,
    "update": EventType.ACTIVITY,
    "note": EventType.ACTIVITY,
    "message": EventType.ACTIVITY,
}
# What people say of an event beside this, such as its words, changes nothing here.
_LENIENT = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True, populate_by_name=True)


def read_event_type(value: object) -> EventType:
    """Raises ValueError."""
    text = text_of(value).strip().casefold()
    if text not in _TYPES:
        raise ValueError(f"{quoted(text)!r} is nothing that happens to an incident; there are {', '.join(_TYPES)}")
    return _TYPES[text]


def _nobody(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Roles = Mapping[Name, OneEntry]
_PEOPLE = AliasChoices("people", "person", "to", "who", "user", "owner")
_Severity = Annotated[int, Field(ge=1, le=5)]
_MaybePerson = Annotated[PersonName | None, BeforeValidator(_nobody)]


class GivenEvent(BaseModel):
    """Who did it is `by`; of a role it is `person` or `people` who have it from then on, or nobody."""

    model_config = _LENIENT

    at: When
    type: Annotated[EventType, BeforeValidator(read_event_type)]
    by: Annotated[_MaybePerson, Field(validation_alias=AliasChoices("by", "actor"))] = None
    people: Annotated[OneEntry, Field(validation_alias=_PEOPLE)] = ()
    severity: _Severity | None = None
    role: Name | None = None
    name: Name | None = None
    policy: GivenPolicy | None = None

    @model_validator(mode="before")
    @classmethod
    def _severity_may_stand_as_to(cls, given: Any) -> Any:
        if isinstance(given, dict) and str(given.get("type")).strip().casefold() == "severity" and "to" in given:
            rest = {name: value for name, value in given.items() if name != "to"}
            return {"severity": given["to"], **rest}
        return given

    @model_validator(mode="after")
    def _says_what_its_type_needs(self) -> Self:
        check_instant("at", self.at)
        if self.type is EventType.ACKNOWLEDGE and not (self.by or self.people):
            raise ValueError("by is missing: who acknowledges is the owner")
        if self.type is EventType.SEVERITY and self.severity is None:
            raise ValueError("severity is missing: 1 to 5")
        if self.type is EventType.ROLE and self.role is None:
            raise ValueError("role is missing: which one")
        if self.type is EventType.POLICY and (self.policy is None or self.name is None):
            raise ValueError("name and policy are missing: which one, and as it is from then on")
        return self

    def event(self, spelling: Spelling) -> Event:
        by, people = self._actor_and_holders()
        policy = self.policy.policy(self.name) if self.policy and self.name else None
        return Event(
            at=self.at.minute,
            type=self.type,
            by=spelling(by) if by else "",
            severity=self.severity or 0,
            role=self.role or "",
            people=tuple(map(spelling, people)),
            policy=spelt_policy(policy, spelling) if policy else None,
        )

    def _actor_and_holders(self) -> tuple[str, Entry]:
        """A role that names nobody to have it is taken by whoever did it."""
        by = self.by or ""
        if self.type is not EventType.ROLE:
            return by or "".join(self.people[:1]), ()
        return by, self.people if "people" in self.model_fields_set or not by else (by,)


class GivenIncident(BaseModel):
    """What is known of an incident when it is opened."""

    model_config = _LENIENT

    severity: _Severity
    opened_at: When
    service: Name | None = None
    roles: Roles = {}

    @model_validator(mode="after")
    def _is_an_instant(self) -> Self:
        check_instant("opened_at", self.opened_at)
        return self

    def incident(self, roles: Roles, spelling: Spelling) -> Incident:
        """`roles` stand beside its own."""
        spelt = {role: tuple(map(spelling, people)) for role, people in {**roles, **self.roles}.items()}
        return Incident(self.severity, self.opened_at.minute, self.service, spelt)


GivenEvents = Annotated[tuple[GivenEvent, ...], Field(max_length=10_000)]


class GivenCase(GivenDefinitions):
    """A file of definitions, or such a file with what is to be rehearsed in it.

    `roles` are those of the incident. The last four fields are for whoever reads the file.
    """

    incident: GivenIncident | None = None
    roles: Roles = Field(default_factory=dict)
    events: GivenEvents = ()
    until: MaybeWhen = None
    name: Any = None
    why: Any = None
    expect: Any = None
    end: Any = None

    @model_validator(mode="after")
    def _is_an_instant(self) -> Self:
        if self.until is not None:
            check_instant("until", self.until)
        return self


EVENTS = TypeAdapter[tuple[GivenEvent, ...]](GivenEvents)


def check_instant(field: str, moment: Moment) -> None:
    """Raises ValueError: whose wall clock is meant is not known."""
    if not moment.is_instant:
        raise ValueError(f"{field}: write the time with its offset, such as {moment}Z or {moment}+01:00")


def check_times(incident: Incident, events: Sequence[Event], until: Minute) -> None:
    """Raises ValueError."""
    if not incident.opened_at <= until <= incident.opened_at + LONGEST:
        raise ValueError(f"until: must lie within {LONGEST // DAY} days after the incident was opened")
    for number, event in enumerate(events):
        if event.at < incident.opened_at:
            raise ValueError(f"events.{number}.at: lies before the incident was opened")
