"""One event of a service of Azure, and what it says of an alert."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worker.alerts.affected import titled
from worker.alerts.azure_monitor.resource_names import resource_name
from worker.alerts.fields import digest, labels, paragraphs
from worker.alerts.format import Ignored
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import moment
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.text import clean_line

SOURCE = "event-grid"


def name_of(resource_id: str) -> str:
    """As people know it; of what has nothing but a number, that."""
    return resource_name(resource_id) or clean_line(resource_id.rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class Notice:
    """`type`: as the service names it; `source`: the id of what the topic is of."""

    type: str
    source: str
    subject: str
    published_at: datetime | None
    data: Mapping[str, Any]

    def text(self, *path: str) -> str:
        """What stands there, in whatever case the names are; nothing where it is no text and no number."""
        value = self.part(*path)
        return clean_line(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""

    def part(self, *path: str) -> Any:
        value: Any = self.data
        for name in path:
            value = _member(value, name)
        return value

    def time(self, *path: str) -> datetime | None:
        return moment(self.part(*path)) or self.published_at


def _member(value: object, name: str) -> object:
    named = value.items() if isinstance(value, dict) else ()
    return next((each for key, each in named if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert of a notice is, whatever service it is of; `identity` is the same at its beginning and its end."""

    title: str
    identity: Sequence[str]
    affected: Sequence[str] = ()
    severity: Severity = Severity.MEDIUM
    word: str = ""  # the service's own, which settings may give another severity
    kind: EventType = EventType.TRIGGER
    at: datetime | None = None
    began_at: datetime | None = None
    state_reason: str = ""
    description: Sequence[str] = ()
    service: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


# Raises nothing: what cannot be read is told as far as it can be.
ReadNotice = Callable[[Notice], Told | Ignored]


def event_of(notice: Notice, told: Told, words: SeverityWords) -> Event:
    begins = told.kind is EventType.TRIGGER
    return Event(
        type=told.kind,
        title=titled(told.title, told.affected),
        severity=words.find(told.word) or told.severity,
        service=told.service,
        description=paragraphs(told.description),
        detection_source=DetectionSource.MONITORING,
        occurred_at=(told.began_at or told.at or notice.published_at) if begins else told.began_at,
        resolved_at=None if begins else told.at or notice.published_at,
        state_reason=told.state_reason,
        source=SOURCE,
        fingerprint=digest([part.lower() for part in told.identity]),
        links=links([(notice.text("portalLink"), "Azure portal")]),
        resources=tuple(dict.fromkeys(filter(None, map(clean_line, told.affected)))),
        labels=labels(told.labels.items()),
    )
