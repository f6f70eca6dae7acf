"""How the escalation of one incident stands: plain values, from which everything that follows can be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from worker.oncall.definitions import Policy
from worker.oncall.schedule.wall_clock import Minute

Roles = Mapping[str, tuple[str, ...]]
"""Who has which role in the incident; a role without people is one that nobody has."""


class Status(StrEnum):
    """Escalation runs, or has run through, while it is triggered; in every other status it stands still.

    triggered: nobody has it, at the opening, once it was handed back or reopened, or after the time to answer for it
    has passed. acknowledged: the owner has it. mitigated: the harm has stopped, and no deadline runs. resolved, closed,
    declined (it was none) and merged (into another) are over.
    """

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DECLINED = "declined"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where on the walk: a round and a level, both from 1; level 0 is before the first one."""

    round: int
    level: int

    @property
    def is_last_resort(self) -> bool:
        return self.round == 0


BEGINNING = Place(1, 0)
LAST_RESORT = Place(0, 0)


class Why(StrEnum):
    """What a notification comes from."""

    OPENED = "opened"
    UNANSWERED = "unanswered"
    NOBODY_NAMED = "nobody named"
    COVERED = "covered"
    ESCALATED = "escalated"
    TIMED_OUT = "timed out"
    HANDED_BACK = "handed back"
    RELAPSED = "relapsed"
    REOPENED = "reopened"
    WORSENED = "worsened"
    UNTOLD = "untold"  # whoever was to be told could not be reached by any way


@dataclass(frozen=True, slots=True)
class Cause:
    """`people`: who did it, or who has not answered for `minutes`. `was_held`: it waited for the policy's hours."""

    why: Why
    people: tuple[str, ...] = ()
    minutes: Minute = 0
    was_held: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    """`place` was told last, by `policy` as it was written when it started; `due` is when something happens next.

    `epoch` rises with every start and stop, so that a timer of an earlier one is known as such. `started_for` is the
    worst severity that the running policy answers for. `leaving` had it and let its time pass: they are told behind
    whoever is told next. `is_uncovered`: a round named nobody, so whoever comes on call or takes a role is told then.
    """

    severity: int
    roles: Roles = field(default_factory=dict)
    status: Status = Status.TRIGGERED
    owner: str | None = None
    policy: Policy | None = None
    started_for: int = 0
    epoch: int = 0
    place: Place = BEGINNING
    due: Minute | None = None
    cause: Cause = Cause(Why.OPENED)
    leaving: str | None = None
    is_uncovered: bool = False
