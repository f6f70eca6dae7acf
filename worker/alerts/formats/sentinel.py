"""Microsoft Sentinel's incidents, as a playbook's trigger carries them and as its API gives them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError

from worker.alerts.affected import titled
from worker.alerts.azure_monitor.resource_names import resource_name
from worker.alerts.fields import Enriching, Part, Words, digest, labels, paragraphs
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.security_entities import addresses, affected, listed
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.markup import plain
from worker.domain.text import clean_line

NAME = "sentinel"
_TYPE = "microsoft.securityinsights/incidents"
_ALERTS_SHOWN = 10
# Closed without having found out: nobody knows whether it is over.
_UNDETERMINED = "undetermined"


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one incident of a call; raises NotThisFormat, naming the field."""
    try:
        incident = _Incident.model_validate(_incident_in(payload))
        return [_finding(incident, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


def _is_marked(payload: Mapping[str, Any]) -> bool:
    return any(isinstance(part, Mapping) and _is_type(part.get("type")) for part in (payload, payload.get("object")))


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == _TYPE


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("type Microsoft.SecurityInsights/incidents, or object with it", _is_marked),
    minimum={"object": {"type": "Microsoft.SecurityInsights/Incidents", "properties": {}}},
)


def _incident_in(payload: object) -> object:
    """A trigger wraps the incident with what happened to it."""
    return payload["object"] if isinstance(payload, Mapping) and "object" in payload else payload


def _of_incident(value: str) -> str:
    if not _is_type(value):
        raise ValueError("must be Microsoft.SecurityInsights/incidents: send the incident, with an incident trigger")
    return value


class _Owner(Part):
    assigned_to: Words = ""
    user_principal_name: Words = ""


class _Additional(Part):
    alerts_count: Enriching[int] = None
    alert_product_names: Enriching[tuple[Words, ...]] = None
    tactics: Enriching[tuple[Words, ...]] = None
    techniques: Enriching[tuple[Words, ...]] = None


class _Alert(Part):
    alert_display_name: Words = ""
    compromised_entity: Words = ""


class _Wrapped(Part):
    properties: Enriching[_Alert] = None


class _Properties(Part):
    title: Words = ""
    description: Words = ""
    severity: Words = ""
    status: Words = ""
    classification: Words = ""
    classification_reason: Words = ""
    classification_comment: Words = ""
    incident_number: Words = ""
    incident_url: Words = ""
    owner: Enriching[_Owner] = None
    created_time_utc: AlertMoment = None
    last_modified_time_utc: AlertMoment = None
    additional_data: Enriching[_Additional] = None
    related_analytic_rule_ids: Enriching[tuple[Words, ...]] = None
    alerts: Enriching[tuple[Enriching[_Wrapped], ...]] = None
    related_entities: Any = None


class _Incident(Part):
    id: Words = ""
    name: Words = ""
    type: Annotated[str, AfterValidator(_of_incident)]
    properties: _Properties

    @property
    def identity(self) -> str:
        return self.id.lower() or self.name.lower() or self.properties.incident_number

    @property
    def alerts(self) -> list[_Alert]:
        return [alert.properties for alert in self.properties.alerts or () if alert and alert.properties]

    @property
    def affected(self) -> list[str]:
        named = [resource_name(alert.compromised_entity) for alert in self.alerts if alert.compromised_entity]
        entities = self.properties.related_entities
        return list(dict.fromkeys(filter(None, [*affected(entities), *sorted(named)]))) or addresses(entities)


def _finding(incident: _Incident, payload: object, words: SeverityWords) -> Event | Ignored:
    said, kind = incident.properties, _kind(incident.properties)
    if kind is not EventType.TRIGGER and not incident.identity:
        return Ignored("Microsoft Sentinel reports that an incident is closed, and does not say which.")
    severity = words.said(said.severity)
    return Event(
        type=kind,
        title=titled(clean_line(said.title) or "Incident of Microsoft Sentinel", incident.affected[:2]),
        severity=severity.severity,
        unread_severity=severity.unread,
        description=paragraphs(_paragraphs(incident)),
        detection_source=DetectionSource.MONITORING,
        # The time of the first activity moves when earlier alerts join.
        occurred_at=said.created_time_utc,
        resolved_at=None if kind is EventType.TRIGGER else said.last_modified_time_utc,
        state_reason=said.classification if kind is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=digest(incident.identity) if incident.identity else "",
        links=links([(said.incident_url, "Incident in Sentinel")]),
        resources=tuple(incident.affected),
        labels=labels(_labels(incident)),
        raw=payload,
    )


def _kind(said: _Properties) -> EventType:
    """That somebody works on it, or made it less severe, is no end."""
    if said.status.strip().lower() != "closed":
        return EventType.TRIGGER
    undetermined = said.classification.strip().lower() == _UNDETERMINED
    return EventType.NO_LONGER_REPORTED if undetermined else EventType.RESOLVE


def _paragraphs(incident: _Incident) -> Iterator[str]:
    said = incident.properties
    yield plain(said.description)
    names = list(dict.fromkeys(filter(None, (clean_line(alert.alert_display_name) for alert in incident.alerts))))
    yield "\n".join(("Alerts:", *sorted(names)[:_ALERTS_SHOWN])) if names else ""
    yield "\n".join(listed(said.related_entities))
    closed = (said.classification, said.classification_reason, said.classification_comment)
    yield f"Closed as {' · '.join(filter(None, closed))}" if any(closed) else ""


def _labels(incident: _Incident) -> Iterator[tuple[str, str]]:
    said, more = incident.properties, incident.properties.additional_data or _Additional()
    owner = said.owner or _Owner()
    yield "incident-number", said.incident_number
    yield "status", said.status
    yield "owner", owner.assigned_to or owner.user_principal_name
    yield "tactics", ", ".join(filter(None, more.tactics or ()))
    yield "techniques", ", ".join(filter(None, more.techniques or ()))
    yield "products", ", ".join(filter(None, more.alert_product_names or ()))
    yield "alerts", str(more.alerts_count or "")
    yield "analytic-rules", ", ".join(map(resource_name, said.related_analytic_rule_ids or ()))
