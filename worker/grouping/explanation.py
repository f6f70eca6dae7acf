"""What grouping would look at in an alert: told offline, before the first storm."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel

from worker.alerts.detection import detect, looked_for
from worker.alerts.format import Format, Ignored
from worker.alerts.formats import known_formats
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import Reading
from worker.domain.alert_identity import identity, is_grouped
from worker.domain.errors import Undecodable
from worker.domain.event import Event, EventType, Severity
from worker.domain.grouping_rules import Grouping, GroupingRules
from worker.domain.incident import names_its_incident
from worker.domain.measured_labels import MeasuredLabels


class Explanation(BaseModel, frozen=True):
    """The shape of `--json`, to which fields may be added. Alerts with the same `group` are one incident."""

    format: str
    type: EventType
    title: str
    severity: Severity
    service: str
    service_because: str
    affected: str
    fingerprint: str
    identity: str | None
    group: str | None
    because: str


def explained(
    payload: object, format_name: str | None, rules: GroupingRules, reading: Reading
) -> list[Explanation | Ignored]:
    """One for each alert in the payload; raises Undecodable where it is of no format, or not of the one named."""
    name = format_of(payload, format_name, known_formats(reading.house))
    found = read_alerts(name, payload, reading)
    return [each if isinstance(each, Ignored) else explanation(each, name, rules, reading) for each in found]


def format_of(payload: object, format_name: str | None, formats: Mapping[str, Format]) -> str:
    """The one that is named, else the one that is recognised, of a list in its parts; raises Undecodable."""
    parts = payload if isinstance(payload, list) else ()
    name = format_name or next(filter(None, (detect(each, formats) for each in (payload, *parts))), None)
    if name is None:
        raise Undecodable(f"The payload bears no mark of a format. {looked_for(formats)}")
    if name not in formats:
        raise Undecodable(f"There is no format {name!r}; there are: {', '.join(formats)}.")
    return name


def explanation(event: Event, format_name: str, rules: GroupingRules, reading: Reading) -> Explanation:
    grouping = rules.grouping(event) if is_grouped(event) and not names_its_incident(event) else None
    return Explanation(
        format=format_name,
        type=event.type,
        title=event.title,
        severity=event.severity,
        service=event.service,
        service_because=_why_service(event, reading),
        affected=MeasuredLabels(event.labels).group,
        fingerprint=event.fingerprint,
        identity=identity(event) if is_grouped(event) else None,
        group=grouping.key if grouping else None,
        because=_reason(event, grouping),
    )


def _why_service(event: Event, reading: Reading) -> str:
    """A clause; empty where the alert says its service in no label."""
    if not event.labels:
        return ""
    named = MeasuredLabels(event.labels).service(reading.service_labels)
    if event.service:
        return f"the label `{named.label}` names it" if named.service == event.service else ""
    if named.passed_over:
        return f"{' and '.join(named.passed_over)}, which is who measured"
    return f"none of the labels {', '.join(reading.service_labels)} is given"


def _reason(event: Event, grouping: Grouping | None) -> str:
    if not is_grouped(event):
        return "It is grouped with nothing, since it has no fingerprint."
    known_by = "fingerprint" if grouping else "key"
    if event.type is not EventType.TRIGGER:
        return f"It is noted with the incident that its {known_by} belongs to; {event.type} opens none."
    if grouping is None:
        return "It joins the open incident with its key, and no other; else it opens one."
    whoever = ", whichever source told of it first" if grouping.across else ""
    by_group = f"while {grouping.because}, for {_spoken(grouping.window)} after its last alert{whoever}"
    if grouping.key is None:
        return f"It joins the open incident with its fingerprint, and no other: {grouping.because}."
    return f"It joins the open incident with its fingerprint, else one that is open {by_group}; else it opens one."


def _spoken(window: timedelta) -> str:
    return f"{window / timedelta(minutes=1):g} min"
