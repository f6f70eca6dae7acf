"""Event Grid delivers what is an alert and much that is none, in two schemas that are read alike."""

import pytest
from alert_examples import NAMES, event_of, example, findings, ignored_of, varied
from mutations import altered

from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.domain.event import Event, EventType, Severity
from worker.domain.incident import derived_key

STATE = ("data", "resourceInfo", "properties", "availabilityState")
VAULT = "/subscriptions/1/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/shop-secrets"


def of(event_type, data=None, subject="web-eu-01", **more):
    return {"id": "1", "eventType": event_type, "subject": subject, "topic": VAULT, "data": data or {}} | more


def as_cloudevent(payload):
    renamed = {"topic": "source", "eventType": "type", "eventTime": "time"}
    kept = {name: value for name, value in payload.items() if not name.endswith("Version")}
    return {"specversion": "1.0"} | {renamed.get(name, name): value for name, value in kept.items()}


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("event-grid")])
def test_both_schemas_say_the_same(name):
    """An event that is delivered as a CloudEvent becomes what it becomes in Event Grid's own schema."""
    [ours], [theirs] = findings(example(name)), findings(as_cloudevent(example(name)))
    if isinstance(ours, Event):
        ours, theirs = (each.model_dump(exclude={"raw"}) for each in (ours, theirs))
    assert ours == theirs


@pytest.mark.parametrize(("name", "secret"), [("pagerduty-trigger", "routing_key"), ("zabbix", "tocsin_key")])
def test_a_secret_in_its_data_goes_no_further(name, secret):
    """An alert of another format in an event leaves its key behind, and all else is kept as it was sent."""
    data = example(name) | {secret: "s3cr3t"}
    sent = of("com.contoso.alert", data)
    for payload in (sent, [sent]):
        [event] = findings(payload)
        assert event.raw == sent | {"data": {field: value for field, value in data.items() if field != secret}}


@pytest.mark.parametrize(
    ("state", "kind", "severity", "low_confidence"),
    [
        ("Unavailable", "trigger", 2, False),
        ("Degraded", "trigger", 3, False),
        ("Unknown", "trigger", 3, True),
        (None, "trigger", 3, True),
        ("Available", "resolve", 3, False),
    ],
)
def test_only_what_is_available_is_over(state, kind, severity, low_confidence):
    """A machine that is degraded or of which nothing is known has not recovered."""
    event = event_of(varied("event-grid-availability", *STATE, value=state))
    assert (event.type, event.severity) == (kind, severity)
    assert event.description.startswith("Low confidence: ") is low_confidence
    assert event.fingerprint == event_of(example("event-grid-availability")).fingerprint


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("Active", EventType.TRIGGER),
        ("Updated", EventType.TRIGGER),
        ("Mitigated", EventType.TRIGGER),
        ("Resolved", EventType.RESOLVE),
        ("Canceled", EventType.NO_LONGER_REPORTED),
    ],
)
def test_service_health_ends_by_its_own_last_phase(status, kind):
    """An update that sounds better is no end, and what was withdrawn was not mended."""
    path = ("data", "resourceInfo", "properties", "status")
    assert event_of(varied("event-grid-service-health", *path, value=status)).type is kind


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("Microsoft.Storage.BlobDeleted", {"status": "resolved"}),
        ("Microsoft.Resources.ResourceWriteSuccess", {"status": "Succeeded"}),
        ("Microsoft.Resources.ResourceActionCancel", {}),
        ("Microsoft.ResourceNotifications.Resources.Deleted", {}),
        ("Microsoft.EventGrid.SubscriptionValidationEvent", {"validationCode": "1"}),
        ("Microsoft.ContainerRegistry.ImagePushed", {"title": "critical"}),
        ("Microsoft.Devices.DeviceTelemetry", {"body": {"status": "failed"}}),
        ("Microsoft.Devices.DeviceCreated", {}),
        ("Microsoft.KeyVault.SecretNewVersionCreated", {}),
        ("Microsoft.Communication.RouterJobClassificationFailed", {}),
        ("Microsoft.MachineLearningServices.RunStatusChanged", {"runStatus": "Running"}),
        ("Microsoft.Security.MalwareScanningResult", {"scanResultType": "No threats found"}),
        ("Microsoft.PolicyInsights.PolicyStateChanged", {"complianceState": "Unknown"}),
        ("Microsoft.EventGrid.MQTTClientSessionDisconnected", {"disconnectionReason": "ClientInitiatedDisconnect"}),
    ],
)
def test_what_is_no_alert_launches_nothing(event_type, data):
    """A word within it that sounds like one is not taken for one."""
    assert "launches nothing" in ignored_of(of(event_type, data)).reason


