"""Splunk's alert action Webhook, which a saved search sends with the first row of its results."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from worker.alerts.affected import titled
from worker.alerts.details import readable
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs, scalars
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import moment
from worker.domain.event import DetectionSource, Event
from worker.domain.text import clean_line

NAME = "splunk"
_FIELDS = frozenset({"sid", "search_name", "results_link"})
_TEST = Ignored("A call of Splunk has arrived that names no saved search, as a test does; it launches nothing.")
# Of what a row tells, what is affected; `host`, where others stand beside it, may be who forwarded it.
_AFFECTED = (
    "dest",
    "host",
    "hostname",
    "node",
    "pod",
    "instance",
    "device",
    "mount",
    "database",
    "queue",
    "url",
    "source",
)
_SEVERITIES = ("severity", "urgency", "priority", "log_level", "level")
_SERVICES = ("service", "service_name")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        return [_finding(_Alert.model_validate(payload), payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(
        "sid with search_name or results_link",
        lambda payload: "sid" in payload and len(payload.keys() & _FIELDS) > 1,
    ),
    minimum={"search_name": "Errors of checkout"},
)


class _Alert(Part, alias_generator=None):
    search_name: Words = ""
    app: Words = ""
    results_link: Words = ""
    result: Enriching[dict[str, Any]] = None

    @property
    def row(self) -> dict[str, str]:
        """Splunk gives the values of one field as a list where there are many."""
        return scalars({name: _first(value) for name, value in (self.result or {}).items()})

    @property
    def affected(self) -> list[str]:
        found = (clean_line(self.row.get(name, "")) for name in _AFFECTED)
        return list(dict.fromkeys(filter(None, found)))

    @property
    def fingerprint(self) -> str:
        """The search and what its row says is affected: what it counted changes with each run."""
        return digest([self.app, self.search_name, sorted(self.affected)])


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _finding(alert: _Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    name, row = clean_line(alert.search_name), alert.row
    if not name:
        return _TEST
    said = words.said(*(row.get(each) for each in _SEVERITIES))
    # Fields whose names begin so are of Splunk's own making.
    told = {field: value for field, value in (alert.result or {}).items() if not field.startswith("_")}
    return Event(
        title=titled(name, alert.affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=next((row[each] for each in _SERVICES if row.get(each)), ""),
        description=paragraphs((row.get("_raw", ""), readable(told))),
        detection_source=DetectionSource.MONITORING,
        occurred_at=moment(row.get("_time")),
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links([(alert.results_link, "Results in Splunk")]),
        resources=tuple(alert.affected),
        labels=labels(_labels(alert)),
        raw=payload,
    )


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "search", alert.search_name
    yield "app", alert.app
    yield from ((name, value) for name, value in alert.row.items() if not name.startswith("_"))
