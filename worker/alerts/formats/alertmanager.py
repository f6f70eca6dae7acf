"""Prometheus Alertmanager's webhook, version 4."""

from collections.abc import Sequence

from worker.alerts.format import Format, Ignored
from worker.alerts.prometheus_group import Alert, Group, ParsedAlert, group_mark, parse_group
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event

NAME = "alertmanager"


def _parse(payload: object, words: SeverityWords) -> Sequence[Event | Ignored]:
    """One event per alert of the group; raises NotThisFormat, naming the field."""

    def parse_alert(group: Group, alert: Alert) -> ParsedAlert:
        return ParsedAlert(
            title=alert.title,
            severity=words.said(*alert.severity_words),
            # Peers of a cluster differ in groupKey and externalURL: only raw has these, so that both tell one event.
            identity=(group.receiver,),
            paragraphs=(alert.said, group.left_out),
            links=((alert.runbook, "Runbook"), (alert.generator_url, "Query in Prometheus")),
        )

    return parse_group(NAME, payload, Group, parse_alert)


FORMAT = Format(
    name=NAME,
    parse=_parse,
    mark=group_mark("4", "receiver"),
    minimum={"alerts": [{}]},
)
