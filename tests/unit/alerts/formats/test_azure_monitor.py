"""Azure Monitor's alerts become events that keep what a person needs at night."""

import copy
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from alert_examples import event_of, example, ignored_of, varied
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats import FORMATS
from worker.alerts.formats.azure_monitor import FORMAT
from worker.domain.event import DetectionSource, Event, EventType, Link, Severity
from worker.domain.incident import derived_key


def key_of(payload):
    received = event_of(payload).model_copy(update={"received_at": datetime(2026, 3, 2, 9, 20, tzinfo=UTC)})
    return derived_key(received)


def test_a_metric_alert_becomes_an_event_with_all_that_is_known():
    """Rule, resources, measure, service, impact and runbook of a metric alert are in the event."""
    event = event_of(example("metric"))
    assert event.title == "checkout-cpu-high on checkout-2, checkout-1, role checkout"
    assert event.severity is Severity.HIGH
    assert (event.service, event.impact, event.source) == ("checkout", "Customers cannot pay", "azure-monitor")
    assert event.detection_source is DetectionSource.MONITORING
    assert "Percentage CPU: Average GreaterThan 90, measured 97.4" in event.description
    assert Link(href="https://wiki.contoso.example/checkout-cpu", text="Runbook") in event.links
    assert event.labels["role"] == "checkout"
    assert event.labels["team"] == "shop"
    assert event.raw == example("metric")


def test_seven_digits_of_a_second_are_read():
    """The seventh digit of a fraction, which Azure sends, is dropped and no reason to refuse."""
    assert event_of(example("metric")).occurred_at == datetime(2026, 3, 2, 9, 15, 4, 123456, tzinfo=UTC)


def test_a_log_alert_links_to_its_results():
    """A log alert carries its count, the address of the filtered results and the rule's own properties."""
    event = event_of(example("log"))
    assert event.severity is Severity.CRITICAL
    assert event.service == "payments"
    assert "Log query: Count GreaterThan 50, measured 213.0" in event.description
    assert Link(href="https://portal.azure.com#@contoso/blade/LogsBlade/q/2", text="Search results") in event.links


def test_an_older_log_alert_is_read_too():
    """The older log alert, whose facts stand in capitals and directly in the context, loses nothing."""
    event = event_of(example("log-older"))
    assert event.title == "orders-stuck on orders-db"
    assert "Log query: Greater Than 10, measured 17" in event.description
    assert Link(href="https://portal.azure.com#@contoso/blade/LogsBlade/q/3", text="Search results") in event.links


def test_an_activity_log_alert_is_read():
    """An activity log alert, which has no conditions, becomes an event of its rule and resource."""
    event = event_of(example("activity-log"))
    assert event.title == "machine-deleted on checkout-1"
    assert event.severity is Severity.INFORMATION
    assert event.description == (
        "A production machine was deleted\n\nOperation: Microsoft.Compute/virtualMachines/delete, Succeeded, by "
        "someone@contoso.example\nLevel: Informational"
    )


def test_an_alert_of_the_managed_prometheus_is_read():
    """The labels and annotations of a Prometheus rule tell service, runbook and summary."""
    event = event_of(example("prometheus"))
    assert event.service == "payments"
    assert event.labels["pod"] == "pay-7c9f"
    assert "pay-7c9f restarted seven times" in event.description
    assert Link(href="https://wiki.contoso.example/pods", text="Runbook") in event.links


def test_two_pods_are_two_alerts():
    """Alerts of one rule that differ only in a label do not become one incident."""
    other = varied("prometheus", "data", "alertContext", "labels", "pod", value="pay-5d2a")
    assert key_of(other) != key_of(example("prometheus"))


def test_service_health_is_told_in_azures_words():
    """A Service Health event has Azure's own title and message, freed of markup, and never Azure's service as ours."""
    event = event_of(example("service-health"))
    assert event.title == "Storage: requests fail (West Europe)"
    assert "We are investigating failing requests & timeouts." in event.description
    assert event.service == ""
    assert event.labels["trackingId"] == "VTC8-B9G"


