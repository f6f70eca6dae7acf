"""Microsoft Defender for Cloud's alerts: exported or sent by a workflow (in Pascal case), and as ARM has them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AliasChoices, AliasGenerator, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel, to_pascal

from worker.alerts.affected import titled
from worker.alerts.azure_monitor.resource_names import resource_name
from worker.alerts.details import readable
from worker.alerts.fields import Part, Words, digest, labels, paragraphs, scalars
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links
from worker.alerts.security_entities import addresses, affected, listed
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment
from worker.domain.errors import Undecodable
from worker.domain.event import TEXT_LIMIT, DetectionSource, Event, EventType
from worker.domain.lenient_json import read_lenient
from worker.domain.markup import plain
from worker.domain.text import clean_line

NAME = "defender"
_TYPE = "microsoft.security/"
_ALERT_FIELDS = {"SystemAlertId", "CompromisedEntity", "AlertUri", "AlertType"}
# Whoever dismisses an alert says that it is not worth looking at, and not that it is over.
_KINDS = {"resolved": EventType.RESOLVE, "dismissed": EventType.NO_LONGER_REPORTED}
_NO_OBJECT = Ignored("A record of the export is no JSON object, and tells nothing.")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call, or those of a list; raises NotThisFormat, naming the field."""
    try:
        records = payload if isinstance(payload, list) else [payload]
        return [_record(record, words) if isinstance(record, Mapping) else _refused(payload) for record in records]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


def _refused(payload: object) -> Ignored:
    if isinstance(payload, list):
        return _NO_OBJECT
    _Resource.model_validate(payload)
    return _NO_OBJECT


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(
        "AlertDisplayName with SystemAlertId, or type Microsoft.Security/…",
        lambda payload: _is_flat(payload) or _is_type(payload.get("type")),
        in_lists=True,
    ),
    minimum={"type": "Microsoft.Security/Locations/alerts", "properties": {}},
)


def _is_flat(payload: Mapping[str, Any]) -> bool:
    return "AlertDisplayName" in payload and bool(payload.keys() & _ALERT_FIELDS)


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value.lower().startswith(_TYPE)


def _json_in_text(value: object) -> object:
    """Lists and bags come as JSON within a text from Log Analytics and older exports."""
    if isinstance(value, str) and value.strip()[:1] in {"[", "{"}:
        try:
            return read_lenient(value.encode(errors="replace"))
        except Undecodable:
            return value
    return value


Bag = Annotated[Any, BeforeValidator(_json_in_text)]


class _Alert(Part):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(to_camel(name), to_pascal(name)))
    )

    alert_display_name: Words = ""
    display_name: Words = ""
    alert_type: Words = ""
    system_alert_id: Words = ""
    alert_uri: Words = ""
    alert_link: Words = ""
    description: Words = ""
    severity: Words = ""
    status: Words = ""
    intent: Words = ""
    product_name: Words = ""
    compromised_entity: Words = ""
    azure_resource_id: Words = ""
    start_time_utc: AlertMoment = None
    end_time_utc: AlertMoment = None
    time_generated: AlertMoment = Field(
        default=None,
        validation_alias=AliasChoices("timeGeneratedUtc", "TimeGeneratedUtc", "timeGenerated", "TimeGenerated"),
    )
    remediation_steps: Bag = None
    extended_properties: Bag = None
    entities: Bag = None
    resource_identifiers: Bag = None

    @property
    def affected(self) -> list[str]:
        resources = affected([_as_resource(each) for each in _list(self.resource_identifiers)])
        named = [resource_name(self.compromised_entity), *resources, resource_name(self.azure_resource_id)]
        return list(dict.fromkeys(filter(None, (*named, *affected(self.entities))))) or addresses(self.entities)

    @property
    def identity(self) -> list[str]:
        if self.system_alert_id:
            return [self.system_alert_id.lower()]
        about = self.compromised_entity or self.azure_resource_id
        return [self.alert_type.lower(), about.lower()] if about else []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _as_resource(identifier: object) -> object:
    """The workspace among them says who measured."""
    of = {str(key).lower(): value for key, value in identifier.items()} if isinstance(identifier, Mapping) else {}
    return {"type": "azureresource", "resourceId": of.get("azureresourceid")} if of.get("azureresourceid") else None


class _Resource(Part):
    name: Words = ""
    type: str
    properties: _Alert


def _record(record: Mapping[str, Any], words: SeverityWords) -> Event | Ignored:
    if _is_flat(record):
        return _finding(_Alert.model_validate(record), record, words)
    resource = _Resource.model_validate(record)
    if "alerts" not in resource.type.lower().split("/"):
        return Ignored(f"A record of {clean_line(resource.type)[:100]} is no alert; it launches nothing.")
    alert = resource.properties
    named = alert if alert.system_alert_id else alert.model_copy(update={"system_alert_id": resource.name})
    return _finding(named, record, words)


def _finding(alert: _Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    kind = _KINDS.get(alert.status.strip().lower(), EventType.TRIGGER)
    if kind is not EventType.TRIGGER and not alert.identity:
        return Ignored("Defender for Cloud reports that an alert has ended, and does not say which.")
    severity = words.said(alert.severity)
    return Event(
        type=kind,
        title=titled(_title(alert), alert.affected[:2]),
        severity=severity.severity,
        unread_severity=severity.unread,
        description=paragraphs(_paragraphs(alert)),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.start_time_utc or alert.time_generated,
        resolved_at=None if kind is EventType.TRIGGER else alert.end_time_utc,
        state_reason=alert.status if kind is EventType.NO_LONGER_REPORTED else "",
        source=NAME,
        fingerprint=digest(alert.identity) if alert.identity else "",
        links=links([(alert.alert_uri or alert.alert_link, "Alert in Defender for Cloud")]),
        resources=tuple(alert.affected),
        labels=labels(_labels(alert)),
        raw=payload,
    )


def _title(alert: _Alert) -> str:
    named = (clean_line(text) for text in (alert.alert_display_name, alert.display_name, alert.alert_type))
    return next(filter(None, named), "Alert of Defender for Cloud")


def _paragraphs(alert: _Alert) -> Iterator[str]:
    yield plain(_filled(alert))
    yield readable(scalars(alert.extended_properties)) if isinstance(alert.extended_properties, Mapping) else ""
    yield "\n".join(listed(alert.entities))
    steps = alert.remediation_steps
    told = [steps] if isinstance(steps, str) else _list(steps)
    lines = [plain(step) for step in told if isinstance(step, str) and step.strip()]
    yield "\n".join(("What to do:", *lines)) if lines else ""


def _filled(alert: _Alert) -> str:
    """`%{Process Path}` stands for the extended property of that name."""
    values = scalars(alert.extended_properties) if isinstance(alert.extended_properties, Mapping) else {}
    text = alert.description[:TEXT_LIMIT]
    # Bounded, since a text of nothing but such names would grow without end.
    for name, value in list(values.items())[:50]:
        text = text.replace(f"%{{{name}}}", value[:1_000], 5)
    return text


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "alert-type", alert.alert_type
    yield "alert-id", alert.system_alert_id
    yield "status", alert.status
    yield "intent", alert.intent
    yield "product", alert.product_name
