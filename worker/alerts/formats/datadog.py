"""Datadog's webhook, with the payload of `datadog_template.json` pasted into it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qs

from pydantic import AfterValidator, Field, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Part, Words, digest, labels, paragraphs, tag
from worker.alerts.format import Format, Ignored, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.template import Template, unset_is_absent
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted, is_vanished
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.text import clean_line

NAME = "datadog"
SCHEMA = "datadog-incident-launch/1"
_TEMPLATE = Template(NAME, SCHEMA, "paste worker/alerts/formats/datadog_template.json as the payload of the webhook")
_FORM_FIELDS = 20
_UNSET = re.compile(r"\$[A-Z_]+")
# Time alone made the monitor calm: Datadog resolves so what has no data any more.
_CALMED_BY_TIME = re.compile(
    r"\bauto(?:matically)?[ -]?resolved\b|\bresolved (?:automatically|(?:by|after|due to) (?:a |the )?time-?out)\b",
    re.IGNORECASE,
)
_NOTHING_MEASURED = re.compile(r"\b(?:no|missing) data\b", re.IGNORECASE)
_PREFIX = re.compile(r"\[([^\[\]]{1,80})\]")
_ABOUT_ALL = "*"
_HOSTS = frozenset({"host", "hostname"})


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        _TEMPLATE.check(alert.template)
        return [_finding(alert, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=_TEMPLATE.mark,
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
    if not alert.fires and not alert.fingerprint:
        return Ignored(
            "Datadog reports that something has recovered or is not watched any more, and does not say what."
        )
    said = _severity(alert, words)
    affected = tuple(_affected(alert))
    event = Event(
        type=alert.type,
        title=titled(clean_line(alert.title or alert.status) or "Datadog alert", affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=next((value for name, value in alert.tagged if name == "service"), ""),
        description=paragraphs((alert.body, alert.status)),
        detection_source=DetectionSource.MONITORING,
        # A recovery is dated by itself, and does not say when that began which it ends.
        occurred_at=alert.date if alert.fires else None,
        resolved_at=None if alert.fires else (alert.last_updated or alert.date),
        state_reason=alert.unmeasured,
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links(((alert.link, "Event in Datadog"), (alert.snapshot, "Graph"))),
        resources=affected,
        labels=labels(_labels(alert)),
        raw=payload,
    )
    return doubted(event, "Datadog") if alert.has_no_data else event


Variable = Annotated[Words, AfterValidator(unset_is_absent(_UNSET))]


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
    def state(self) -> str:
        """The transition; where it is not filled in, what stands before the title, as `P3 Recovered`."""
        return self.transition or " ".join(found.partition(" on ")[0] for found in _PREFIX.findall(self.title[:500]))

    @property
    def type(self) -> EventType:
        if self.unmeasured:
            return EventType.NO_LONGER_REPORTED
        return EventType.RESOLVE if self.has_recovered else EventType.TRIGGER

    @property
    def fires(self) -> bool:
        return self.type is EventType.TRIGGER

    @property
    def has_recovered(self) -> bool:
        return "recovered" in self.state.lower()

    @property
    def has_no_data(self) -> bool:
        return self.fires and _NOTHING_MEASURED.search(self.state) is not None

    @property
    def unmeasured(self) -> str:
        """Why the end of an alert rests on no measurement; empty where it does, and where the alert goes on."""
        if vanished := next((word for word in self.state.split() if is_vanished(word)), ""):
            return vanished
        if not self.has_recovered:
            return ""
        if any(map(_CALMED_BY_TIME.search, (self.state, self.status, self.body))):
            return "automatically resolved"
        # Data that came back were measured.
        return "no data" if _NOTHING_MEASURED.search(self.status) and not _NOTHING_MEASURED.search(self.state) else ""

    @property
    def warns(self) -> bool:
        return "warn" in self.state.lower()

    @property
    def tagged(self) -> list[tuple[str, str]]:
        """What the alert is split by, and what its monitor is tagged with."""
        return [*map(tag, _listed(self.scope)), *map(tag, _listed(self.tags))]

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


def _affected(alert: _Alert) -> Iterator[str]:
    """Hosts, then whatever else the alert is split by; the environment says least."""
    hosts = [value for name, value in alert.tagged if name in _HOSTS]
    others = [
        value
        for name, value in sorted(map(tag, _listed(alert.scope)), key=lambda part: part[0] == "env")
        if name not in _HOSTS
    ]
    found = (clean_line(alert.hostname), *hosts, *others)
    yield from dict.fromkeys(name for name in found if name.strip(_ABOUT_ALL))


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "event", alert.id
    yield "monitor", alert.alert_id
    yield "cycle", alert.alert_cycle_key
    yield "transition", alert.transition
    yield from alert.tagged
