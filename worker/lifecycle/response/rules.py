"""What the settings say of the response: how long things wait, and what alerts may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from worker.domain.last_resort import Target
from worker.domain.update_cadence import Cadence, usual_cadence


@dataclass(frozen=True, slots=True)
class ResponseRules:
    """`minute_seconds`: how long a minute of any wait is. `archive_after_days`: None where channels stay open.

    `alerts_acknowledge`, `alerts_resolve`: whether what a monitoring system says of its alerts is an act, or only told.
    `members_acknowledge`: whether members of the team who are on no roster may acknowledge, and take over.
    `cadence` by severity; of one that has none no update is promised. The other waits are in minutes.
    """

    minute_seconds: float = 60.0
    archive_after_days: float | None = 7.0
    reopen_minutes: float = 10.0
    last_resort: tuple[Target, ...] = ()
    alerts_acknowledge: bool = False
    alerts_resolve: bool = False
    members_acknowledge: bool = True
    cadence: Mapping[int, Cadence] = field(default_factory=usual_cadence)
    remind_before: float = 5.0
    overdue_after: float = 10.0
    confirm_within: float = 5.0
    impact_within: float = 5.0
    scribe_within: float = 15.0
