"""What the settings say of the response: how long things wait, and what alerts may do."""

from dataclasses import dataclass

from worker.domain.last_resort import Target


@dataclass(frozen=True, slots=True)
class ResponseRules:
    """`minute_seconds`: how long a minute of any wait is. `archive_after_days`: None where channels stay open.

    `alerts_acknowledge`, `alerts_resolve`: whether what a monitoring system says of its alerts is an act, or only told.
    `members_acknowledge`: whether members of the team who are on no roster may acknowledge, and take over.
    """

    minute_seconds: float = 60.0
    archive_after_days: float | None = 7.0
    reopen_minutes: float = 10.0
    last_resort: tuple[Target, ...] = ()
    alerts_acknowledge: bool = False
    alerts_resolve: bool = False
    members_acknowledge: bool = True
