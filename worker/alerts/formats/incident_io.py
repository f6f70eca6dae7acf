"""incident.io's HTTP alert source, as tools send their alerts to it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import StringConstraints, ValidationError

from worker.alerts.affected import affected_in, titled
from worker.alerts.details import readable
from worker.alerts.fields import Enriching, Part, Words, digest, first_of, labels, paragraphs, scalars
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.unmeasured import doubted, is_vanished, is_without_data
from worker.domain.event import DetectionSource, Event, EventType, Line
from worker.domain.text import clean_line

NAME = "incident-io"
_UNKNOWN = Ignored("An alert has ended, and its deduplication_key does not say which one.")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        return [_finding(_Alert.model_validate(payload), payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


def _is_borne_by(payload: Mapping[str, Any]) -> bool:
    return "deduplication_key" in payload and not payload.keys().isdisjoint({"status", "metadata", "source_url"})


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("deduplication_key with status, metadata or source_url", _is_borne_by),
    minimum={"title": "Checkout is down"},
)


class _Alert(Part, alias_generator=None):
    title: Annotated[Line, StringConstraints(min_length=1)]
    description: Words = ""
    deduplication_key: Words = ""
    status: Words = ""
    source_url: Words = ""
    metadata: Enriching[dict[str, Any]] = None

    @property
    def told(self) -> dict[str, str]:
        return {name.lower(): value for name, value in scalars(self.metadata).items()}

    @property
    def affected(self) -> list[str]:
        return affected_in(self.told)

    @property
    def type(self) -> EventType:
        if is_vanished(self.status):
            return EventType.NO_LONGER_REPORTED
        return EventType.RESOLVE if self.status.strip().lower() == "resolved" else EventType.TRIGGER


def _finding(alert: _Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    if alert.type is not EventType.TRIGGER and not alert.deduplication_key:
        return _UNKNOWN
    said = words.said(alert.told.get("severity"), alert.told.get("priority"))
    event = Event(
        type=alert.type,
        title=titled(alert.title, alert.affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=first_of(alert.told, "service"),
        description=paragraphs((alert.description, readable(alert.metadata or {}))),
        detection_source=DetectionSource.MONITORING,
        state_reason=clean_line(alert.status) if alert.type is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=digest([alert.deduplication_key]) if alert.deduplication_key else "",
        links=links([(alert.source_url, "Source"), *((value, name) for name, value in alert.told.items())]),
        resources=tuple(alert.affected),
        labels=labels(_labels(alert)),
        raw=payload,
    )
    return doubted(event, "the sender") if is_without_data(alert.status) else event


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "deduplication_key", alert.deduplication_key
    yield from alert.told.items()
