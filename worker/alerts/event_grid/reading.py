"""Which events of Azure's services are alerts; of each other it is said why it launches nothing."""

from worker.alerts.event_grid import health, services
from worker.alerts.event_grid.notice import Notice, ReadNotice, event_of
from worker.alerts.format import Ignored
from worker.alerts.severities import SeverityWords
from worker.domain.event import Event
from worker.domain.text import SHORT_LIMIT, clean_line

_OURS = "microsoft."
_READERS: dict[str, ReadNotice] = {
    "resourcenotifications.healthresources.availabilitystatuschanged": health.read_availability,
    "resourcenotifications.healthresources.resourceannotated": health.read_annotation,
    "resourcenotifications.containerserviceeventresources.scheduledeventemitted": health.read_scheduled_event,
    "apimanagement.gatewaytokennearexpiry": services.read_gateway_token,
    "apimanagement.gatewaytokenexpired": services.read_gateway_token,
    "apimanagement.circuitbreaker.opened": services.read_circuit_breaker,
    "apimanagement.circuitbreaker.closed": services.read_circuit_breaker,
    "containerservice.clustersupportending": services.read_cluster_support,
    "containerservice.clustersupportended": services.read_cluster_support,
    "devices.deviceconnected": services.read_device,
    "devices.devicedisconnected": services.read_device,
    "devices.devicedeleted": services.read_device,
    "eventgrid.mqttclientsessionconnected": services.read_mqtt_session,
    "eventgrid.mqttclientsessiondisconnected": services.read_mqtt_session,
    "security.malwarescanningresult": services.read_malware_scan,
    **{
        f"keyvault.{kind}{event}": services.read_expiry
        for kind in ("certificate", "key", "secret")
        for event in ("nearexpiry", "expired")
    },
    **{f"policyinsights.policystate{event}": services.read_policy_state for event in ("created", "changed", "deleted")},
    **{
        f"servicebus.{kind}messagesavailable{event}": services.read_messages_without_listener
        for kind in ("active", "deadletter")
        for event in ("withnolisteners", "periodicnotifications")
    },
}
_SERVICE_HEALTH = ("resourcenotifications.servicehealth", "resourcehealth.servicehealth", "servicehealth.")
_FAILED = ("failed", "failure", "errored")
# The traffic of an application's own users and jobs, where a word such as failed is nothing of Azure's.
_OF_APPLICATIONS = ("communication.", "maps.", "graph.", "healthcareapis.")


def is_of_azure(event_type: str) -> bool:
    return event_type.lower().startswith(_OURS)


def read_notice(notice: Notice, words: SeverityWords) -> Event | Ignored:
    """Of an event whose type is Azure's."""
    told = _reader(notice)(notice)
    return told if isinstance(told, Ignored) else event_of(notice, told, words)


def _reader(notice: Notice) -> ReadNotice:
    known = notice.type.lower().removeprefix(_OURS)
    if known.startswith(_SERVICE_HEALTH):
        return health.read_service_health
    has_failed = known.endswith(_FAILED) or _outcome(notice) in _FAILED
    failure = services.read_failure if has_failed and not known.startswith(_OF_APPLICATIONS) else _ignore
    return _READERS.get(known, failure)


def _outcome(notice: Notice) -> str:
    return (notice.text("status") or notice.text("runStatus")).lower()


def _ignore(notice: Notice) -> Ignored:
    return Ignored(f"An event of the type {_short(notice.type)} is no alert; it launches nothing.")


def _short(name: str) -> str:
    return clean_line(name[:SHORT_LIMIT])
