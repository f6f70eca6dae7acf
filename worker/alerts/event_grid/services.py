"""What other services of Azure publish that is an alert: what expires, hangs up, is infected or has failed."""

from worker.alerts.event_grid.notice import Notice, Told, name_of
from worker.alerts.format import Ignored
from worker.alerts.unmeasured import low_confidence
from worker.domain.event import EventType, Severity


def read_expiry(notice: Notice) -> Told | Ignored:
    """A secret, key or certificate of a vault. That a new version exists does not say that anybody uses it: no end."""
    kind, name = notice.text("objectType") or "Object", notice.text("objectName") or name_of(notice.subject)
    vault = notice.text("vaultName") or name_of(notice.source)
    has_expired = notice.type.lower().endswith("expired")
    return Told(
        f"{kind} {name} {'has expired' if has_expired else 'expires soon'}",
        ["expiry", vault, kind, name],
        [vault, name],
        Severity.HIGH if has_expired else Severity.MEDIUM,
        description=[_expires(notice)],
        labels={"vault": vault, "version": notice.text("version")},
    )


def _expires(notice: Notice) -> str:
    at = notice.part("exp")
    read = Notice("", "", "", None, {"exp": at}).time("exp")
    return f"It expires at {read:%Y-%m-%d %H:%M} UTC." if read else ""


def read_gateway_token(notice: Notice) -> Told | Ignored:
    gateway = name_of(notice.text("gatewayInfo", "gatewayId") or notice.subject)
    has_expired = notice.type.lower().endswith("expired")
    return Told(
        f"The token of API gateway {gateway} {'has expired' if has_expired else 'expires soon'}",
        ["gateway-token", notice.source, gateway],
        [gateway, name_of(notice.source)],
        Severity.HIGH if has_expired else Severity.MEDIUM,
    )


def read_circuit_breaker(notice: Notice) -> Told | Ignored:
    opened = notice.type.lower().endswith("opened")
    backend = notice.text("backendName") or name_of(notice.subject)
    rule = notice.text("circuitBreaker", "rules", "name")
    return Told(
        f"The circuit breaker of backend {backend} has {'opened' if opened else 'closed'}",
        ["circuit-breaker", notice.source, backend],
        [backend, name_of(notice.source)],
        kind=EventType.TRIGGER if opened else EventType.RESOLVE,
        labels={"rule": rule},
    )


_OF_DEVICES = {
    "devicedisconnected": ("has disconnected", EventType.TRIGGER),
    "deviceconnected": ("has connected again", EventType.RESOLVE),
    "devicedeleted": ("was deleted", EventType.NO_LONGER_REPORTED),
}


def read_device(notice: Notice) -> Told | Ignored:
    """A device that is deleted while it is away never connects again, which is not that all is well."""
    hub, device = notice.text("hubName") or name_of(notice.source), notice.text("deviceId") or name_of(notice.subject)
    words, kind = _OF_DEVICES[notice.type.lower().rpartition(".")[2]]
    return Told(
        f"Device {device} {words}",
        ["device", hub, device, notice.text("moduleId")],
        [device, notice.text("moduleId"), hub],
        kind=kind,
        state_reason="DeviceDeleted" if kind is EventType.NO_LONGER_REPORTED else "",
        labels={"hub": hub},
    )


def read_mqtt_session(notice: Notice) -> Told | Ignored:
    connected, reason = notice.type.lower().endswith(".mqttclientsessionconnected"), notice.text("disconnectionReason")
    if reason.lower() == "clientinitiateddisconnect":
        return Ignored("An MQTT client has disconnected on its own account; it launches nothing.")
    client = notice.text("clientAuthenticationName") or name_of(notice.subject)
    return Told(
        f"MQTT client {client} has {'connected again' if connected else 'disconnected'}",
        ["mqtt", notice.source, client, notice.text("clientSessionName")],
        [client, notice.text("namespaceName")],
        kind=EventType.RESOLVE if connected else EventType.TRIGGER,
        description=[f"Reason: {reason}" if reason else ""],
    )


_NO_SCAN = low_confidence("the blob was not scanned, and nobody knows whether anything is wrong with it")


