"""The alert formats Tocsin reads, by their names."""

from collections.abc import Mapping
from functools import lru_cache

from worker.alerts.format import Format
from worker.alerts.formats import (
    alertmanager,
    azure_devops,
    azure_monitor,
    cloudevents,
    datadog,
    defender,
    dynatrace,
    elastic,
    event_grid,
    grafana,
    incident_io,
    native,
    new_relic,
    opsgenie,
    pagerduty,
    sentinel,
    servicenow,
    splunk,
    uptime_kuma,
    zabbix,
)
from worker.alerts.house_format import HouseFormat

# Grafana's groups are Alertmanager's with more in them: the first whose mark is there counts.
_OF_MONITORING = (
    dynatrace.FORMAT,
    new_relic.FORMAT,
    servicenow.FORMAT,
    defender.FORMAT,
    sentinel.FORMAT,
    azure_devops.FORMAT,
    azure_monitor.FORMAT,
    pagerduty.FORMAT,
    datadog.FORMAT,
    grafana.FORMAT,
    alertmanager.FORMAT,
    uptime_kuma.FORMAT,
    elastic.FORMAT,
    splunk.FORMAT,
    opsgenie.FORMAT,
    incident_io.FORMAT,
    zabbix.FORMAT,
)


@lru_cache(maxsize=8)
def known_formats(house: tuple[HouseFormat, ...] = ()) -> Mapping[str, Format]:
    """By name, in the order in which they are recognised: the marks of a house's own are the most particular ones.

    A CloudEvent may carry any of them, and many payloads have a title.
    """
    ours = [each.format for each in house]
    cloud = cloudevents.carrying((*ours, *_OF_MONITORING))
    return {each.name: each for each in (*ours, cloud, event_grid.of(cloud), *_OF_MONITORING, native.FORMAT)}


FORMATS = known_formats()