def test_updates_of_one_service_health_event_are_one_incident():
    """Every update of a Service Health event fires anew, and all have one key."""
    assert key_of(example("service-health")) == key_of(example("service-health-update"))


@pytest.mark.parametrize(
    ("fired", "resolved", "at"),
    [
        ("metric", "metric-resolved", datetime(2026, 3, 2, 9, 31, 0, 765432, UTC)),
        ("log", "log-resolved", datetime(2026, 3, 2, 9, 35, 11, 111222, UTC)),
        ("service-health", "service-health-resolved", datetime(2026, 3, 2, 9, 0, 0, 333333, UTC)),
    ],
)
def test_an_end_says_what_ends_and_when_that_began(fired, resolved, at):
    """A resolved alert has the key of the fired one, and the time at which it was resolved."""
    event = event_of(example(resolved))
    assert event.type is EventType.RESOLVE
    assert event.resolved_at == at
    assert event.fingerprint == event_of(example(fired)).fingerprint
    assert key_of(example(resolved)) == key_of(example(fired))


def test_the_health_of_a_resource_comes_back_without_saying_when_it_went():
    """What fires at the end of trouble is known by rule and resource, and its own time is no beginning."""
    fired, ended = event_of(example("resource-health")), event_of(example("resource-health-resolved"))
    assert (fired.type, ended.type) == (EventType.TRIGGER, EventType.RESOLVE)
    assert ended.fingerprint == fired.fingerprint
    assert ended.occurred_at is None
    assert "The host had to be restarted." in fired.description


@pytest.mark.parametrize(
    ("status", "operation", "health", "kind"),
    [
        ("Resolved", "Updated", "Available", EventType.RESOLVE),
        ("resolved", "Activated", None, EventType.RESOLVE),
        (None, "Resolved", "Available", EventType.RESOLVE),
        ("Active", "Activated", "Available", EventType.TRIGGER),
        ("Updated", "Updated", "Available", EventType.TRIGGER),
        ("InProgress", "InProgress", "Degraded", EventType.TRIGGER),
        ("Resolved", "Resolved", "Degraded", EventType.TRIGGER),
        ("Resolved", "Resolved", "Unavailable", EventType.TRIGGER),
        ("Resolved", "Resolved", "Unknown", EventType.NO_LONGER_REPORTED),
    ],
)
def test_trouble_with_a_resource_ends_by_its_own_end(status, operation, health, kind):
    """An update that sounds better is no end, nor is an end while the resource fails or nobody sees it."""
    payload = varied("resource-health", "data", "alertContext", "status", value=status)
    payload["data"]["alertContext"]["operationName"] = f"Microsoft.Resourcehealth/healthevent/{operation}/action"
    payload["data"]["alertContext"]["properties"]["currentHealthStatus"] = health
    event = event_of(payload)
    assert event.type is kind
    assert event.state_reason == ("Unknown" if kind is EventType.NO_LONGER_REPORTED else "")


def test_trouble_in_azure_ended_when_azure_says_so():
    """The time of mitigation is the end of a Service Health event, not the time of the message about it."""
    properties = example("service-health-resolved")["data"]["alertContext"]["properties"]
    told = properties | {"impactMitigationTime": "2026-03-02T08:44:00.0000000Z"}
    event = event_of(varied("service-health-resolved", "data", "alertContext", "properties", value=told))
    assert event.resolved_at == datetime(2026, 3, 2, 8, 44, tzinfo=UTC)


