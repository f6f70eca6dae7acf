"""Azure Monitor's common alert schema: metric, log and activity log alerts, Service Health among them."""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.alias_generators import to_camel, to_pascal

from worker.alert_format import Ignored, NotThisFormat
from worker.alert_severities import UNCHANGED, Severities
from worker.incident import LABELS_LIMIT, SHORT_LIMIT, DetectionSource, Event, Link, Moment, clean_line

NAME = "azure-monitor"
SCHEMA = "azureMonitorCommonAlertSchema"
_ENDED_STAGES = {"resolved", "complete", "rca", "canceled", "closed"}
_NAMED_PROPERTIES = {"service", "severity", "impact", "runbook", "summary", "description"}
_PORTAL = "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"


def parse(payload: object, severities: Severities = UNCHANGED) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        return [_ignored(alert.data) or _event(alert.data, payload, severities)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


def _ignored(alert: "_Data") -> Ignored | None:
    if alert.essentials.monitor_condition.lower() == "resolved":
        return Ignored(
            f"Azure Monitor reports that {_name(alert)} is resolved; only a fired alert launches an incident."
        )
    if alert.is_activity and alert.ended:
        return Ignored(f"Azure reports that {_name(alert)} has ended; only a beginning launches an incident.")
    return None


def _event(alert: "_Data", payload: object, severities: Severities) -> Event:
    return Event(
        title=_title(alert),
        severity=severities.of(NAME, alert.chosen("severity"), alert.essentials.severity),
        service=alert.chosen("service"),
        description="\n\n".join(filter(None, _paragraphs(alert))),
        impact=alert.chosen("impact"),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.began_at,
        source=NAME,
        fingerprint=_fingerprint(alert),
        links=tuple(_links(alert)),
        labels=_labels(alert),
        raw=payload,
    )


def _null_is_empty(value: object) -> object:
    return "" if value is None else value


def _else_nothing(value: object, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _in_utc(value: object) -> object:
    """Azure's times are in UTC, also where they do not say so."""
    if not isinstance(value, str):
        return value
    moment = _ANY_DATETIME.validate_python(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_ANY_DATETIME: TypeAdapter[datetime] = TypeAdapter(datetime)
_T = TypeVar("_T")

# What only enriches an incident is never a reason to refuse the alert: of a wrong shape, it is as if it were absent.
Enriching = Annotated[_T | None, WrapValidator(_else_nothing)]
Words = Annotated[str, BeforeValidator(_null_is_empty)]
AzureMoment = Annotated[Moment | None, BeforeValidator(_in_utc), WrapValidator(_else_nothing)]
_AZURE_MOMENT: TypeAdapter[datetime | None] = TypeAdapter(AzureMoment)
Strings = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)]


class _Part(BaseModel):
    """A part of the payload: unknown fields pass, and names are camel case, or Pascal case in the older log alerts."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        alias_generator=AliasGenerator(
            validation_alias=lambda name: AliasChoices(to_camel(name), to_pascal(name), to_camel(name) + "UI")
        ),
    )


class _Dimension(_Part):
    name: Words = ""
    value: Words = ""


class _Condition(_Part):
    """One criterion of a metric or log alert; in the older log alerts the context itself."""

    metric_name: Enriching[str] = None
    time_aggregation: Enriching[str] = None
    operator: Enriching[str] = None
    threshold: Enriching[str] = None
    metric_value: Enriching[str] = None
    result_count: Enriching[str] = None
    search_query: Enriching[str] = None
    dimensions: Enriching[tuple[_Dimension, ...]] = None
    link_to_filtered_search_results: Enriching[str] = None
    link_to_search_results: Enriching[str] = None


class _Criteria(_Part):
    all_of: Enriching[tuple[_Condition, ...]] = None


class _Context(_Condition):
    condition: Enriching[_Criteria] = None
    properties: Enriching[dict[str, Any]] = None
    labels: Enriching[dict[str, Any]] = None  # these two in alerts of the managed Prometheus
    annotations: Enriching[dict[str, Any]] = None
    status: Enriching[str] = None


class _Essentials(_Part):
    alert_id: Words = ""
    alert_rule: Words = ""
    severity: Words = ""
    signal_type: Words = ""
    monitor_condition: Words = ""
    monitoring_service: Words = ""
    alert_target_ids: Strings = Field(default=(), validation_alias="alertTargetIDs")
    configuration_items: Strings = ()
    fired_date_time: AzureMoment = None
    description: Words = ""
    investigation_link: Words = ""


class _Data(_Part):
    essentials: _Essentials
    alert_context: Annotated[_Context, BeforeValidator(lambda value: value if isinstance(value, dict) else {})] = Field(
        default_factory=_Context
    )
    custom_properties: Enriching[dict[str, Any]] = None

    @property
    def is_activity(self) -> bool:
        return self.essentials.signal_type.lower() == "activity log"

    @property
    def conditions(self) -> tuple[_Condition, ...]:
        criteria = self.alert_context.condition
        return (criteria and criteria.all_of) or (self.alert_context,)

    @property
    def dimensions(self) -> list[_Dimension]:
        labels = _scalars(self.alert_context.labels or {})
        return [
            *(dimension for condition in self.conditions for dimension in condition.dimensions or ()),
            *(_Dimension(name=name, value=value) for name, value in labels.items()),
        ]

    @property
    def properties(self) -> Mapping[str, str]:
        """What the authors of the rule and of the action group wrote beside it; the action group wins."""
        context = self.alert_context
        of_rule = (context.labels, context.annotations, None if self.is_activity else context.properties)
        return _scalars(
            {name: value for part in (*of_rule, self.custom_properties) for name, value in (part or {}).items()}
        )

    def chosen(self, name: str) -> str:
        return next((value for key, value in self.properties.items() if key.lower() == name), "")

    @property
    def activity(self) -> Mapping[str, str]:
        """The details of a Service Health or Resource Health event."""
        return _scalars(self.alert_context.properties or {}) if self.is_activity else {}

    @property
    def ended(self) -> bool:
        stage = self.activity.get("stage", "") or self.alert_context.status or ""
        return stage.lower() in _ENDED_STAGES

    @property
    def began_at(self) -> datetime | None:
        """Each update of a Service Health event fires anew; the time its impact began is what they share."""
        began = _AZURE_MOMENT.validate_python(self.activity.get("impactStartTime"))
        return (began if self.activity.get("trackingId") else None) or self.essentials.fired_date_time


def _common(schema: object) -> object:
    if schema != SCHEMA:
        raise ValueError(f"must be {SCHEMA}: switch the common alert schema on in the action group")
    return schema


class _Alert(_Part):
    # Named as in the payload: so the refusal names it also where it is missing.
    schemaId: Annotated[object, AfterValidator(_common), Field(validate_default=True)] = None  # noqa: N815
    data: _Data


def _scalars(properties: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: str(value) for key, value in properties.items() if isinstance(value, str | int | float) and value != ""
    }


def _name(alert: _Data) -> str:
    return alert.essentials.alert_rule.rpartition("/")[2] or "an alert without a rule"


def _title(alert: _Data) -> str:
    said = alert.activity.get("title")
    if said:
        return f"{said} ({alert.activity['region']})" if alert.activity.get("region") else said
    resources = _resources(alert)
    named = clean_line(alert.essentials.alert_rule.rpartition("/")[2] or alert.essentials.description)
    return (named or "Azure Monitor alert") + (f" on {_listed(resources)}" if resources else "")


def _resources(alert: _Data) -> list[str]:
    items = alert.essentials.configuration_items or alert.essentials.alert_target_ids
    return [name for name in (clean_line(item.rpartition("/")[2]) for item in items) if name]


def _listed(resources: Sequence[str]) -> str:
    more = len(resources) - 1
    return resources[0] + (f" and {more} more" if more else "")


def _paragraphs(alert: _Data) -> Iterator[str]:
    yield alert.essentials.description
    yield "\n".join(filter(None, map(_measured, alert.conditions)))
    yield _plain(alert.activity.get("communication", ""))
    annotations = _scalars(alert.alert_context.annotations or {})
    yield from (annotations.get(name, "") for name in ("summary", "description"))
    runbook = alert.chosen("runbook")
    if runbook and not _link(runbook, "Runbook"):
        yield f"Runbook: {runbook}"


def _measured(condition: _Condition) -> str:
    what = condition.metric_name or ("Log query" if condition.search_query else "")
    found = condition.metric_value or condition.result_count
    wanted = " ".join(filter(None, (condition.time_aggregation, condition.operator, condition.threshold)))
    return ", ".join(filter(None, (f"{what}: {wanted}" if wanted else what, f"measured {found}" if found else "")))


def _plain(markup: str) -> str:
    # Neither bracket inside: a body of nothing but opening brackets is read once, not once per bracket.
    return clean_line(html.unescape(re.sub(r"<[^<>]*>", " ", markup)))


def _fingerprint(alert: _Data) -> str:
    """The rule and what it watches, never alertId: a rule that fires again gets a new one."""
    essentials = alert.essentials
    targets = sorted(target.lower() for target in essentials.alert_target_ids)
    dimensions = sorted({(dimension.name, dimension.value) for dimension in alert.dimensions})
    watched = [alert.activity["trackingId"]] if alert.activity.get("trackingId") else [targets, dimensions]
    # Without a time two firings could not be told apart, and the second would open nothing.
    told_apart = "" if alert.began_at else essentials.alert_id
    if not (essentials.alert_rule or targets or told_apart):
        return ""
    return hashlib.sha256(json.dumps([essentials.alert_rule.lower(), watched, told_apart]).encode()).hexdigest()


def _links(alert: _Data) -> Iterator[Link]:
    essentials = alert.essentials
    portal = _PORTAL + quote(essentials.alert_id, safe="") if essentials.alert_id else ""
    candidates = [(alert.chosen("runbook"), "Runbook"), (essentials.investigation_link or portal, "Alert in Azure")]
    for condition in alert.conditions[:10]:
        results = condition.link_to_filtered_search_results or condition.link_to_search_results
        candidates.append((results or "", "Search results"))
    yield from filter(None, (_link(href, text) for href, text in candidates))


def _link(href: str, text: str) -> Link | None:
    try:
        return Link(href=href, text=text)
    except ValidationError:
        return None


def _labels(alert: _Data) -> dict[str, str]:
    labels: dict[str, str] = {}
    for name, value in _all_labels(alert):
        if value and len(labels) < LABELS_LIMIT:
            labels.setdefault(name[:SHORT_LIMIT], value)
    return labels


def _all_labels(alert: _Data) -> Iterable[tuple[str, str]]:
    essentials = alert.essentials
    yield "rule", essentials.alert_rule
    yield "signal", essentials.signal_type
    yield "monitoring-service", essentials.monitoring_service
    yield "resources", ", ".join(_resources(alert))
    yield from ((name, alert.activity.get(name, "")) for name in ("trackingId", "region", "service", "stage"))
    yield from ((dimension.name, dimension.value) for dimension in alert.dimensions)
    yield from ((name, value) for name, value in alert.properties.items() if name.lower() not in _NAMED_PROPERTIES)
