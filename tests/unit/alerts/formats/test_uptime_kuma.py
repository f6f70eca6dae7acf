"""Uptime Kuma's heartbeats become events: down, up, under maintenance, and what reports by itself and is silent."""

from datetime import UTC, datetime

import pytest
from alert_examples import event_of, example, ignored_of, varied
from mutations import altered

from worker.alerts.format import NotThisFormat
from worker.alerts.formats.uptime_kuma import FORMAT
from worker.domain.event import EventType, Severity, encode

DOWN = example("uptime-kuma")


def monitored(**changes):
    return altered(DOWN, "monitor", value=DOWN["monitor"] | changes)


def test_down_and_up_are_about_one_thing():
    """The end is dated by the heartbeat that found it up."""
    down, up = event_of(DOWN), event_of(example("uptime-kuma-resolved"))
    assert down.fingerprint == up.fingerprint != ""
    assert (down.type, up.type) == (EventType.TRIGGER, EventType.RESOLVE)
    assert down.occurred_at == datetime(2026, 3, 2, 9, 15, 4, 527_000, tzinfo=UTC)
    assert (up.occurred_at, up.resolved_at) == (None, datetime(2026, 3, 2, 9, 40, 4, 101_000, tzinfo=UTC))


def test_maintenance_is_no_all_clear():
    """What is not looked at is told as no longer reported."""
    event = event_of(varied("uptime-kuma", "heartbeat", "status", value=3))
    assert (event.type, event.state_reason) == (EventType.NO_LONGER_REPORTED, "maintenance")
    assert event.fingerprint == event_of(DOWN).fingerprint


def test_another_attempt_launches_nothing():
    """What is pending is down only when Uptime Kuma says so."""
    assert "tries again" in ignored_of(varied("uptime-kuma", "heartbeat", "status", value=2)).reason


@pytest.mark.parametrize(
    "changes",
    [
        {"id": 30},
        {"url": "https://shop.fabrikam.example/checkout/health"},
        {"type": "port", "url": "https://", "hostname": "db-7.contoso.example", "port": 5432},
    ],
)
def test_another_monitor_is_another_alert(changes):
    """Also where two installations have counted to the same number."""
    assert event_of(monitored(**changes)).fingerprint != event_of(DOWN).fingerprint


@pytest.mark.parametrize(
    "changes", [{"description": "else"}, {"tags": None}, {"interval": 20}, {"active": None}, {"name": "Renamed"}]
)
def test_the_fingerprint_does_not_depend_on_words(changes):
    """What people call it is no part of what is watched."""
    assert event_of(monitored(**changes)).fingerprint == event_of(DOWN).fingerprint


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, "Shop checkout is down (shop.contoso.example)"),
        ({"name": "shop.contoso.example"}, "shop.contoso.example is down"),
        ({"type": "port", "hostname": "db-7", "port": 5432, "name": "Orders"}, "Orders is down (db-7:5432)"),
        ({"type": "ping", "hostname": "10.0.0.7", "port": None, "name": "Router"}, "Router is down (10.0.0.7)"),
        ({"url": "https://[broken", "name": "Odd"}, "Odd is down"),
    ],
)
def test_the_title_names_what_is_down(changes, title):
    """The host stands in it as well as what people call it."""
    event = event_of(monitored(**changes))
    assert event.title == title


@pytest.mark.parametrize(
    ("tag", "severity", "unread"),
    [("critical", 1, ""), ("P4", 4, ""), ("spicy", 3, "spicy")],
)
def test_a_tag_tells_the_severity(tag, severity, unread):
    """Uptime Kuma has none of its own."""
    event = event_of(monitored(tags=[{"name": "Severity", "value": tag}]))
    assert (event.severity, event.unread_severity) == (Severity(severity), unread)


def test_silence_is_told_as_what_it_is():
    """Nobody looked whether what reports by itself is well."""
    event = event_of(example("uptime-kuma-push"))
    assert event.description.startswith("Low confidence: Uptime Kuma has no data")
    failed = varied("uptime-kuma-push", "heartbeat", "msg", value="Backup failed: disk full")
    assert event_of(failed).description == "Backup failed: disk full"


def test_a_certificate_that_expires_is_one_alert_however_many_days_are_left():
    """It comes without heartbeat and monitor, and in other words each time."""
    told = example("uptime-kuma-certificate")
    later = altered(told, "msg", value=told["msg"].replace("7 days", "3 days"))
    other = altered(told, "msg", value=told["msg"].replace("shop.contoso", "mail.contoso"))
    assert event_of(told).fingerprint == event_of(later).fingerprint != event_of(other).fingerprint
    assert event_of(told).title == told["msg"]


@pytest.mark.parametrize("name", ["Tocsin Testing", "My alert (1) Testing"])
def test_the_test_button_launches_nothing(name):
    """Its name is all that it says."""
    assert "test" in ignored_of(varied("uptime-kuma-test", "msg", value=name)).reason


def test_what_a_monitor_is_set_up_with_goes_no_further():
    """Older versions send what lets others in, beside all else."""
    secrets = {"basic_auth_pass": "s3cr3t", "headers": '{"x": "s3cr3t"}', "pushToken": "s3cr3t", "body": "s3cr3t"}
    secrets |= {"kafkaProducerSaslOptions": {"password": "s3cr3t"}, "grpcMetadata": '{"authorization": "s3cr3t"}'}
    secrets["rabbitmqNodes"] = ["https://kuma:s3cr3t@rabbit-1:15672", "https://rabbit-2:15672"]
    event = event_of(monitored(**secrets, url="https://kuma:s3cr3t@shop.contoso.example/"))
    assert b"s3cr3t" not in encode(event)
    assert event.raw["monitor"]["url"] == "https://shop.contoso.example/"
    assert event.raw["monitor"]["rabbitmqNodes"] == ["https://rabbit-1:15672", "https://rabbit-2:15672"]
    assert event.resources[0] == "shop.contoso.example"


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"heartbeat": {"status": 7}}, "heartbeat.status"),
        ({"heartbeat": {"status": True}}, "heartbeat.status"),
        ({"heartbeat": {}}, "heartbeat.status"),
        ({"heartbeat": 5}, "heartbeat"),
        ([], "body"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field at fault."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert [fault.field for fault in refusal.value.faults] == [field]