def test_the_end_of_nothing_in_particular_is_ignored():
    """A resolved alert that names neither rule nor resource ends nothing, and launches nothing."""
    essentials = {"monitorCondition": "Resolved"}
    ignored = ignored_of({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": essentials}})
    assert "does not say what" in ignored.reason


def test_a_budget_alert_full_of_nulls_is_read():
    """An alert without rule, severity, signal and targets still opens an incident that says what it is about."""
    event = event_of(example("budget"))
    assert event.title == "The monthly budget is used up on subscription 0f3a1c52-7a61-4d0e-9c1b-2f6f1d0b8e11"
    assert event.severity is Severity.MEDIUM
    assert "Spent: $68000.00 of a budget of $50000.00" in event.description


def test_a_budget_is_known_by_its_scope():
    """Two messages about one budget are one alert, and those about another are another."""
    more = varied("budget", "data", "alertContext", "AlertData", "SpentAmount", value="$70000.00")
    other = varied("budget", "data", "alertContext", "AlertData", "Scope", value="/subscriptions/other/")
    assert event_of(more).fingerprint == event_of(example("budget")).fingerprint != event_of(other).fingerprint


def test_what_is_affected_is_named():
    """The resources are in the event, also where only the older log alert's context names them."""
    assert event_of(example("metric")).resources == ("checkout-2", "checkout-1", "role checkout")
    older = varied("log-older", "data", "essentials", "configurationItems", value=None)
    assert event_of(older).resources == ("orders-db",)


def test_nothing_but_the_schema_is_required():
    """An alert that says nothing at all is better launched than lost."""
    event = event_of({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {}}})
    assert event.title == "Azure Monitor alert"
    assert derived_key(event) is None


@pytest.mark.parametrize(
    ("written", "severity"),
    [("Sev0", 1), ("Sev1", 2), ("Sev2", 3), ("sev3", 4), ("Sev4", 5), (None, 3), ("Sev9", 3), ("", 3)],
)
def test_azure_counts_severity_from_nought(written, severity):
    """Sev0 to Sev4 are our 1 to 5, and what is unknown is medium."""
    assert event_of(varied("metric", "data", "essentials", "severity", value=written)).severity == severity


@pytest.mark.parametrize(("written", "severity"), [("1", 1), (4, 4), ("critical", 1), ("Sev3", 4), ("loud", 2)])
def test_a_rules_author_may_choose_the_severity(written, severity):
    """The custom property overrides Azure's severity; one that cannot be read changes nothing."""
    properties = {"Severity": written}
    assert event_of(varied("metric", "data", "customProperties", value=properties)).severity == severity


def test_the_fingerprint_outlives_a_new_firing():
    """A rule that fires again, with a new alertId, has the same fingerprint; a new time makes it a new incident."""
    again = varied("metric", "data", "essentials", "alertId", value="/other")
    later = varied("metric", "data", "essentials", "firedDateTime", value="2026-03-03T00:00:00Z")
    first = event_of(example("metric"))
    assert event_of(again).fingerprint == event_of(later).fingerprint == first.fingerprint
    assert key_of(again) == key_of(example("metric")) != key_of(later)


def test_the_fingerprint_ignores_order_and_case_of_the_targets():
    """Azure names the same resources in any order and case."""
    payload = example("metric")
    targets = [target.upper() for target in reversed(payload["data"]["essentials"]["alertTargetIDs"])]
    shuffled = varied("metric", "data", "essentials", "alertTargetIDs", value=targets)
    assert event_of(shuffled).fingerprint == event_of(payload).fingerprint


def test_another_dimension_is_another_alert():
    """A rule split by a dimension opens one incident for each of its values."""
    payload = copy.deepcopy(example("metric"))
    payload["data"]["alertContext"]["condition"]["allOf"][0]["dimensions"][0]["value"] = "basket"
    assert event_of(payload).fingerprint != event_of(example("metric")).fingerprint


@pytest.mark.parametrize("written", [None, "", "yesterday", "0001-01-01T00:00:00", 12, {}])
def test_a_time_that_makes_no_sense_is_absent_and_two_firings_stay_two(written):
    """Without a time of firing it is the alertId that tells two firings apart."""
    payload = varied("metric", "data", "essentials", "firedDateTime", value=written)
    again = copy.deepcopy(payload)
    again["data"]["essentials"]["alertId"] = "/another"
    assert event_of(payload).occurred_at is None
    assert key_of(payload) != key_of(again)


def test_a_time_without_zone_is_utc():
    """Azure's times are in UTC, also where they do not say so."""
    payload = varied("metric", "data", "essentials", "firedDateTime", value="2026-03-02T09:15:04")
    assert event_of(payload).occurred_at == datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)


