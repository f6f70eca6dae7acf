"""What is to be said about a launch that is in trouble, or that has come out of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from worker.domain.settlement import Complete, DeadLetter, IncidentSettlement, RetryLater

# Whoever waits for a launch for longer than this is told why.
_PATIENCE = timedelta(minutes=1)


class Trouble(StrEnum):
    WAITS = "waits"
    GIVEN_UP = "given-up"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Report:
    """`sentence` is the one that the dead letter has, or that says what is waited for."""

    trouble: Trouble
    sentence: str = ""

    @classmethod
    def of(cls, decided: IncidentSettlement, *, age: timedelta) -> Self | None:
        """None where there is nothing to say; `age` is the time since the incident was received."""
        match decided:
            case DeadLetter(reason=reason, description=description):
                return cls(Trouble.GIVEN_UP, f"{reason}. {description}")
            case RetryLater(because=because, delay=delay) if delay and age > _PATIENCE:
                return cls(Trouble.WAITS, because)
            case Complete():
                return cls(Trouble.OVER)
        return None
