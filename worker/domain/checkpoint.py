"""The stored proof that a step began, or what it made."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.domain.states import StepState


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The stored proof that a step began, or what it made.

    `in_doubt`: its last request may have been applied. `allowance`: for how long after the row is written a request of
    that attempt may still be on its way; `clear_at`: that moment by the store's clock, on a checkpoint that was read.
    `permanent`: its error is one that no attempt will ever mend by itself.
    `made`: what it made, in a few words for people.
    `parked`: the attempt to launch that asked a person whether it was done; 0 while nobody was asked.
    """

    name: str
    state: StepState
    attempt: int
    begun_at: datetime
    ended_at: datetime | None = None
    result: str | None = None
    made: str = ""
    error: str | None = None
    permanent: bool = False
    in_doubt: bool = False
    allowance: timedelta = timedelta()
    clear_at: datetime | None = None
    parked: int = 0