def test_a_runbook_that_is_no_address_is_not_lost():
    """A runbook such as `binder 7, page 3` stands in the description."""
    payload = varied("metric", "data", "customProperties", value={"runbook": "binder 7, page 3"})
    event = event_of(payload)
    assert "Runbook: binder 7, page 3" in event.description
    assert all(link.text != "Runbook" for link in event.links)


def test_markup_in_a_runbook_becomes_no_link():
    """An address that would run a script is never a link."""
    payload = varied("metric", "data", "customProperties", value={"runbook": "javascript:alert(1)"})
    assert all(link.href.startswith("https://") for link in event_of(payload).links)


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({}, "schemaId"),
        ({"schemaId": "AzureMonitorMetricAlert", "data": {}}, "schemaId"),
        ({"schemaId": "azureMonitorCommonAlertSchema"}, "data"),
        ({"schemaId": "azureMonitorCommonAlertSchema", "data": {}}, "data.essentials"),
        ({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": []}}, "data.essentials"),
        (varied("metric", "data", "essentials", "alertRule", value={"name": "x"}), "data.essentials.alertRule"),
        (varied("metric", "data", "essentials", "alertTargetIDs", value="x"), "data.essentials.alertTargetIDs"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_what_is_not_of_the_format_is_refused_by_field(payload, field):
    """The refusal names the field at fault."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert field in [fault.field for fault in refusal.value.faults]
    assert field in str(refusal.value)


def test_another_schema_is_refused_with_what_to_do():
    """Who sends the older schemas learns which switch to turn."""
    with pytest.raises(NotThisFormat, match="switch the common alert schema on in the action group"):
        FORMAT.read({"schemaId": "AzureMonitorMetricAlert", "data": {}})


@pytest.mark.parametrize(
    "context", [None, [], "x", {"condition": 5}, {"condition": {"allOf": [5]}}, {"properties": []}]
)
def test_a_context_of_a_strange_shape_costs_only_what_it_would_have_told(context):
    """What only enriches an incident is never a reason to refuse the alert."""
    event = event_of(varied("metric", "data", "alertContext", value=context))
    assert event.title.startswith("checkout-cpu-high on checkout-2, checkout-1")


def test_a_thousand_custom_properties_are_cut_to_what_fits():
    """More labels than an event may carry are dropped, and the alert is launched."""
    properties = {f"property {number}": "x" * 1_000 for number in range(1_000)}
    assert len(event_of(varied("metric", "data", "customProperties", value=properties)).labels) == 100


def test_a_body_of_brackets_takes_no_time():
    """Markup is removed in one pass, whatever it looks like."""
    payload = example("service-health")
    payload["data"]["alertContext"]["properties"]["communication"] = "<" * 190_000
    assert event_of(payload).title == "Storage: requests fail (West Europe)"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *((("data", "essentials", name)) for name in example("metric")["data"]["essentials"]),
    *((("data", "alertContext", name)) for name in example("log-older")["data"]["alertContext"]),
    ("data", "alertContext", "properties"),
    ("data", "alertContext", "condition"),
    ("data", "customProperties"),
    ("data",),
    ("schemaId",),
]


@given(name=st.sampled_from(["metric", "log-older", "service-health"]), field=st.sampled_from(FIELDS), value=JSON)
def test_whatever_stands_in_a_field_the_alert_is_read_or_refused(name, field, value):
    """No value of any field brings the parser down."""
    with suppress(NotThisFormat):
        [finding] = FORMAT.read(varied(name, *field, value=value))
        assert isinstance(finding, Event | Ignored)


def test_every_format_is_in_the_table():
    """The name in the address finds the parser."""
    assert FORMATS["azure-monitor"] is FORMAT
