"""Alertmanager's groups become one event per alert, each with an identity of its own."""

import pytest
from alert_examples import event_of, example, findings, ignored_of, varied
from mutations import altered

from worker.alerts.format import Ignored, NotThisFormat
from worker.alerts.formats.alertmanager import FORMAT
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
