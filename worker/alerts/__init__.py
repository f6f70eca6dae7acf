"""The alert formats Tocsin reads, by the name they have in the address and in the property `tocsin-format`."""

from collections.abc import Mapping

from worker.alert_format import Format
from worker.alerts import alertmanager, azure_monitor, datadog, grafana, native

FORMATS: Mapping[str, Format] = {
    "azure-monitor": azure_monitor.parse,
    "alertmanager": alertmanager.parse,
    "grafana": grafana.parse,
    "datadog": datadog.parse,
    "native": native.parse,
}
