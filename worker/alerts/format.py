"""What a parser of an alert format gives, and how it refuses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from worker.alerts.severities import Severities
from worker.domain.errors import Undecodable
from worker.domain.event import Event
from worker.domain.validation import Fault, field_faults


@dataclass(frozen=True, slots=True)
class Ignored:
    """An alert that is understood and launches nothing; the reason is a sentence."""

    reason: str


class NotThisFormat(Undecodable):
    """The payload is not of the format it was sent as; names every field at fault."""

    def __init__(self, format_name: str, faults: Sequence[Fault]) -> None:
        self.named = "; ".join(f"{fault.field}: {fault.message}" for fault in faults)
        super().__init__(f"The alert is not of the format {format_name}: {self.named}.")
        self.format_name = format_name
        self.faults = tuple(faults)

    @classmethod
    def because(cls, format_name: str, error: ValidationError) -> "NotThisFormat":
        return cls(format_name, field_faults(error))


# One call may carry many alerts, so a parser gives many findings; it raises NotThisFormat and nothing else.
Format = Callable[[object, Severities], Sequence[Event | Ignored]]
