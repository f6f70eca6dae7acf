"""A group of alerts as Alertmanager sends it, and Grafana after its example: a batch, and no identity."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from worker.alerts.fields import Enriching, Part, Words, digest, first_of, labels, paragraphs, scalars
from worker.alerts.format import Ignored, Mark, NotThisFormat
from worker.alerts.links import links, unlinked_runbook
from worker.alerts.severities import ReadSeverity
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.text import clean_line

# `job` and `namespace` name who measures and where it runs; the wrong people would be called.
_SERVICE_LABELS = ("service", "service_name")
_RESOURCE_LABELS = ("instance", "pod", "host", "hostname", "node")
_NAMED_ANNOTATIONS = {"summary", "description", "runbook_url", "runbook", "impact"}


class Alert(Part):
    status: Words = ""
    labels: Enriching[dict[str, Any]] = None
    annotations: Enriching[dict[str, Any]] = None
    starts_at: AlertMoment = None
    ends_at: AlertMoment = None
    generator_url: Words = Field(default="", alias="generatorURL")
    fingerprint: Words = ""

    @property
    def tags(self) -> dict[str, str]:
        return scalars(self.labels)

    @property
    def remarks(self) -> dict[str, str]:
        return scalars(self.annotations)

    @property
    def title(self) -> str:
        rule = clean_line(self.tags.get("alertname", "")) or "Alert without a name"
        where = f" on {self.resources[0]}" if self.resources else ""
        return clean_line(self.remarks.get("summary", "")) or rule + where

    @property
    def resources(self) -> list[str]:
        named = (clean_line(self.tags.get(name, "")) for name in _RESOURCE_LABELS)
        return list(dict.fromkeys(filter(None, named)))

    @property
    def severity_words(self) -> tuple[str, ...]:
        return tuple(part.get("severity", "") for part in (self.tags, self.remarks))

    @property
    def said(self) -> str:
        return paragraphs((self.remarks.get("description", ""), unlinked_runbook(self.runbook)))

    @property
    def runbook(self) -> str:
        return first_of(self.remarks, "runbook_url", "runbook")

    @property
    def identity(self) -> str:
        """The sender's hash of the labels, or ours where it left its own out."""
        return self.fingerprint or (digest(sorted(self.tags.items())) if self.tags else "")


class Group(Part):
    status: Words = ""
    receiver: Words = ""
    truncated_alerts: Enriching[int] = None
    alerts: tuple[Enriching[Alert], ...]

    @property
    def left_out(self) -> str:
        count = self.truncated_alerts or 0
        more = "1 more alert" if count == 1 else f"{count:,} more alerts"
        return f"The sender left out {more} of this group; look there for all of them." if count > 0 else ""


@dataclass(frozen=True, slots=True)
class ParsedAlert:
    """What an alert says in the way of its format."""

    title: str
    severity: ReadSeverity
    identity: Sequence[str]
    paragraphs: Sequence[str]
    links: Sequence[tuple[str, str]]


def group_mark(version: str, field: str) -> Mark:
    return Mark(
        f"alerts with version {version} or {field}",
        lambda payload: (
            isinstance(payload.get("alerts"), list) and (str(payload.get("version")) == version or field in payload)
        ),
    )


# The kinds of group and alert are those of the format.
ParseAlert = Callable[[Any, Any], ParsedAlert]


def parse_group(name: str, payload: object, kind: type[Group], parse_alert: ParseAlert) -> Sequence[Event | Ignored]:
    """One finding per alert; raises NotThisFormat. One that cannot be read does not cost the others."""
    try:
        group = kind.model_validate(payload)
        raws = _one_by_one(payload)
        found = [_finding(name, group, alert, raw, parse_alert) for alert, raw in zip(group.alerts, raws, strict=True)]
        return found or [Ignored("The group has no alerts.")]
    except ValidationError as error:
        raise NotThisFormat.because(name, error) from None


def _one_by_one(payload: Any) -> Iterator[dict[str, Any]]:
    """Each alert as it was received with what the group says of all, without the other alerts."""
    return ({**payload, "alerts": [alert]} for alert in payload["alerts"])


def _finding(name: str, group: Group, alert: Alert | None, raw: object, parse_alert: ParseAlert) -> Event | Ignored:
    if alert is None:
        return Ignored("An alert of the group is no JSON object, and tells nothing.")
    ended = (alert.status or group.status).lower() == "resolved"
    if ended and not alert.identity:
        return Ignored("An alert of the group has ended, and names neither its fingerprint nor its labels.")
    parsed = parse_alert(group, alert)
    return Event(
        type=EventType.RESOLVE if ended else EventType.TRIGGER,
        title=parsed.title,
        severity=parsed.severity.severity,
        unread_severity=parsed.severity.unread,
        service=first_of(alert.tags, *_SERVICE_LABELS),
        description=paragraphs(parsed.paragraphs),
        impact=alert.remarks.get("impact", ""),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.starts_at,
        resolved_at=alert.ends_at if ended else None,
        source=name,
        fingerprint=digest([*parsed.identity, alert.identity]) if alert.identity else "",
        links=links(parsed.links),
        resources=tuple(alert.resources),
        labels=labels(_labels(alert)),
        raw=raw,
    )


def _labels(alert: Alert) -> Iterator[tuple[str, str]]:
    for name, value in (*alert.tags.items(), *alert.remarks.items()):
        # Names that begin so are the sender's own, for links that it makes itself.
        if name not in _NAMED_ANNOTATIONS and not name.startswith("__"):
            yield name, value
