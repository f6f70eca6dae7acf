"""Azure Monitor's common alert schema: metric, log, activity log, budget, Service Health and Resource Health alerts."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic.alias_generators import to_camel, to_pascal

from worker.alerts.fields import Enriching, Part, Words, digest, first_of, labels, paragraphs, scalars
from worker.alerts.format import Format, Ignored, Mark, NotThisFormat
from worker.alerts.links import links, unlinked_runbook
from worker.alerts.severities import SeverityWords
from worker.alerts.timestamps import AlertMoment, moment
from worker.domain.event import DetectionSource, Event, EventType
from worker.domain.text import clean_line

NAME = "azure-monitor"
SCHEMA = "azureMonitorCommonAlertSchema"
_ENDED_STAGES = {"resolved", "complete", "rca", "canceled", "closed"}
_NAMED_PROPERTIES = {"service", "severity", "impact", "runbook", "summary", "description"}
_PORTAL = "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        return [_finding(alert.data, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark("schemaId", lambda payload: "schemaId" in payload),
    minimum={"schemaId": SCHEMA, "data": {"essentials": {"alertRule": "checkout-cpu-high", "alertTargetIDs": []}}},
)


def _finding(alert: "_Data", payload: object, words: SeverityWords) -> Event | Ignored:
    fingerprint = _fingerprint(alert)
    if alert.ended and not fingerprint:
        return Ignored("Azure Monitor reports that something has ended, and does not say what.")
    said = words.said(alert.chosen("severity"), alert.essentials.severity)
    return Event(
        type=EventType.RESOLVE if alert.ended else EventType.TRIGGER,
        title=_title(alert),
        severity=said.severity,
        unread_severity=said.unread,
        service=alert.chosen("service"),
        description=paragraphs(_paragraphs(alert)),
        impact=alert.chosen("impact"),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.began_at,
        resolved_at=alert.ended_at,
        source=NAME,
        fingerprint=fingerprint,
        links=links(_links(alert)),
        resources=tuple(_resources(alert)),
        labels=labels(_labels(alert)),
        raw=payload,
    )


def _null_is_empty(value: object) -> object:
    return "" if value is None else value


def _null_is_none(value: object) -> object:
    return () if value is None else value


# These two say what the alert is of: where they are of another shape, so is the alert.
Name = Annotated[str, BeforeValidator(_null_is_empty)]
Names = Annotated[tuple[Words, ...], BeforeValidator(_null_is_none)]


class _Part(Part):
    """Names are in Pascal case in the older log alerts."""

    model_config = ConfigDict(
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
    status: Words = ""
    affected_configuration_items: Enriching[tuple[Words, ...]] = None
    alert_data: Enriching[dict[str, Any]] = None  # of a budget


class _Essentials(_Part):
    alert_id: Words = ""
    alert_rule: Name = ""
    severity: Words = ""
    signal_type: Words = ""
    monitor_condition: Words = ""
    monitoring_service: Words = ""
    alert_target_ids: Names = Field(default=(), validation_alias="alertTargetIDs")
    configuration_items: Enriching[tuple[Words, ...]] = None
    fired_date_time: AlertMoment = None
    resolved_date_time: AlertMoment = None
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
        of_prometheus = scalars(self.alert_context.labels)
        return [
            *(dimension for condition in self.conditions for dimension in condition.dimensions or ()),
            *(_Dimension(name=name, value=value) for name, value in of_prometheus.items()),
        ]

    @property
    def properties(self) -> Mapping[str, str]:
        """What the authors of the rule and of the action group wrote beside it; the action group wins."""
        context = self.alert_context
        of_rule = (context.labels, context.annotations, None if self.is_activity else context.properties)
        return scalars(
            {name: value for part in (*of_rule, self.custom_properties) for name, value in (part or {}).items()}
        )

    def chosen(self, name: str) -> str:
        return next((value for key, value in self.properties.items() if key.lower() == name), "")

    @property
    def activity(self) -> Mapping[str, str]:
        """The details of a Service Health or Resource Health event."""
        return scalars(self.alert_context.properties) if self.is_activity else {}

    @property
    def ended(self) -> bool:
        return self.essentials.monitor_condition.lower() == "resolved" or self.activity_ended

    @property
    def activity_ended(self) -> bool:
        """Alerts of the activity log are fired and never resolved: it is the event in them that says so."""
        stage = self.activity.get("stage") or self.alert_context.status
        healthy = self.activity.get("currentHealthStatus", "").lower() == "available"
        return self.is_activity and (healthy or stage.lower() in _ENDED_STAGES)

    @property
    def began_at(self) -> datetime | None:
        """Each update of a Service Health event fires anew; the time its impact began is what they share."""
        began = moment(self.activity.get("impactStartTime")) if self.activity.get("trackingId") else None
        # What fires at its end does not know when it began.
        return began or (None if self.activity_ended else self.essentials.fired_date_time)

    @property
    def ended_at(self) -> datetime | None:
        if self.activity_ended:
            return moment(self.activity.get("impactMitigationTime")) or self.essentials.fired_date_time
        return self.essentials.resolved_date_time if self.ended else None


def _common(schema: object) -> object:
    if schema != SCHEMA:
        raise ValueError(f"must be {SCHEMA}: switch the common alert schema on in the action group")
    return schema


class _Alert(_Part):
    # Named as in the payload: so the refusal names it also where it is missing.
    schemaId: Annotated[object, AfterValidator(_common), Field(validate_default=True)] = None  # noqa: N815
    data: _Data


def _title(alert: _Data) -> str:
    said = alert.activity.get("title")
    if said:
        return f"{said} ({alert.activity['region']})" if alert.activity.get("region") else said
    resources = _resources(alert)
    named = clean_line(alert.essentials.alert_rule.rpartition("/")[2] or alert.essentials.description)
    return (named or "Azure Monitor alert") + (f" on {_listed(resources)}" if resources else "")


def _resources(alert: _Data) -> list[str]:
    essentials, context = alert.essentials, alert.alert_context
    items = essentials.configuration_items or context.affected_configuration_items or essentials.alert_target_ids
    return [name for name in (clean_line(item.rpartition("/")[2]) for item in items) if name]


def _listed(resources: Sequence[str]) -> str:
    more = len(resources) - 1
    return resources[0] + (f" and {more} more" if more else "")


def _paragraphs(alert: _Data) -> Iterator[str]:
    yield alert.essentials.description
    yield "\n".join(filter(None, map(_measured, alert.conditions)))
    yield from (_plain(alert.activity.get(name, "")) for name in ("communication", "details"))
    annotations = scalars(alert.alert_context.annotations)
    yield from (annotations.get(name, "") for name in ("summary", "description"))
    yield "\n".join(f"{name}: {value}" for name, value in _budget(alert).items())
    yield unlinked_runbook(alert.chosen("runbook"))


def _measured(condition: _Condition) -> str:
    what = condition.metric_name or ("Log query" if condition.search_query else "")
    found = condition.metric_value or condition.result_count
    wanted = " ".join(filter(None, (condition.time_aggregation, condition.operator, condition.threshold)))
    return ", ".join(filter(None, (f"{what}: {wanted}" if wanted else what, f"measured {found}" if found else "")))


def _plain(markup: str) -> str:
    # Neither bracket inside: a body of nothing but opening brackets is read once, not once per bracket.
    return clean_line(html.unescape(re.sub(r"<[^<>]*>", " ", markup)))


def _budget(alert: _Data) -> dict[str, str]:
    return scalars(alert.alert_context.alert_data)


def _fingerprint(alert: _Data) -> str:
    """The rule and what it watches, never alertId: a rule that fires again gets a new one."""
    essentials = alert.essentials
    targets = sorted(target.lower() for target in essentials.alert_target_ids if target)
    dimensions = sorted({(dimension.name, dimension.value) for dimension in alert.dimensions})
    watched = [alert.activity["trackingId"]] if alert.activity.get("trackingId") else [targets, dimensions]
    # Without a time two firings could not be told apart, and the second would open nothing.
    told_apart = "" if alert.began_at or essentials.fired_date_time else essentials.alert_id
    if essentials.alert_rule or targets or told_apart:
        return digest([essentials.alert_rule.lower(), watched, told_apart])
    budget = [first_of(_budget(alert), *names) for names in (("BudgetId", "BudgetName"), ("Scope",))]
    return digest(budget) if any(budget) else ""


def _links(alert: _Data) -> Iterator[tuple[str, str]]:
    essentials = alert.essentials
    portal = _PORTAL + quote(essentials.alert_id, safe="") if essentials.alert_id else ""
    yield alert.chosen("runbook"), "Runbook"
    yield essentials.investigation_link or portal, "Alert in Azure"
    for condition in alert.conditions:
        yield condition.link_to_filtered_search_results or condition.link_to_search_results or "", "Search results"


def _labels(alert: _Data) -> Iterator[tuple[str, str]]:
    essentials = alert.essentials
    yield "rule", essentials.alert_rule
    yield "signal", essentials.signal_type
    yield "monitoring-service", essentials.monitoring_service
    yield from ((name, alert.activity.get(name, "")) for name in ("trackingId", "region", "service", "stage"))
    yield from ((dimension.name, dimension.value) for dimension in alert.dimensions)
    yield from ((name, value) for name, value in alert.properties.items() if name.lower() not in _NAMED_PROPERTIES)
