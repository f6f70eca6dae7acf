"""Of more alerts than are read of one call, the worst of those that fire are."""

import pytest
from alert_examples import example

from worker.alerts import alert_limit
from worker.alerts.format import LeftOut
from worker.alerts.parsing import read_alerts
from worker.alerts.reading import AS_USUAL
from worker.domain.event import EventType, Severity

LIMIT = 20


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", LIMIT)


def alert(number, severity="warning", status="firing"):
    labels = {"alertname": f"a{number}", "severity": severity}
    return {"status": status, "labels": labels, "fingerprint": f"{number:016x}"}


def read(payload, name="alertmanager"):
    *events, left_out = read_alerts(name, payload, AS_USUAL)
    assert isinstance(left_out, LeftOut)
    assert len(events) == LIMIT
    return events, left_out


def test_what_fires_and_is_the_worst_is_read():
    """However late it stands, and in the order in which it came."""
    alerts = [alert(n, status="resolved", severity="critical") for n in range(15)] + [alert(n) for n in range(18)]
    alerts += [alert(7_000, "critical"), alert(7_001, "Sev0"), alert(7_002, "info")]
    events, left_out = read({"receiver": "x", "alerts": alerts})
    assert left_out.count == 16
    assert {event.type for event in events} == {EventType.TRIGGER}
    assert [event.title for event in events[-2:]] == ["a7000", "a7001"]
    assert [event.severity for event in events[-2:]] == [Severity.CRITICAL] * 2


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("grafana", example("grafana") | {"alerts": [alert(number) for number in range(70)]}),
        ("native", [{"title": f"t{number}", "fingerprint": str(number)} for number in range(70)]),
        ("cloudevents", [example("cloudevents-fired") | {"id": str(number)} for number in range(70)]),
    ],
)
def test_every_format_with_many_alerts_is_read_in_part(name, payload):
    """A group, and a batch; each event says how many are left out."""
    events, left_out = read(payload, name)
    assert left_out.reason.startswith("50 more alerts of the same call were left out by Tocsin")
    assert all(event.left_out >= 50 for event in events)  # the sender may have left out some as well
    assert all(event.description.startswith(left_out.reason) for event in events)


def test_what_the_sender_left_out_is_told_beside():
    """Both count."""
    events, _ = read({"receiver": "x", "truncatedAlerts": 7, "alerts": [alert(number) for number in range(21)]})
    assert "The sender left out 7 more alerts" in events[0].description
    assert events[0].left_out == 8
    assert "1 more alert of the same call was left out by Tocsin" in events[0].description


def test_a_long_description_makes_room_for_it():
    """What was left out is read whatever else is said."""
    long = alert(1) | {"annotations": {"description": "x" * 40_000}}
    events, left_out = read({"receiver": "x", "alerts": [long, *(alert(n) for n in range(20))]})
    assert len(events[0].description) <= 32_000
    assert events[0].description.startswith(left_out.reason)


def test_a_hostile_number_of_alerts_costs_little():
    """Only as many are looked at as are ever sent."""
    _, left_out = read({"receiver": "x", "alerts": [{}] * 100_000})
    assert left_out.count == 99_980


@pytest.mark.parametrize(
    "wrapped", [lambda group: [group] * 5, lambda group: [example("cloudevents-fired") | {"data": group}] * 5]
)
def test_groups_within_a_list_are_bounded_together(wrapped):
    """Neither many groups nor one large group in another's envelope is more than is read of a call."""
    group = {"receiver": "x", "version": "4", "alerts": [alert(number) for number in range(30)]}
    *events, left_out = read_alerts(None, wrapped(group), AS_USUAL)
    assert isinstance(left_out, LeftOut)
    assert left_out.count == 14
    assert len(events) == 20


def test_how_far_an_alert_can_be_believed_is_said_first(monkeypatch):
    """Then what was left out."""
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", 1)
    blind = example("grafana-no-data")
    event, left_out = read_alerts("grafana", blind | {"alerts": blind["alerts"] * 2}, AS_USUAL)
    first, second, *_ = event.description.split("\n\n")
    assert first.startswith("Low confidence: ")
    assert second == left_out.reason
