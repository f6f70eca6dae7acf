"""The alert formats Tocsin reads, by the name they have in the address and in the property `tocsin-format`."""

from collections.abc import Mapping

from worker.alert_format import Format
from worker.alerts import azure_monitor, cloudevents, pagerduty

_OF_MONITORING: Mapping[str, Format] = {
    "azure-monitor": azure_monitor.parse,
    "pagerduty": pagerduty.parse,
}

FORMATS: Mapping[str, Format] = {
    **_OF_MONITORING,
    "cloudevents": cloudevents.reading(_OF_MONITORING),
}
