"""Azure Monitor's common alert schema: metric, log, activity log, cost, Service Health and Resource Health alerts."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from worker.alerts.azure_monitor import wording
from worker.alerts.azure_monitor.affected import affected
from worker.alerts.azure_monitor.identity import fingerprint
from worker.alerts.azure_monitor.older_schemas import SCHEMA, refusal, unnamed_schema
from worker.alerts.azure_monitor.payload import Alert, AzurePart
from worker.alerts.azure_monitor.severity import severity_of
from worker.alerts.azure_monitor.state import state_of
from worker.alerts.fields import labels
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import SeverityWords
from worker.domain.event import DetectionSource, Event
from worker.domain.validation import Fault

NAME = "azure-monitor"


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    if isinstance(payload, dict) and (refused := refusal(payload)):
        raise NotThisFormat(NAME, [Fault("schemaId", refused)])
    try:
        return [_finding(_Call.model_validate(payload).data, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


def _is_marked(payload: Mapping[str, Any]) -> bool:
    return "schemaId" in payload or bool(unnamed_schema(payload))


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("schemaId", _is_marked),
    minimum={"schemaId": SCHEMA, "data": {"essentials": {"alertRule": "checkout-cpu-high", "alertTargetIDs": []}}},
)


class _Call(AzurePart):
    data: Alert


def _finding(alert: Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    state, identity = state_of(alert), fingerprint(alert)
    if state.is_over and not identity:
        return Ignored("Azure Monitor reports that something has ended, and does not say what.")
    said, names = severity_of(alert, words), affected(alert)
    return Event(
        type=state.type,
        title=wording.title(alert, names),
        severity=said.severity,
        unread_severity=said.unread,
        service=alert.affected_service(words.service_labels),
        description=wording.description(alert),
        impact=alert.chosen("impact"),
        detection_source=DetectionSource.MONITORING,
        occurred_at=state.began_at,
        resolved_at=state.ended_at,
        state_reason=state.reason,
        source=NAME,
        fingerprint=identity,
        links=links(wording.links(alert)),
        resources=tuple(names),
        labels=labels(wording.labels(alert)),
        raw=payload,
    )
