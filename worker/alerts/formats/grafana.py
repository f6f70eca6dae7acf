"""Grafana alerting's webhook."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from worker.alerts.fields import Enriching, Words, scalars
from worker.alerts.format import Format, Ignored, Mark, Payload
from worker.alerts.grafana_state import NO_DATA, doubt_by_reason, doubt_of_rule, state_reason, title_of
from worker.alerts.prometheus_group import Alert, Group, Name, ParsedAlert, parse_group, refuse, version_of
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event

NAME = "grafana"
# Its own, and Alertmanager's, which an Alertmanager sends that was given this address.
_READ = ("1", "4")
_VALUE = re.compile(r"\bvalue=([^\s\],]+)")
_SAID = re.compile(r"\bno[ _]?data\b", re.IGNORECASE)
_NOT_MEASURED = {"null", "nan", "<nil>", "nil"}
_LONGEST = 10_000


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
    def unmeasured_firing(self) -> str:
        """What a firing of a rule is told with that rests on missing data."""
        return doubt_by_reason(self) or (NO_DATA if self._values and all(map(_is_missing, self._values)) else "")

    @property
    def unmeasured_end(self) -> str | None:
        """The reason where an end says nothing of what was measured; None where that is well."""
        if reason := state_reason(self):
            return reason
        return "NoData" if any(map(_is_missing, self._values)) else None

    @property
    def _values(self) -> list[str]:
        """Of all expressions, as far as any is told; JSON has no word for what is no number."""
        text = self.value_string[:_LONGEST]
        told: list[str] = _VALUE.findall(text) or ["null"] * bool(_SAID.search(text))
        return told or ["null" if value is None else str(value) for value in (self.values or {}).values()]


class _Group(Group):
    external_url: Name = Field(default="", alias="externalURL")
    org_id: Name = ""
    message: Words = ""
    alerts: tuple[Enriching[_Alert], ...]


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """One event per alert of the group; raises NotThisFormat, naming the field."""
    _check_version(payload)

    def parse_alert(group: _Group, alert: _Alert) -> ParsedAlert:
        # The message tells of all alerts of the group.
        message = group.message if len(group.alerts) == 1 else ""
        unmeasured = "" if group.says_ended(alert) else alert.unmeasured_firing
        confidence = doubt_of_rule(alert) or unmeasured
        said = words.said(*alert.severity_words)
        return ParsedAlert(
            title=title_of(alert, unmeasured=unmeasured),
            severity=said.doubted if confidence else said,
            # Replicas share their address, and every Grafana has an organisation 1.
            identity=(group.external_url, group.org_id, group.receiver),
            paragraphs=(confidence, alert.said or message, alert.measured, group.left_out),
            unmeasured_end=alert.unmeasured_end,
            links=(
                (alert.runbook, "Runbook"),
                (alert.panel_url, "Panel"),
                (alert.dashboard_url, "Dashboard"),
                (alert.image_url, "Screenshot"),
                (alert.silence_url, "Silence in Grafana"),
                (alert.generator_url, "Rule in Grafana"),
            ),
        )

    return parse_group(words, payload, _Group, parse_alert)


def _is_missing(value: str) -> bool:
    return value.lower() in _NOT_MEASURED


def _check_version(payload: object) -> None:
    if isinstance(payload, dict) and _is_of_legacy_alerting(payload):
        sentence = (
            "is of Grafana's legacy alerting, which Grafana 11 no longer has; Grafana Alerting is read: switch to it, "
            "and add a contact point of the kind Webhook there"
        )
        raise refuse(NAME, "body", sentence)
    if (version := version_of(payload)) not in ("", *_READ):
        sentence = (
            f"is version {version} of Grafana's webhook; version {_READ[0]} is read, which Grafana 8 and newer send"
        )
        raise refuse(NAME, "version", f"{sentence}: choose the default payload of the contact point")


def _is_of_legacy_alerting(payload: Payload) -> bool:
    return (
        "alerts" not in payload
        and "ruleName" in payload
        and any(name in payload for name in ("evalMatches", "ruleId", "ruleUrl"))
    )


def _is_in(payload: Payload) -> bool:
    is_group = isinstance(payload.get("alerts"), list)
    return (is_group and (version_of(payload) == _READ[0] or "orgId" in payload)) or _is_of_legacy_alerting(payload)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(f"alerts with version {_READ[0]} or orgId", _is_in),
    minimum={"version": _READ[0], "alerts": [{}]},
)
