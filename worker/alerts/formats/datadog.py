"""Datadog's webhook, with the payload of `datadog_template.json` pasted into it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import AfterValidator, Field, ValidationError

from worker.alerts.fields import Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.text import clean_line
from worker.domain.validation import Fault

NAME = "datadog"
SCHEMA = "datadog-incident-launch/1"
_FORM_FIELDS = 20
_OTHER_TEMPLATE = Fault(
    "schema",
    f"must be {SCHEMA}: paste worker/alerts/formats/datadog_template.json as the payload of the webhook",
)


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        if alert.template != SCHEMA:
            raise NotThisFormat(NAME, [_OTHER_TEMPLATE])
        return [_finding(alert, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(f"schema {SCHEMA}", lambda payload: payload.get("schema") == SCHEMA),
    minimum={"schema": SCHEMA},
)


def of_form(body: bytes) -> bytes | None:
    """The JSON in the field `payload` of a form, as the switch `Encode as form` sends it; None without the field."""
    try:
        fields = parse_qs(body.decode(), max_num_fields=_FORM_FIELDS)
    except ValueError:
        return None
    return fields["payload"][0].encode() if "payload" in fields else None


def _finding(alert: "_Alert", payload: object, words: SeverityWords) -> Event | Ignored:
    if alert.has_recovered and not alert.fingerprint:
        return Ignored("Datadog reports that something has recovered, and does not say what.")
    said = _severity(alert, words)
    return Event(
        type=EventType.RESOLVE if alert.has_recovered else EventType.TRIGGER,
        title=clean_line(alert.title or alert.status) or "Datadog alert",
        severity=said.severity,
        unread_severity=said.unread,
        service=next((value for name, value in alert.tagged if name == "service"), ""),
        description=paragraphs((alert.body, alert.status)),
        detection_source=DetectionSource.MONITORING,
        # A recovery is dated by itself, and does not say when that began which it ends.
        occurred_at=None if alert.has_recovered else alert.date,
        resolved_at=(alert.last_updated or alert.date) if alert.has_recovered else None,
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links(((alert.link, "Event in Datadog"), (alert.snapshot, "Graph"))),
        resources=tuple(_resources(alert)),
        labels=labels(_labels(alert)),
        raw=payload,
    )


def _unset_is_absent(value: str) -> str:
    """A variable without a value arrives as its own name."""
    return "" if re.fullmatch(r"\$[A-Z_]+", value.strip()) else value


Variable = Annotated[Words, AfterValidator(_unset_is_absent)]


class _Alert(Part, alias_generator=None):
    template: Variable = Field(default="", alias="schema")
    id: Variable = ""
    alert_id: Variable = ""
    alert_cycle_key: Variable = ""
    aggreg_key: Variable = ""
    title: Variable = ""
    body: Variable = ""
    transition: Variable = ""
    alert_type: Variable = ""
    priority: Variable = ""
    status: Variable = ""
    scope: Variable = ""
    hostname: Variable = ""
    tags: Variable = ""
    date: AlertMoment = None
    last_updated: AlertMoment = None
    link: Variable = ""
    snapshot: Variable = ""
    org_id: Variable = ""

    @property
    def has_recovered(self) -> bool:
        return "recovered" in self.transition.lower()

    @property
    def warns(self) -> bool:
        return "warn" in self.transition.lower()

    @property
    def tagged(self) -> list[tuple[str, str]]:
        """What the alert is split by, and what its monitor is tagged with; a tag without a value is its own."""
        parts = (tag.partition(":") for tag in _listed(self.scope) + _listed(self.tags))
        return [(name, value or name) for name, _, value in parts]

    @property
    def fingerprint(self) -> str:
        monitor = self.aggreg_key or self.alert_id
        # The scope beside it: a key that aggregates a monitor's groups would make one alert of them.
        return digest([self.org_id, monitor, sorted(_listed(self.scope))]) if monitor else ""


def _listed(text: str) -> list[str]:
    return [part for part in map(clean_line, text.split(",")) if part]


def _severity(alert: _Alert, words: SeverityWords) -> ReadSeverity:
    said = words.said(alert.priority, alert.alert_type)
    # A priority is the monitor's, and the same for its warnings; a type is the alert's own.
    lowered = alert.warns and words.find(alert.priority)
    return replace(said, severity=Severity(min(said.severity + 1, Severity.INFORMATION))) if lowered else said


def _resources(alert: _Alert) -> Iterator[str]:
    hosts = (value for name, value in alert.tagged if name in {"host", "hostname"})
    yield from dict.fromkeys(filter(None, (clean_line(alert.hostname), *hosts)))


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "event", alert.id
    yield "monitor", alert.alert_id
    yield "cycle", alert.alert_cycle_key
    yield "transition", alert.transition
    yield from alert.tagged
