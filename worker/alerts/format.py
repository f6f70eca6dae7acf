"""What an alert format is, from its mark to what its parser gives."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from worker.alerts import alert_limit
from worker.alerts.severities import UNCHANGED, Severities, SeverityWords
from worker.domain.errors import Undecodable
from worker.domain.event import Event, Severity
from worker.domain.measured_labels import SERVICE_LABELS
from worker.domain.validation import Fault, field_faults

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ignored:
    """An alert that is understood and launches nothing; the reason is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut(Ignored):
    """So many alerts of one call or message are not read, since it carries too many."""

    count: int

    @classmethod
    def of(cls, count: int) -> "LeftOut":
        more = "1 more alert of the same call was" if count == 1 else f"{count:,} more alerts of the same call were"
        look = "look at the sender for all of them, and let it send fewer at once (max_alerts)"
        return cls(f"{more} left out by Tocsin, which reads {alert_limit.ALERTS_LIMIT:,} of one; {look}.", count)


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
Parse = Callable[[object, SeverityWords], Sequence[Event | Ignored]]


@dataclass(frozen=True, slots=True)
class Mark:
    """What the senders of a format never leave out of a payload."""

    looked_for: str
    is_in: Callable[[Payload], bool]
    in_lists: bool = False

    def is_borne_by(self, payload: object) -> bool:
        if isinstance(payload, list):
            return self.in_lists and any(isinstance(part, dict) and self.is_in(part) for part in payload)
        return isinstance(payload, dict) and self.is_in(payload)


@dataclass(frozen=True, slots=True)
class Format:
    """One monitoring system's way to tell of its alerts."""

    name: str  # that of the address, of the property `tocsin-format`, and of the file with hyphens
    parse: Parse
    mark: Mark
    minimum: Payload  # an alert of nothing but the fields that can cost it; each other field only enriches
    words: Mapping[str, Severity] = field(default_factory=dict)  # only those that mean something else here

    def read(
        self, payload: object, severities: Severities = UNCHANGED, service_labels: Sequence[str] = SERVICE_LABELS
    ) -> Sequence[Event | Ignored]:
        """Of too many alerts the most important ones, and a LeftOut; raises NotThisFormat, naming the field."""
        words = self.severity_words(severities, service_labels)
        part, count = alert_limit.within_limit(payload, words.find)
        found = self.parse(part, words)
        return [*found, LeftOut.of(count)] if count else found

    def severity_words(self, severities: Severities, service_labels: Sequence[str] = SERVICE_LABELS) -> SeverityWords:
        return SeverityWords(self.name, self.words, severities, service_labels)


def up_to_limit(read: Callable[[Any, int], Iterable[Event | Ignored]], parts: Sequence[Any]) -> list[Event | Ignored]:
    """What is read of these parts and their places, each of which may carry many alerts."""
    found: list[Event | Ignored] = []
    for place, part in enumerate(parts):
        if len(found) >= alert_limit.ALERTS_LIMIT:
            return [*found, LeftOut.of(len(parts) - place)]
        found += read(part, place)
    return found


def recognised(payload: object, formats: Iterable[Format]) -> Format | None:
    """The first whose mark the payload bears."""
    return next((each for each in formats if each.mark.is_borne_by(payload)), None)
