"""What somebody does to an incident: one message of the queue, known by an id of its own."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from worker.domain.moment import Moment
from worker.domain.response.actor import Actor, Name, Source
from worker.domain.text import clean, clean_line, cut
from worker.domain.validation import Matching

TEXT_LIMIT = 8_000
_ID_LIMIT = 200
_LONGEST_PROMISE = 14 * 24 * 60
_ID = Matching(r"[\x21-\x7e]+", "must be made of visible ASCII characters")
_INCIDENT = Matching(r"inc-[0-9a-hjkmnp-tv-z]{10}", "must be an incident id: `inc-` and ten characters")
_ROLE = Matching(r"[a-z][a-z0-9-]{0,39}", "must be the key of a role, as incident-commander: letters, digits, hyphens")


class ActKind(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    TAKE = "take"
    UNACKNOWLEDGE = "unacknowledge"
    UPDATE = "update"
    NOTE = "note"
    SEVERITY = "severity"
    IMPACT = "impact"
    ROLE = "role"
    MITIGATE = "mitigate"
    RELAPSE = "relapse"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    DECLINE = "decline"
    MERGE = "merge"
    CLOSE = "close"
    ESCALATE = "escalate"
    PAGE = "page"
    TIME = "time"  # to correct when something happened
    LOOK = "look"  # at a restricted incident
    # What workers do to an incident themselves.
    BEGIN = "begin"
    ALERTS = "alerts"
    OUTCOME = "outcome"  # what an effect came to that people should know of


# Taken from nobody but workers.
INTERNAL_ACTS = frozenset({ActKind.BEGIN, ActKind.ALERTS, ActKind.OUTCOME})


class Phase(StrEnum):
    """The finer word for where the work is, that an update may give."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    FIXING = "fixing"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Audience(StrEnum):
    INTERNAL = "internal"
    STAKEHOLDERS = "stakeholders"


class RoleAnswer(StrEnum):
    """To the offer of a role, or of what somebody was given."""

    ACCEPT = "accept"
    DECLINE = "decline"


Words = Annotated[str, AfterValidator(clean), AfterValidator(cut(TEXT_LIMIT))]
Names = Annotated[tuple[Name, ...], Field(max_length=50)]
SeverityNumber = Annotated[int, Field(ge=1, le=5, strict=True)]
IncidentId = Annotated[str, _INCIDENT]


def _role_key_of(given: object) -> object:
    """As people write it: `Incident Commander` is a key too."""
    return clean_line(given).casefold().replace(" ", "-").replace("_", "-") if isinstance(given, str) else given


RoleKey = Annotated[str, BeforeValidator(_role_key_of), _ROLE]


