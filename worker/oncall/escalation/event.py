"""What happens to an incident, as far as its escalation goes."""

from dataclasses import dataclass
from enum import StrEnum

from worker.oncall.definitions import Policy
from worker.oncall.schedule.wall_clock import Minute


class EventType(StrEnum):
    """TIMER: time has passed; it may come early or late. ACTIVITY: an update, a note, a message that mentions it.

    POLICY: definitions were edited, which counts for the next start.
    """

    TIMER = "timer"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    ESCALATE = "escalate"
    ACTIVITY = "activity"
    SEVERITY = "severity"
    ROLE = "role"
    MITIGATE = "mitigate"
    RELAPSE = "relapse"
    RESOLVE = "resolve"
    CLOSE = "close"
    DECLINE = "decline"
    MERGE = "merge"
    REOPEN = "reopen"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Event:
    """`people` have `role` from then on; none of them: nobody does."""

    at: Minute
    type: EventType
    by: str = ""
    severity: int = 0
    role: str = ""
    people: tuple[str, ...] = ()
    policy: Policy | None = None
