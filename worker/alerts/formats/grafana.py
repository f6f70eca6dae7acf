"""Grafana alerting's webhook."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from worker.alerts.fields import Enriching, Words, scalars
from worker.alerts.format import Format, Ignored
from worker.alerts.prometheus_group import Alert, Group, ParsedAlert, group_mark, parse_group
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event, Severity
from worker.domain.text import clean_line

NAME = "grafana"
_BLIND = {
    "DatasourceNoData": "Low confidence: Grafana found no data, and does not know whether anything is wrong.",
    "DatasourceError": "Low confidence: Grafana could not ask its data source, and does not know whether anything is "
    "wrong.",
}


class _Alert(Alert):
    values: Enriching[dict[str, Any]] = None
    value_string: Words = ""
    silence_url: Words = Field(default="", alias="silenceURL")
    dashboard_url: Words = Field(default="", alias="dashboardURL")
    panel_url: Words = Field(default="", alias="panelURL")
    image_url: Words = Field(default="", alias="imageURL")

    @property
    def measured(self) -> str:
        named = ", ".join(f"{name} = {value}" for name, value in scalars(self.values).items())
        return f"Measured: {named or self.value_string}" if named or self.value_string else ""

    @property
    def confidence(self) -> str:
        return _BLIND.get(self.tags.get("alertname", ""), "")

    @property
    def title(self) -> str:
        """The summary of a rule that could not be evaluated would claim what nobody knows."""
        rule = clean_line(self.tags.get("rulename", ""))
        return f"{rule}: {self.tags['alertname']}" if rule and self.confidence else super().title


class _Group(Group):
    external_url: Words = Field(default="", alias="externalURL")
    org_id: Words = ""
    message: Words = ""
    alerts: tuple[Enriching[_Alert], ...]


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """One event per alert of the group; raises NotThisFormat, naming the field."""

    def parse_alert(group: _Group, alert: _Alert) -> ParsedAlert:
        said = words.said(*alert.severity_words)
        # The message tells of all alerts of the group.
        message = group.message if len(group.alerts) == 1 else ""
        return ParsedAlert(
            title=alert.title,
            severity=replace(said, severity=max(said.severity, Severity.MEDIUM)) if alert.confidence else said,
            # Replicas share their address, and every Grafana has an organisation 1.
            identity=(group.external_url, group.org_id, group.receiver),
            paragraphs=(alert.confidence, alert.said or message, alert.measured, group.left_out),
            links=(
                (alert.runbook, "Runbook"),
                (alert.panel_url, "Panel"),
                (alert.dashboard_url, "Dashboard"),
                (alert.image_url, "Screenshot"),
                (alert.silence_url, "Silence in Grafana"),
                (alert.generator_url, "Rule in Grafana"),
            ),
        )

    return parse_group(NAME, payload, _Group, parse_alert)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=group_mark("1", "orgId"),
    minimum={"alerts": [{}]},
)
