"""The alert formats Tocsin reads, by the name they have in the address and in the property `tocsin-format`."""

from collections.abc import Mapping

from worker.alerts.format import Format
from worker.alerts.formats import alertmanager, azure_monitor, cloudevents, datadog, grafana, native, pagerduty

_OF_MONITORING: Mapping[str, Format] = {
    "azure-monitor": azure_monitor.parse,
    "alertmanager": alertmanager.parse,
    "grafana": grafana.parse,
    "datadog": datadog.parse,
    "pagerduty": pagerduty.parse,
}

FORMATS: Mapping[str, Format] = {
    **_OF_MONITORING,
    "cloudevents": cloudevents.reading(_OF_MONITORING),
    "native": native.parse,
}
