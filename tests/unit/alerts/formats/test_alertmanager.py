"""Alertmanager's groups become one event per alert, each with an identity of its own."""

import pytest
from alert_examples import event_of, example, findings, ignored_of, varied
from mutations import altered

from worker.alerts.detection import detect
from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats.alertmanager import FORMAT
from worker.alerts.severities import UNCHANGED
from worker.domain.event import Event, EventType
from worker.domain.incident import derived_key

ALONE = example("alertmanager-truncated")


def test_each_alert_of_a_group_is_an_event():
    """What fires opens, what has ended ends, also in one group that is called firing."""
    fired, resolved = findings(example("alertmanager"))
    assert (fired.type, resolved.type) == (EventType.TRIGGER, EventType.RESOLVE)
    assert fired.fingerprint != resolved.fingerprint
    assert fired.resolved_at is None


def test_the_raw_alert_is_its_own_with_what_the_group_says():
    """An event carries its alert and the group's words, and no other alert."""
    group = example("alertmanager")
    for place, event in enumerate(findings(group)):
        assert event.raw == {**group, "alerts": [group["alerts"][place]]}


def test_the_end_has_the_key_of_the_beginning():
    """A resolved alert names fingerprint and time of the alert that it ends."""
    ended = altered(ALONE, "alerts", 0, "status", value="resolved")
    ended["alerts"][0]["endsAt"] = "2026-03-02T09:40:00Z"
    ended["status"] = "resolved"
    assert event_of(ended).type is EventType.RESOLVE
    assert derived_key(event_of(ended)) == derived_key(event_of(ALONE))


def of_grafana(status, reason="", **labels):
    """An alert of a Grafana that sends by this Alertmanager."""
    alert = ALONE["alerts"][0]
    told = {"status": status, "labels": alert["labels"] | labels}
    told["annotations"] = alert["annotations"] | ({"grafana_state_reason": reason} if reason else {})
    return ALONE | {"status": status, "alerts": [alert | told]}


@pytest.mark.parametrize("reason", ["MissingSeries", "NoData", "Paused", "RuleDeleted"])
def test_what_grafana_ends_for_a_reason_of_its_own_is_no_end(reason):
    """A Grafana that sends by an Alertmanager says there, too, that nobody measured that it is over."""
    ended = event_of(of_grafana("resolved", reason))
    assert (ended.type, ended.state_reason) == (EventType.NO_LONGER_REPORTED, reason)
    assert ended.fingerprint == event_of(of_grafana("firing")).fingerprint
    assert event_of(of_grafana("resolved")).type is EventType.RESOLVE


@pytest.mark.parametrize(
    ("reason", "labels"),
    [
        ("NoData", {}),
        ("Error, KeepLast", {}),
        ("", {"alertname": "DatasourceNoData", "rulename": "Orders"}),
        ("", {"alertname": "Renamed", "rulename": "Orders", "datasource_uid": "p1"}),
    ],
)
def test_what_grafana_fires_without_data_is_of_low_confidence(reason, labels):
    """Whichever way it comes it is told as what it is, and is not urgent."""
    fired = event_of(of_grafana("firing", reason, severity="critical", **labels))
    assert fired.description.startswith("Low confidence: ")
    assert fired.severity == 3


def test_the_peers_of_a_cluster_tell_of_one_alert():
    """Two Alertmanagers that differ in their address and in the key of the group send the same alert."""
    peer = varied("alertmanager-truncated", "externalURL", value="http://alertmanager-1:9093")
    peer["groupKey"] = '{}/{team="pay"}:{alertname="HighErrorRate"}'
    assert derived_key(event_of(peer)) == derived_key(event_of(ALONE))
    assert event_of(peer).id == event_of(ALONE).id


def test_two_receivers_are_two_authentication():
    """The same labels behind another receiver are another tenant's."""
    other = varied("alertmanager-truncated", "receiver", value="tocsin-staging")
    assert event_of(other).fingerprint != event_of(ALONE).fingerprint


def test_without_its_fingerprint_an_alert_is_known_by_its_labels():
    """A sender that leaves the fingerprint out still tells two alerts apart, whatever their order of labels."""
    bare = altered(ALONE, "alerts", 0, "fingerprint", value=None)
    labels = bare["alerts"][0]["labels"]
    turned = altered(bare, "alerts", 0, "labels", value=dict(reversed(labels.items())))
    other = altered(bare, "alerts", 0, "labels", value=labels | {"instance": "pay-3:8080"})
    assert event_of(turned).fingerprint == event_of(bare).fingerprint != event_of(other).fingerprint


@pytest.mark.parametrize(("count", "words"), [(37, "37 more alerts"), (1, "1 more alert of"), ("2", "2 more alerts")])
def test_people_are_told_of_alerts_that_were_left_out(count, words):
    """A group that was cut says so in the description."""
    assert words in event_of(varied("alertmanager-truncated", "truncatedAlerts", value=count)).description


@pytest.mark.parametrize("count", [0, None, -1, "many", {}])
def test_where_nothing_was_left_out_nothing_is_said(count):
    """A whole group is not called cut."""
    assert "left out" not in event_of(varied("alertmanager-truncated", "truncatedAlerts", value=count)).description


