"""What an alert is of, by the names that people know: what it is split by, else its resources, never who was asked."""

from collections.abc import Iterable, Iterator

from worker.alerts.azure_monitor.budget import budget_name
from worker.alerts.azure_monitor.payload import Alert, Dimension, is_nothing, squeezed
from worker.alerts.azure_monitor.resource_names import is_identifier, resource_name, same_once, unmeasuring
from worker.alerts.azure_monitor.service_health import impacted_names
from worker.alerts.azure_monitor.smart_detection import affected_items
from worker.domain.event import RESOURCES_LIMIT
from worker.domain.measured_labels import MeasuredLabels
from worker.domain.text import clean_line

# Dimensions whose values are names by themselves, the most telling first; of others the name is told as well.
_NAMING = (
    "resourceid resource resourcename computer host hostname server servername vmname virtualmachine machine "
    "machinename node nodename device cluster clustername namespace podname pod container containername deployment "
    "workload controllername instance instancename disk diskname drive volume volumename mount mountpath filesystem "
    "database databasename queue queuename entityname topic topicname subscriptionname approlename cloudrolename "
    "cloudroleinstance roleinstance appname service servicename function functionname operationname "
    "availabilityresultname webtestname url target"
)
_RANK = {name: rank for rank, name in enumerate(_NAMING.split())}
_PODS = {"podname", "pod"}


def affected(alert: Alert) -> list[str]:
    """The most telling first: a machine before its drive, a resource before the dimension that it is split by."""
    return _affected(alert)[:RESOURCES_LIMIT]


def _affected(alert: Alert) -> list[str]:
    if alert.is_service_health:
        return impacted_names(alert)
    if alert.alert_context.alert_data is not None:
        return list(filter(None, [budget_name(alert)]))
    measured = MeasuredLabels(alert.prometheus_labels).affected
    # Each criterion has its own values of what it is split by.
    split = [name for condition in alert.conditions for name in _split_by(condition.dimensions or ())]
    tested = [resource_name(condition.web_test_name or "") for condition in alert.conditions]
    resources = [*tested, *map(resource_name, _resources(alert))]
    # A rule on logs asks one workspace about many machines; one on metrics knows whose metric it is.
    named = [*split, *resources] if alert.is_log else [*resources, *split]
    found = same_once([*measured, *named, *affected_items(alert)])
    # What a workspace itself is measured by is about the workspace.
    return found if found or alert.is_log else same_once(map(resource_name, alert.essentials.alert_target_ids))


def _resources(alert: Alert) -> Iterable[str]:
    targets = unmeasuring(alert.essentials.alert_target_ids)
    if alert.is_log and alert.dimensions:
        # The application that was asked, like a workspace.
        targets = [target for target in targets if "microsoft.insights/components" not in target.lower()]
    asked = {resource_name(target).lower() for target in set(alert.essentials.alert_target_ids).difference(targets)}
    context = alert.alert_context
    items = (*(alert.essentials.configuration_items or ()), *(context.affected_configuration_items or ()))
    return [*targets, *(item for item in items if resource_name(item).lower() not in asked)]


def _split_by(dimensions: Iterable[Dimension]) -> Iterator[str]:
    said = {
        squeezed(each.name.removeprefix("Microsoft.")): each
        for each in dimensions
        if not is_nothing(each.value) and not is_identifier(each.value)
    }
    namespace = said.get("namespace")
    if namespace and _PODS & said.keys():
        del said["namespace"]
    for key in sorted(said, key=lambda name: _RANK.get(name, len(_RANK))):
        value = resource_name(said[key].value) if key in _RANK else clean_line(said[key].value)
        if key in _PODS and namespace:
            yield f"{clean_line(namespace.value)}/{value}"
        else:
            yield value if key in _RANK else f"{clean_line(said[key].name)} {value}"
