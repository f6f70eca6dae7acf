"""Kibana's alerting rules, with `elastic_template.json` as the body of a webhook connector's actions."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError

from worker.alerts.affected import titled
from worker.alerts.fields import Part, Words, digest, labels, paragraphs, tag
from worker.alerts.format import Format, Ignored, NotThisFormat
from worker.alerts.links import links
from worker.alerts.severities import ReadSeverity, SeverityWords
from worker.alerts.template import Template, unset_is_absent
from worker.alerts.timestamps import AlertMoment
from worker.alerts.unmeasured import doubted, is_vanished, is_without_data
from worker.domain.event import DetectionSource, Event, EventType, Severity
from worker.domain.text import clean_line

NAME = "elastic"
SCHEMA = "tocsin-elastic/1"
_TEMPLATE = Template(NAME, SCHEMA, "paste worker/alerts/formats/elastic_template.json as the body of the action")
_TEST = Ignored("A test of Kibana's connector has arrived, which names no rule; it launches nothing.")
_UNKNOWN = Ignored("Kibana reports that an alert has recovered, and does not say which one.")
# Kibana fills in nothing where there is nothing; a test leaves the variables as they stand.
_UNSET = re.compile(r"\{\{[^{}]{1,100}\}\}")
# An id such as `metrics.threshold.nodata` or `xpack.synthetics.alerts.actionGroups.monitorStatus`.
_LAST_PART = re.compile(r"[^.]{1,60}\Z")
_SEVERITY_TAGS = ("severity:", "priority:")
# A rule that is split by nothing has one alert, which is called so or as the rule is.
_NO_GROUP = {"*", "query matched"}
# Elastic's own scale of risk, for detections without a severity.
_RISKS = ((73, Severity.HIGH), (47, Severity.MEDIUM), (21, Severity.LOW), (0, Severity.INFORMATION))
_MOST = 99  # from here on critical
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,6})?")


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """The one alert of a call; raises NotThisFormat, naming the field."""
    try:
        alert = _Alert.model_validate(payload)
        _TEMPLATE.check(alert.template)
        return [_finding(alert, payload, words)]
    except ValidationError as error:
        raise NotThisFormat.because(NAME, error) from None


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=_TEMPLATE.mark,
    minimum={"schema": SCHEMA, "rule_name": "Error rate of checkout"},
)


_Variable = Annotated[Words, AfterValidator(unset_is_absent(_UNSET))]


class _Alert(Part, alias_generator=None):
    template: _Variable = Field(default="", alias="schema")
    rule_id: _Variable = ""
    rule_name: _Variable = ""
    rule_type: _Variable = ""
    rule_tags: _Variable = ""
    rule_url: _Variable = ""
    space_id: _Variable = ""
    kibana_url: _Variable = ""
    date: AlertMoment = None
    alert_id: _Variable = ""
    alert_uuid: _Variable = ""
    action_group: _Variable = ""
    action_group_name: _Variable = ""
    flapping: _Variable = ""
    state: _Variable = ""
    group: _Variable = ""
    host: _Variable = ""
    service: _Variable = ""
    reason: _Variable = ""
    message: _Variable = ""
    value: _Variable = ""
    link: _Variable = ""
    detection_severity: _Variable = ""
    detection_risk: _Variable = ""
    detection_link: _Variable = ""

    @property
    def states(self) -> tuple[str, ...]:
        """What the rule says of its alert, and the group of actions that it runs for."""
        return tuple(filter(None, (self.state, self.group_of_actions, self.action_group_name)))

    @property
    def group_of_actions(self) -> str:
        found = _LAST_PART.search(self.action_group)
        return found.group() if found else ""

    @property
    def vanished(self) -> str:
        return next((word for word in self.states if is_vanished(word)), "")

    @property
    def has_recovered(self) -> bool:
        return "recovered" in {self.action_group.lower(), self.action_group_name.lower()}

    @property
    def has_no_data(self) -> bool:
        return any(map(is_without_data, self.states))

    @property
    def unmeasured(self) -> str:
        """Why an end rests on no measurement; empty where it does, and where the alert goes on."""
        return self.vanished or (self.state if self.has_recovered and self.has_no_data else "")

    @property
    def type(self) -> EventType:
        if self.unmeasured:
            return EventType.NO_LONGER_REPORTED
        return EventType.RESOLVE if self.has_recovered else EventType.TRIGGER

    @property
    def fingerprint(self) -> str:
        """The id of an alert is the group that its rule is split by, and the same from its begin to its end."""
        return digest([self.space_id, self.rule_id, self.alert_id or self.group]) if self.rule_id else ""

    @property
    def affected(self) -> list[str]:
        group = self.group or (self.alert_id if self.alert_id not in (self.rule_id, self.alert_uuid) else "")
        named = "" if group in {*_NO_GROUP, self.rule_name} else group
        return list(dict.fromkeys(filter(None, map(clean_line, (self.host, *named.split(","), self.service)))))


def _finding(alert: _Alert, payload: object, words: SeverityWords) -> Event | Ignored:
    if not clean_line(alert.rule_name):
        return _TEST
    fires = alert.type is EventType.TRIGGER
    if not fires and not alert.fingerprint:
        return _UNKNOWN
    said = _severity(alert, words)
    event = Event(
        type=alert.type,
        title=titled(clean_line(alert.rule_name), alert.affected),
        severity=said.severity,
        unread_severity=said.unread,
        service=clean_line(alert.service),
        description=paragraphs((alert.reason, alert.message, f"Measured: {alert.value}" if alert.value else "")),
        detection_source=DetectionSource.MONITORING,
        occurred_at=alert.date if fires else None,
        resolved_at=None if fires else alert.date,
        state_reason=alert.unmeasured,
        source=NAME,
        fingerprint=alert.fingerprint,
        links=links(_links(alert)),
        resources=tuple(alert.affected),
        labels=labels(_labels(alert)),
        raw=payload,
    )
    return doubted(event, "Elastic") if fires and alert.has_no_data else event


def _severity(alert: _Alert, words: SeverityWords) -> ReadSeverity:
    """That of a detection; of other rules a tag such as `severity:high`, or a group such as `slo.burnRate.low`."""
    risk = None if words.find(alert.detection_severity) else _risk(alert.detection_risk)
    if risk:
        return ReadSeverity(risk)
    tagged = (each.partition(":")[2] for each in _tags(alert) if each.lower().startswith(_SEVERITY_TAGS))
    group = alert.group_of_actions if words.find(alert.group_of_actions) else ""
    return words.said(alert.detection_severity, *tagged, group)


def _risk(told: str) -> Severity | None:
    if not _NUMBER.fullmatch(told.strip()):
        return None
    risk = float(told)
    return Severity.CRITICAL if risk >= _MOST else next(severity for least, severity in _RISKS if risk >= least)


def _tags(alert: _Alert) -> list[str]:
    return list(filter(None, map(clean_line, alert.rule_tags.split(","))))


def _links(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield alert.link, "Alert in Kibana"
    yield alert.detection_link, "Detections in Kibana"
    yield alert.rule_url, "Rule in Kibana"
    yield alert.kibana_url, "Kibana"


def _labels(alert: _Alert) -> Iterator[tuple[str, str]]:
    yield "rule", alert.rule_id
    yield "kind", alert.rule_type
    yield "alert", alert.alert_id
    yield "state", alert.state or alert.action_group_name
    yield "flapping", alert.flapping if alert.flapping == "true" else ""
    yield from map(tag, _tags(alert))