def read_malware_scan(notice: Notice) -> Told | Ignored:
    result, blob = notice.text("scanResultType"), notice.text("blobUri") or notice.subject
    if result.lower() == "no threats found":
        return Ignored("Defender has found no threat in a blob; it launches nothing.")
    malicious = result.lower() == "malicious"
    names = notice.part("scanResultDetails", "malwareNamesFound")
    found = ", ".join(name for name in names if isinstance(name, str)) if isinstance(names, list) else ""
    return Told(
        f"Malware in {name_of(_path(blob))}"
        if malicious
        else f"Malware scan of {name_of(_path(blob))}: {result or 'no result'}",
        ["malware", blob],
        [name_of(_path(blob)), name_of(notice.source)],
        Severity.HIGH if malicious else Severity.LOW,
        result if malicious else "",
        at=notice.time("scanFinishedTimeUtc"),
        description=["" if malicious else _NO_SCAN, f"Found: {found}" if found else "", f"Blob: {blob}"],
    )


def _path(uri: str) -> str:
    """`/errors/one.json`, of an address of a blob."""
    return "/" + uri.partition("://")[2].partition("/")[2] if "://" in uri else uri


def read_policy_state(notice: Notice) -> Told | Ignored:
    state, resource = notice.text("complianceState"), notice.subject or notice.source
    deleted = notice.type.lower().endswith("deleted")
    if not deleted and state.lower() not in {"compliant", "noncompliant"}:
        return Ignored(f"A policy's state is {state or 'not said'}; it launches nothing.")
    kind = EventType.RESOLVE if state.lower() == "compliant" else EventType.TRIGGER
    policy = name_of(notice.text("policyAssignmentId") or notice.text("policyDefinitionId"))
    return Told(
        f"Policy {policy}: {'state deleted' if deleted else state}",
        ["policy", resource, notice.text("policyAssignmentId"), notice.text("policyDefinitionReferenceId")],
        [name_of(resource)],
        Severity.LOW,
        kind=EventType.NO_LONGER_REPORTED if deleted else kind,
        at=notice.time("timestamp"),
        state_reason="PolicyStateDeleted" if deleted else "",
        labels={"reason": notice.text("complianceReasonCode")},
    )


def read_cluster_support(notice: Notice) -> Told | Ignored:
    cluster, version = name_of(notice.subject or notice.source), notice.text("kubernetesVersion")
    ended = notice.type.lower().endswith("ended")
    return Told(
        f"Support of Kubernetes {version} {'has ended' if ended else 'ends soon'}".replace("  ", " "),
        ["cluster-support", notice.source, version],
        [cluster],
        Severity.MEDIUM if ended else Severity.LOW,
    )


def read_messages_without_listener(notice: Notice) -> Told | Ignored:
    dead = "deadletter" in notice.type.lower()
    queue = notice.text("queueName") or "/".join(filter(None, map(notice.text, ("topicName", "subscriptionName"))))
    namespace = notice.text("namespaceName") or name_of(notice.source)
    return Told(
        f"{'Dead letters' if dead else 'Messages'} wait, and nobody receives them",
        ["service-bus", "dead" if dead else "active", namespace, queue],
        [f"{namespace}/{queue}" if queue else namespace],
    )


def read_failure(notice: Notice) -> Told | Ignored:
    """What calls itself failed, of any service; no later success of it is told, so it has no end."""
    about = notice.subject or notice.source
    service = notice.type.split(".")[1] if notice.type.count(".") > 1 else notice.type
    operation = notice.text("operationName") or notice.text("name")
    return Told(
        f"{service}: {_spaced(notice.type.rpartition('.')[2])}",
        ["failure", notice.type, about],
        [name_of(notice.text("resourceUri") or about)],
        word=notice.text("severity"),
        description=[
            f"Operation: {operation}" if operation else "",
            *(notice.text(name) for name in ("failureMessage", "errorMessage", "message", "statusMessage")),
            notice.text("error", "message"),
        ],
        labels={"status": notice.text("status"), "operation": operation, "caller": notice.text("claims", "name")},
    )


def _spaced(name: str) -> str:
    """`ResourceWriteFailure` as a person would say it."""
    words = "".join(f" {each.lower()}" if each.isupper() else each for each in name[:200]).strip()
    return words[:1].upper() + words[1:]
