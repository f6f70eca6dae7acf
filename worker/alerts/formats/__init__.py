"""The alert formats Tocsin reads, by their names."""

from collections.abc import Mapping

from worker.alerts.format import Format
from worker.alerts.formats import (
    alertmanager,
    azure_devops,
    azure_monitor,
    cloudevents,
    datadog,
    defender,
    event_grid,
    grafana,
    native,
    pagerduty,
    sentinel,
)

# Grafana's groups are Alertmanager's with more in them: the first whose mark is there counts.
_OF_MONITORING = (
    defender.FORMAT,
    sentinel.FORMAT,
    azure_devops.FORMAT,
    azure_monitor.FORMAT,
    pagerduty.FORMAT,
    datadog.FORMAT,
    grafana.FORMAT,
    alertmanager.FORMAT,
)
# A CloudEvent may carry any of them, and many payloads have a title.
_CLOUDEVENTS = cloudevents.carrying(_OF_MONITORING)
_IN_ORDER = (_CLOUDEVENTS, event_grid.of(_CLOUDEVENTS), *_OF_MONITORING, native.FORMAT)

FORMATS: Mapping[str, Format] = {each.name: each for each in _IN_ORDER}