class GivenImpact(BaseModel):
    """What is known of whom it hurts; `customers`: how many, None where nobody knows. What is not given stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Words = ""
    services: Names = ()
    regions: Names = ()
    customers: Annotated[int, Field(ge=0, le=10**10, strict=True)] | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None


# What an act needs besides who and what; whatever else it may have.
_NEEDED: Mapping[ActKind, tuple[str, ...]] = {
    ActKind.NOTE: ("text",),
    ActKind.SEVERITY: ("severity",),
    ActKind.IMPACT: ("impact",),
    ActKind.ROLE: ("role",),
    ActKind.DECLINE: ("text",),
    ActKind.MERGE: ("into",),
    ActKind.PAGE: ("target",),
    ActKind.TIME: ("time",),
}
_ALLOWED: Mapping[ActKind, tuple[str, ...]] = {
    ActKind.ACKNOWLEDGE: ("text",),
    ActKind.TAKE: ("text",),
    ActKind.UNACKNOWLEDGE: ("text",),
    ActKind.UPDATE: (
        "text", "phase", "impact", "audience", "next_in_minutes", "every_minutes", "nothing_new",
    ),
    ActKind.NOTE: ("text", "is_action"),
    ActKind.SEVERITY: ("severity", "text"),
    ActKind.IMPACT: ("impact", "text"),
    ActKind.ROLE: ("role", "person", "topic", "answer", "text"),
    ActKind.MITIGATE: ("text", "next_in_minutes"),
    ActKind.RELAPSE: ("text",),
    ActKind.RESOLVE: ("text",),
    ActKind.REOPEN: ("text",),
    ActKind.DECLINE: ("text",),
    ActKind.MERGE: ("into", "text"),
    ActKind.CLOSE: ("text",),
    ActKind.ESCALATE: ("text",),
    ActKind.PAGE: ("target", "text"),
    ActKind.TIME: ("time", "value", "text"),
    ActKind.LOOK: (),
    ActKind.BEGIN: ("data",),
    ActKind.ALERTS: ("data",),
    ActKind.OUTCOME: ("data", "text"),
}  # fmt: skip
_ARGUMENTS = tuple(dict.fromkeys(name for names in _ALLOWED.values() for name in names))


class Act(BaseModel):
    """`id` is its sender's own: the same id is the same act, however often it comes.

    `at`: when it was done, if that was before it was received. `text`: the reason, the note, the words of an update.
    `person`, `target`: as a person writes them, read against the definitions by the worker.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    act: ActKind
    id: Annotated[str, StringConstraints(min_length=1, max_length=_ID_LIMIT), _ID]
    actor: Actor
    source: Source = Source.QUEUE
    at: Moment | None = None
    text: Words = ""
    severity: SeverityNumber | None = None
    impact: GivenImpact | None = None
    phase: Phase | None = None
    audience: Audience = Audience.INTERNAL
    next_in_minutes: Annotated[int, Field(ge=1, le=_LONGEST_PROMISE, strict=True)] | None = None
    every_minutes: Annotated[int, Field(ge=0, le=_LONGEST_PROMISE, strict=True)] | None = Field(
        default=None, description="How often updates are promised from now on; 0 is never."
    )
    nothing_new: bool = False
    is_action: bool = False
    role: RoleKey | None = None
    person: Name = ""
    topic: Name = ""
    answer: RoleAnswer | None = None
    into: IncidentId | None = None
    target: Name = ""
    time: Name = ""
    value: Moment | None = None
    data: dict[str, Any] = Field(default_factory=dict, description="Of what workers do themselves.")

    @model_validator(mode="after")
    def _says_what_is_needed(self) -> Self:
        for name in _NEEDED.get(self.act, ()):
            if not getattr(self, name):
                raise ValueError(f"{name}: is required with the act {self.act}")
        for name in _ARGUMENTS:
            if name not in _ALLOWED[self.act] and getattr(self, name) != type(self).model_fields[name].get_default(
                call_default_factory=True
            ):
                raise ValueError(f"{name}: says nothing of {self.act}")
        if self.act is ActKind.UPDATE and not (self.text or self.nothing_new or self.every_minutes is not None):
            raise ValueError("text: is required of an update, unless nothing is new")
        return self

    @property
    def key(self) -> str:
        """By which it is recorded: no id from outside is that of an act of our own."""
        return f"{self.act} {self.id}" if self.act in INTERNAL_ACTS else self.id

    def happened_at(self, now: datetime) -> datetime:
        """Never later than now: a clock that is ahead tells no future."""
        return min(self.at, now) if self.at is not None else now


class Outcome(BaseModel, frozen=True):
    """What an act came to, for whoever sent it. `seq`: of its last entry; 0 where it left none.

    `verdict`: done; already, as it meant what stands; refused, where the state or the person does not allow it.
    """

    verdict: str
    sentence: str
    state: str = ""
    possible: tuple[str, ...] = ()
    seq: int = 0
    forbidden: bool = Field(default=False, description="It was refused for who asked, not for how the incident stands.")


DONE, ALREADY, REFUSED = "done", "already", "refused"
