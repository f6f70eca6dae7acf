"""The common alert schema as Azure Monitor sends it; what only enriches an alert may have any shape."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import AliasChoices, AliasGenerator, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal

from worker.alerts.fields import Enriching, Part, Words, scalars
from worker.alerts.timestamps import AlertMoment
from worker.domain.measured_labels import MeasuredLabels

# What stands for no value in a dimension, an id or a measurement.
_NOTHING = {"", "*", "-", "null", "none", "(none)", "<none>", "n/a", "na", "nan", "unknown", "undefined", "_total"}


def is_nothing(value: str) -> bool:
    return value.strip().lower() in _NOTHING


def squeezed(word: str) -> str:
    """`Activity Log`, `ActivityLog` and `activity-log` are one."""
    return "".join(filter(str.isalnum, word)).lower()


def _null_is_empty(value: object) -> object:
    return "" if value is None else value


def _null_is_none(value: object) -> object:
    return () if value is None else value


# These two say what the alert is of: where they are of another shape, so is the alert.
Name = Annotated[str, BeforeValidator(_null_is_empty)]
Names = Annotated[tuple[Words, ...], BeforeValidator(_null_is_none)]


class AzurePart(Part):
    """Names are in Pascal case in the older log alerts."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            validation_alias=lambda name: AliasChoices(to_camel(name), to_pascal(name), to_camel(name) + "UI")
        ),
    )


class Dimension(AzurePart):
    name: Words = ""
    value: Words = ""


class FailingPeriods(AzurePart):
    number_of_evaluation_periods: Words = ""
    min_failing_periods_to_alert: Words = ""


class Condition(AzurePart):
    """One criterion of a metric or log alert; in the older log alerts the context itself."""

    metric_name: Enriching[str] = None
    metric_namespace: Enriching[str] = None
    web_test_name: Enriching[str] = None
    time_aggregation: Enriching[str] = None
    operator: Enriching[str] = None
    threshold: Enriching[str] = None
    metric_value: Enriching[str] = None
    result_count: Enriching[str] = None
    search_query: Enriching[str] = None
    dimensions: Enriching[tuple[Dimension, ...]] = None
    alert_sensitivity: Enriching[str] = None
    failing_periods: Enriching[FailingPeriods] = None
    link_to_filtered_search_results: Enriching[str] = None
    link_to_search_results: Enriching[str] = None

    @property
    def says_nothing_was_measured(self) -> bool:
        """It has a place for its value, and none in it."""
        return "metric_value" in self.model_fields_set and is_nothing(self.metric_value or "")


class Criteria(AzurePart):
    all_of: Enriching[tuple[Condition, ...]] = None
    window_size: Words = ""
    window_end_time: AlertMoment = None


class Context(Condition):
    condition: Enriching[Criteria] = None
    properties: Enriching[dict[str, Any]] = None
    labels: Enriching[dict[str, Any]] = None  # these four in alerts of the managed Prometheus
    annotations: Enriching[dict[str, Any]] = None
    expression: Words = ""
    expression_value: Words = ""
    status: Words = ""  # from here on of the activity log
    level: Words = ""
    operation_name: Words = ""
    caller: Words = ""
    affected_configuration_items: Enriching[tuple[Words, ...]] = None
    alert_data: Enriching[dict[str, Any]] = None


class Essentials(AzurePart):
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


class Alert(AzurePart):
    """The `data` of the schema."""

    essentials: Essentials
    alert_context: Annotated[Context, BeforeValidator(lambda value: value if isinstance(value, dict) else {})] = Field(
        default_factory=Context
    )
    # Smart Detection's context has fields of each detector's own.
    context_as_sent: Enriching[dict[str, Any]] = Field(default=None, validation_alias="alertContext")
    custom_properties: Enriching[dict[str, Any]] = None

    @property
    def service(self) -> str:
        return squeezed(self.essentials.monitoring_service)

    @property
    def is_activity(self) -> bool:
        of_activity_log = ("activitylog", "servicehealth", "resourcehealth")
        return squeezed(self.essentials.signal_type) == "activitylog" or self.service.startswith(of_activity_log)

    @property
    def is_service_health(self) -> bool:
        return self.is_activity and (self.service == "servicehealth" or "trackingid" in self.activity)

    @property
    def is_resource_health(self) -> bool:
        of_health = self.service == "resourcehealth" or "currenthealthstatus" in self.activity
        return self.is_activity and not self.is_service_health and of_health

    @property
    def is_smart_detection(self) -> bool:
        return self.service in {"smartdetector", "smartalert"}

    @property
    def is_log(self) -> bool:
        return squeezed(self.essentials.signal_type) == "log" and not self.is_smart_detection

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        criteria = self.alert_context.condition
        return (criteria and criteria.all_of) or (self.alert_context,)

    @cached_property
    def split_by(self) -> list[Dimension]:
        return [dimension for condition in self.conditions for dimension in condition.dimensions or ()]

    @cached_property
    def prometheus_labels(self) -> dict[str, str]:
        return scalars(self.alert_context.labels)

    @property
    def dimensions(self) -> list[Dimension]:
        of_prometheus = (Dimension(name=name, value=value) for name, value in self.prometheus_labels.items())
        return [*self.split_by, *of_prometheus]

    @cached_property
    def properties(self) -> Mapping[str, str]:
        """What the authors of the rule and of the action group wrote beside it; the action group wins."""
        context = self.alert_context
        of_rule = (context.labels, context.annotations, None if self.is_activity else context.properties)
        return scalars(
            {name: value for part in (*of_rule, self.custom_properties) for name, value in (part or {}).items()}
        )

    def chosen(self, name: str) -> str:
        return _named(self.properties, name)

    def affected_service(self, labels: Sequence[str]) -> str:
        """`labels`: which of Prometheus' labels name it, where no custom property does; never that of an exporter."""
        if not self.prometheus_labels:
            return self.chosen("service")
        measured = MeasuredLabels(self.prometheus_labels).service(labels).service
        return _named(scalars(self.custom_properties), "service") or measured

    @cached_property
    def activity(self) -> Mapping[str, str]:
        """The details of an event of the activity log, by their names in lower case."""
        said = scalars(self.alert_context.properties) if self.is_activity else {}
        return {name.lower(): value for name, value in said.items()}


def _named(properties: Mapping[str, str], name: str) -> str:
    return next((value for key, value in properties.items() if key.lower() == name), "")
