"""Prometheus Alertmanager's webhook, version 4, which the rulers of Thanos, Mimir, Loki and VictoriaMetrics end in."""

from collections.abc import Sequence

from worker.alerts.format import Format, Ignored, Mark, Payload
from worker.alerts.grafana_state import doubt_by_reason, doubt_of_rule, state_reason, title_of
from worker.alerts.prometheus_group import Alert, Group, ParsedAlert, parse_group, refuse, version_of
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event

NAME = "alertmanager"
_READ = "4"


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """One event per alert of the group; raises NotThisFormat, naming the field."""
    _check_version(payload)

    def parse_alert(group: Group, alert: Alert) -> ParsedAlert:
        unmeasured = "" if group.says_ended(alert) else doubt_by_reason(alert)
        confidence, said = doubt_of_rule(alert) or unmeasured, words.said(*alert.severity_words)
        return ParsedAlert(
            title=title_of(alert, unmeasured=unmeasured),
            severity=said.doubted if confidence else said,
            # Peers of a cluster differ in groupKey and externalURL: only raw has these, so that both tell one event.
            identity=(group.receiver,),
            paragraphs=(confidence, alert.said, group.left_out),
            unmeasured_end=state_reason(alert) or None,
            links=((alert.runbook, "Runbook"), (alert.generator_url, "Query in Prometheus")),
        )

    return parse_group(words, payload, Group, parse_alert)


def _check_version(payload: object) -> None:
    """Grafana, whose groups are of the same shape, calls its own version 1."""
    version = version_of(payload)
    is_of_grafana = isinstance(payload, dict) and "orgId" in payload
    if version in ("", _READ) or is_of_grafana:
        return
    sentence = (
        f"is version {version} of Alertmanager's webhook; version {_READ} is read, which Alertmanager 0.6 and newer "
    )
    raise refuse(NAME, "version", f"{sentence}send: upgrade it")


def _is_in(payload: Payload) -> bool:
    """Also of the versions that are refused by their names, the first of which had `alert` instead."""
    has_alerts = any(isinstance(payload.get(name), list) for name in ("alerts", "alert"))
    return has_alerts and (version_of(payload).isdecimal() or "receiver" in payload)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=Mark(f"alerts with version {_READ} or receiver", _is_in),
    minimum={"version": _READ, "alerts": [{}]},
)