@pytest.mark.parametrize(
    ("labels", "service"),
    [
        ({"service": "payments", "job": "node"}, "payments"),
        ({"service_name": "payments"}, "payments"),
        ({"job": "node-exporter", "namespace": "default"}, ""),
        ({"service": 7}, "7"),
        ({"service": None}, ""),
        ({"service": "pay", "job": "pay", "endpoint": "http", "pod": "pay-5f-abcde", "namespace": "shop"}, "pay"),
        ({"service": "kps-prometheus-node-exporter", "job": "node-exporter", "app": "pay"}, "pay"),
    ],
)
def test_the_service_is_what_a_rule_calls_so(labels, service):
    """Neither the job that measures nor the namespace is taken for the service whose people are called."""
    assert event_of(altered(ALONE, "alerts", 0, "labels", value=labels)).service == service


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00Z", None, "never"])
def test_an_end_without_a_time_is_still_an_end(end):
    """The year 1 is no time."""
    ended = altered(ALONE, "alerts", 0, "status", value="resolved")
    ended["alerts"][0]["endsAt"] = end
    assert (event_of(ended).type, event_of(ended).resolved_at) == (EventType.RESOLVE, None)


def test_an_alert_without_a_status_has_that_of_its_group():
    """The group's status speaks for an alert that has none."""
    ended = altered(ALONE, "alerts", 0, "status", value=None)
    ended["status"] = "resolved"
    assert event_of(ended).type is EventType.RESOLVE


def test_an_alert_that_cannot_be_read_does_not_cost_the_others():
    """One broken alert of a group is ignored with a reason, and the rest are launched."""
    group = example("alertmanager")
    found = findings(altered(group, "alerts", value=[7, *group["alerts"], []]))
    assert [type(finding) for finding in found] == [Ignored, Event, Event, Ignored]


def test_an_empty_group_is_ignored():
    """A group without alerts tells nothing."""
    assert "no alerts" in ignored_of(altered(ALONE, "alerts", value=[])).reason


@pytest.mark.parametrize(
    ("payload", "field"), [({}, "alerts"), ({"version": "4", "alerts": {}}, "alerts"), ([], "body"), (None, "body")]
)
def test_what_is_no_group_is_refused_by_field(payload, field):
    """The refusal names the field at fault."""
    with pytest.raises(NotThisFormat) as refusal:
        FORMAT.read(payload)
    assert field in [fault.field for fault in refusal.value.faults]


@pytest.mark.parametrize("version", ["0", "1", "2", "3", 3, "5", "v2"])
def test_another_version_is_refused_by_its_name(version):
    """Whoever sends it reads which version is read, and who sends that."""
    named = "alert" if version == "1" else "alerts"
    payload = {"version": version, "status": "firing", named: [{}], "receiver": "x"}
    with pytest.raises(NotThisFormat, match=rf"is version {version} of Alertmanager's webhook; version 4 is read"):
        FORMAT.read(payload)


@pytest.mark.parametrize("version", ["0", "2", "3"])
def test_another_version_is_recognised(version):
    """So that it is refused for what it is."""
    assert detect({"version": version, "status": "firing", "alerts": [{}]}) == "alertmanager"


def test_what_was_measured_is_told_from_who_measured_it():
    """Three faults that one exporter saw are three titles, of no service of the exporter's."""
    found = findings(example("kube-state-metrics"))
    assert [event.service for event in found] == ["", "", ""]
    assert [event.resources for event in found] == [
        ("payments/pay-api-6d9-x1",),
        ("reporting/nightly-export-29",),
        ("aks-np-7",),
    ]
    assert len({event.title for event in found}) == 3
    assert found[2].title == "Node is not ready on aks-np-7"


def test_a_setting_says_which_label_names_the_service():
    """The first that is given, unless it names an exporter."""
    group = altered(ALONE, "alerts", 0, "labels", value={"service": "payments", "team": "pay", "squad": "kubelet"})
    [event] = FORMAT.read(group, UNCHANGED, ("squad", "team", "service"))
    assert event.service == "pay"


@pytest.mark.parametrize(
    ("summary", "title"),
    [
        ("Disk almost full.", "Disk almost full on db-7, /var"),
        ("Disk of db-7 almost full.", "Disk of db-7 almost full (/var)"),
        ("/var of db-7 is full.", "/var of db-7 is full."),
    ],
)
def test_a_title_names_what_is_affected(summary, title):
    """Where its words do not."""
    group = example("alertmanager-host")
    group["alerts"][0]["labels"]["mountpoint"] = "/var"
    group["alerts"][0]["annotations"]["summary"] = summary
    assert event_of(group).title == title


def test_what_a_group_says_of_all_is_not_carried_a_thousand_times():
    """Where it is large; all else of it is."""
    group = example("alertmanager") | {"commonAnnotations": {"x": "y" * 100_000}}
    alone, many = findings(group)[0], findings(group | {"alerts": group["alerts"] * 500})[0]
    assert alone.raw["commonAnnotations"] == group["commonAnnotations"]
    assert many.raw["commonAnnotations"].startswith("Left out: ")
    assert many.raw["groupLabels"] == group["groupLabels"]
