"""A group of alerts as Alertmanager sends it, and Grafana after its example: a batch, and no identity."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from worker.alerts.affected import is_named, titled
from worker.alerts.fields import Enriching, Part, Words, digest, first_of, labels, paragraphs, scalars
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.links import links, unlinked_runbook
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import LEFT_OUT_LIMIT, DetectionSource, Event, EventType
from worker.domain.instance_address import host_of
from worker.domain.measured_labels import MeasuredLabels
from worker.domain.text import clean_line
from worker.domain.validation import Fault

_NAMED_ANNOTATIONS = {"summary", "description", "runbook_url", "runbook", "impact"}
# What a group says of all its alerts is carried with each of them: so many characters of it altogether.
_SHARED_LIMIT = 8_000_000
_LEFT_OUT = "Left out: too large to be carried with each alert of the group."
# Of a name that is part of an identity, which is hashed for each alert.
_NAME_LIMIT = 2_048

Name = Annotated[Words, AfterValidator(lambda name: name[:_NAME_LIMIT])]


class Alert(Part):
    status: Words = ""
    labels: Enriching[dict[str, Any]] = None
    annotations: Enriching[dict[str, Any]] = None
    starts_at: AlertMoment = None
    ends_at: AlertMoment = None
    generator_url: Words = Field(default="", alias="generatorURL")
    fingerprint: Words = ""

    @cached_property
    def tags(self) -> dict[str, str]:
        return scalars(self.labels)

    @cached_property
    def remarks(self) -> dict[str, str]:
        return scalars(self.annotations)

    @cached_property
    def measured_labels(self) -> MeasuredLabels:
        return MeasuredLabels(self.tags)

    @property
    def rule(self) -> str:
        return clean_line(self.tags.get("alertname", "")) or "Alert without a name"

    @property
    def title(self) -> str:
        return self.told_of(clean_line(self.remarks.get("summary", "")) or self.rule)

    def told_of(self, title: str) -> str:
        """With what is affected, where the title does not name it."""
        sentence = title.rstrip(".")
        named = titled(sentence, [_as_in(sentence, resource) for resource in self.resources])
        return title if named == sentence else named

    @property
    def resources(self) -> Sequence[str]:
        return self.measured_labels.affected

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
    receiver: Name = ""
    truncated_alerts: Enriching[int] = None
    alerts: tuple[Enriching[Alert], ...]

    def says_ended(self, alert: Alert) -> bool:
        return (alert.status or self.status).lower() == "resolved"

    @property
    def left_out_count(self) -> int:
        return min(max(self.truncated_alerts or 0, 0), LEFT_OUT_LIMIT)

    @property
    def left_out(self) -> str:
        count = self.left_out_count
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
    unmeasured_end: str | None = None  # the sender's reason where an end rests on no measurement


def _as_in(title: str, resource: str) -> str:
    """A host stands for its instance where a title names it without its port."""
    host = host_of(resource)
    return host if is_named(host, title) else resource


# The kinds of group and alert are those of the format.
ParseAlert = Callable[[Any, Any], ParsedAlert]


def version_of(payload: object) -> str:
    """As the sender wrote it; empty where it says none."""
    version = payload.get("version") if isinstance(payload, Mapping) else None
    is_one = isinstance(version, str | int) and not isinstance(version, bool)
    return clean_line(str(version)[:_NAME_LIMIT])[:20] if is_one else ""


def refuse(name: str, field: str, sentence: str) -> NotThisFormat:
    return NotThisFormat(name, [Fault(field, sentence)])


def parse_group(
    words: SeverityWords, payload: object, kind: type[Group], parse_alert: ParseAlert
) -> Sequence[Event | Ignored]:
    """One finding per alert; raises NotThisFormat. One that cannot be read does not cost the others."""
    try:
        group = kind.model_validate(payload)
        raws = _one_by_one(payload)
        found = [_finding(words, group, alert, raw, parse_alert) for alert, raw in zip(group.alerts, raws, strict=True)]
        return found or [Ignored("The group has no alerts.")]
    except ValidationError as error:
        raise NotThisFormat.because(words.format_name, error) from None


def _one_by_one(payload: Any) -> Iterator[dict[str, Any]]:
    """Each alert as it was received with what the group says of all, without the other alerts."""
    alerts = payload["alerts"]
    shared = _shared(payload, _SHARED_LIMIT // max(len(alerts), 1))
    return ({**shared, "alerts": [alert]} for alert in alerts)


def _shared(payload: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """What of the group goes with each alert, in the order that it came in: so many characters altogether."""
    shared: dict[str, Any] = {}
    for name, value in payload.items():
        if name == "alerts":
            shared[name] = value  # each alert stands there by itself in the end
            continue
        kept = value if _size(name, value) <= limit else _LEFT_OUT
        limit -= _size(name, kept)
        if limit < 0:
            break
        shared[name] = kept
    return shared


def _size(name: str, value: object) -> int:
    return len(name) + len(json.dumps(value))


def _finding(
    words: SeverityWords, group: Group, alert: Alert | None, raw: object, parse_alert: ParseAlert
) -> Event | Ignored:
    if alert is None:
        return Ignored("An alert of the group is no JSON object, and tells nothing.")
    ended = group.says_ended(alert)
    if ended and not alert.identity:
        return Ignored("An alert of the group has ended, and names neither its fingerprint nor its labels.")
    parsed = parse_alert(group, alert)
    reason = parsed.unmeasured_end if ended else None
    end = EventType.RESOLVE if reason is None else EventType.NO_LONGER_REPORTED
    return Event(
        type=end if ended else EventType.TRIGGER,
        state_reason=reason or "",
        title=parsed.title,
        severity=parsed.severity.severity,
        unread_severity=parsed.severity.unread,
        service=alert.measured_labels.service(words.service_labels).service,
        description=paragraphs(parsed.paragraphs),
        impact=alert.remarks.get("impact", ""),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.starts_at,
        resolved_at=alert.ends_at if ended else None,
        left_out=group.left_out_count,
        source=words.format_name,
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