def test_what_a_customer_does_on_purpose_launches_nothing():
    """A machine that its owner restarts is told of by Resource Health, and is well."""
    path = ("data", "resourceInfo", "properties", "context")
    assert "on purpose" in ignored_of(varied("event-grid-annotation", *path, value="Customer Initiated")).reason


@pytest.mark.parametrize(
    ("event_type", "data", "title", "kind", "severity"),
    [
        (
            "Microsoft.KeyVault.CertificateExpired",
            {"VaultName": "shop", "ObjectType": "Certificate", "ObjectName": "tls"},
            "Certificate tls has expired (shop)",
            "trigger",
            2,
        ),
        ("Microsoft.KeyVault.KeyNearExpiry", {}, "Object web-eu-01 expires soon (shop-secrets)", "trigger", 3),
        ("Microsoft.Devices.DeviceDisconnected", {"hubName": "h", "deviceId": "d"}, "(h)", "trigger", 3),
        ("Microsoft.Devices.DeviceConnected", {"hubName": "h", "deviceId": "d"}, "connected again", "resolve", 3),
        ("Microsoft.Devices.DeviceDeleted", {"hubName": "h", "deviceId": "d"}, "deleted", "no-longer-reported", 3),
        ("Microsoft.Security.MalwareScanningResult", {"scanResultType": "Malicious"}, "Malware in", "trigger", 2),
        ("Microsoft.Security.MalwareScanningResult", {"scanResultType": "Not Scanned"}, "Not Scanned", "trigger", 4),
        ("Microsoft.ApiManagement.CircuitBreaker.Closed", {"backendName": "pay"}, "has closed", "resolve", 3),
        ("Microsoft.ContainerService.NodePoolRollingFailed", {"nodePoolName": "a"}, "rolling failed", "trigger", 3),
        ("Microsoft.MachineLearningServices.RunStatusChanged", {"runStatus": "Failed"}, "web-eu-01", "trigger", 3),
        ("Microsoft.PolicyInsights.PolicyStateDeleted", {}, "state deleted", "no-longer-reported", 4),
        ("Microsoft.ServiceBus.DeadletterMessagesAvailableWithNoListeners", {"queueName": "q"}, "/q", "trigger", 3),
        ("Microsoft.ContainerService.ClusterSupportEnded", {"kubernetesVersion": "1.29"}, "1.29 has", "trigger", 3),
    ],
)
def test_what_is_an_alert_is_told(event_type, data, title, kind, severity):
    """Each in words, with what is affected, and with an end only where the service tells of one."""
    event = event_of(of(event_type, data))
    assert title in event.title
    assert (event.type, event.severity) == (kind, Severity(severity))
    assert event.resources


def test_two_things_are_two_alerts():
    """Two devices of a hub, and one device of two hubs, have their own identity, and a device keeps its own."""
    events = [
        event_of(of(f"Microsoft.Devices.Device{what}", {"hubName": hub, "deviceId": device}))
        for what in ("Disconnected", "Connected", "Deleted")
        for hub, device in (("h", "1"), ("h", "2"), ("i", "1"))
    ]
    assert len({event.fingerprint for event in events}) == 3


def test_a_batch_is_read_event_by_event():
    """What is no event in it costs the others nothing."""
    batch = [example("event-grid-availability"), None, example("event-grid-blob-created")]
    alert, *others = findings(batch)
    assert alert.raw == batch[0]
    assert [type(each) for each in others] == [Ignored, Ignored]


def test_an_alert_of_another_format_is_read_as_such():
    """What a topic of one's own carries may be of any system."""
    [event] = findings(of("Contoso.Alert", example("metric")))
    assert event.source == "azure-monitor"


def test_a_repetition_is_known_without_a_time():
    """Event Grid delivers at least once, and the id says that it is the same event."""
    once, again, other = (event_of(of("Microsoft.KeyVault.KeyExpired", id=id_)) for id_ in ("1", "1", "2"))
    assert derived_key(once) == derived_key(again) != derived_key(other)


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"subject": "x"}, "eventType: "),
        ({"eventType": "Contoso.Alert", "subject": None}, "subject: must be what the event is about"),
        ([of("Contoso.Alert"), {"subject": "x"}], "1.eventType: "),
        (altered(of("Contoso.Alert"), "eventType", value=" "), "eventType: "),
    ],
)
def test_a_fault_is_named_as_event_grid_names_the_field(payload, named):
    """Whoever sent it finds the field by its name there, and its place in a batch."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMATS["event-grid"].read(payload)
    assert named in str(refusal.value)
