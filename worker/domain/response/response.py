"""How the response to an incident stands: the fold of its entries, kept in one row beside them."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, Field

from worker.domain.response.act import GivenImpact
from worker.domain.response.actor import Actor
from worker.domain.response.entry import Entry
from worker.domain.response.state import RUNNING, ResponseState
from worker.domain.response.timer import Timer, TimerKind

_ENDED_SPANS_KEPT = 200


class PersonRef(BaseModel, frozen=True):
    """`person` is what the definitions call them, else their address, else their Entra object id."""

    person: str
    name: str
    email: str = ""
    object_id: str | None = None


class RoleSpan(BaseModel, frozen=True):
    """Who had which role, from when until when; `until` is None while they have it. `topic` is an expert's subject.

    `awaited_since`: since when a sign of life is awaited of them, if it is; `confirmed_at`: when they gave one;
    `asked_at`: when the channel was asked for it.
    `goes_with_owner`: it is whoever's the incident is, until somebody gives it to a person. `ended_with_incident`: they
    had it to its end, and it is theirs again should that be reopened.
    """

    role: str
    person: PersonRef
    since: datetime
    until: datetime | None = None
    given_by: Actor
    topic: str = ""
    awaited_since: datetime | None = None
    confirmed_at: datetime | None = None
    asked_at: datetime | None = None
    goes_with_owner: bool = False
    ended_with_incident: bool = False


def newest_spans(spans: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As JSON, those that last, and of those that ended the newest: the entries have all, and the row has an end."""
    ended = sum(span.get("until") is not None for span in spans)
    skipped = itertools.count(ended - _ENDED_SPANS_KEPT, -1)
    return [span for span in spans if span.get("until") is None or next(skipped) <= 0]


class RoleOffer(BaseModel, frozen=True):
    """A role that waits for the one to whom it is handed over to accept it."""

    role: str
    person: PersonRef
    offered_at: datetime
    by: Actor
    asked_at: datetime | None = None


class TimeValue(BaseModel, frozen=True):
    """One of the times of an incident. `source` is alert, person, sender or clock."""

    value: datetime
    source: str
    recorded_at: datetime
    by: str = ""


class Impact(GivenImpact):
    """The newest statement of whom it hurts."""

    stated_at: datetime | None = None
    stated_by: str = ""


class Promise(BaseModel, frozen=True):
    """That the next update comes by `due_at`; `reminded`: how far its reminders are.

    0 before the first of them, 1 behind it, 2 once it is overdue, 3 once it is so by a whole interval.
    `reminded_at`: when the last of them came.
    """

    due_at: datetime
    made_at: datetime
    reminded: int = 0
    reminded_at: datetime | None = None


class UpdateSent(BaseModel, frozen=True):
    """The newest update."""

    at: datetime
    by: str
    phase: str = ""
    text: str = ""


class PolicyClock(BaseModel, frozen=True):
    """Where minutes of a policy are not minutes of the wall: both clocks at one moment."""

    wall: datetime
    policy: datetime
    minute_seconds: float = 60.0


class Response(BaseModel, frozen=True):
    """`since`, `by`: of the state. `severity_by_person`: a person has set it, so alerts change it no more.

    `owner_since`: since when it is the owner's. `told`: everybody who was paged so far. `escalation`: how that stands,
    as `lifecycle/escalation` writes it. `alerts`: firing or resolved, empty while nobody said. `restricted`: only its
    members see what it says.
    """

    incident_id: str
    seq: int = 0
    state: ResponseState = ResponseState.OPEN
    since: datetime
    by: str = ""
    severity: int
    severity_by_person: bool = False
    service: str = ""
    title: str = ""
    severe_since: datetime | None = Field(default=None, description="Of severity 1; None while it is milder.")
    owner: PersonRef | None = None
    owner_since: datetime | None = None
    phase: str = ""
    impact: Impact | None = None
    impact_asked: bool = False
    scribe_asked: bool = False
    actions: int = Field(default=0, description="How many action items were noted.")
    roles: tuple[RoleSpan, ...] = ()
    offers: tuple[RoleOffer, ...] = ()
    times: dict[str, TimeValue] = Field(default_factory=dict)
    promise: Promise | None = None
    update_every: int | None = Field(default=None, description="Minutes; None: as usual for the severity; 0: never.")
    last_update: UpdateSent | None = None
    promises_kept: int = 0
    promises_broken: int = 0
    escalation: dict[str, Any] | None = None
    clock: PolicyClock | None = None
    timers: dict[TimerKind, Timer] = Field(default_factory=dict)
    told: tuple[PersonRef, ...] = ()
    alerts: str = ""
    alerts_firing: int = 0
    alerts_severity: int | None = Field(default=None, description="The worst that alerts gave it.")
    merged_into: str = ""
    merged_from: tuple[str, ...] = ()
    declined_because: str = ""
    reopened: int = 0
    pain_seconds: float = Field(default=0.0, description="Of earlier times that it was open, until it was resolved.")
    running_since: datetime | None = Field(default=None, description="Where it was reopened: since the last time.")
    reviews_asked: int = Field(default=0, description="How often it was asked for the review and the end.")
    archived_by: int = Field(default=0, description="The entry that has its channel archived; 0 while it is open.")
    restricted: bool = False
    members: tuple[PersonRef, ...] = ()
    is_record: bool = Field(default=False, description="It was over when it was recorded: nobody is called for it.")

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    def has(self, role: str) -> tuple[PersonRef, ...]:
        """Who has the role now."""
        return tuple(span.person for span in self.roles if span.role == role and span.until is None)

    @property
    def next_due(self) -> datetime | None:
        return min((timer.due_at for timer in self.timers.values() if timer.due_at is not None), default=None)

    def folded(self, entry: Entry) -> Self:
        """As it stands after the entry."""
        known = self.model_dump(mode="json")
        return type(self).model_validate({**known, **entry.sets, "seq": entry.seq})


def fold(opened: Response, entries: Iterable[Entry]) -> Response:
    """What all entries come to, in their order; `opened` is before the first one."""
    state = opened
    for entry in entries:
        state = state.folded(entry)
    return state
