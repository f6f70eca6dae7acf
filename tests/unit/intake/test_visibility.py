"""What one sender is shown of what another one told, through all doors that read."""

import hashlib
from datetime import UTC, datetime

import pytest
from doorstep import Doorstep, refusal

from worker.domain.alert_status import AlertStatus, Disposition
from worker.domain.event import Event, EventType
from worker.domain.incident import incident_id
from worker.domain.sender_scope import Sender, SenderScope
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.incidents.open_incident import open_incident

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEYS = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a", "b", "reader", "checkout", "search")}
SENDERS = {
    "reader": {"may-read": "all"},
    "checkout": {"services": ["Check*"]},
    "search": {"services": ["search"], "may-end": "all"},
}
OF_A, OF_QUEUE = incident_id("random:1"), incident_id("random:2")
ALERT = "0" * 32 + "-" + "1" * 32
# Who sees what a told of checkout; what came by the queue alone is nobody's own.
SEE, DO_NOT = ("a", "reader", "checkout"), ("b", "search")


def a_history(key, sender):
    event = Event(title="Checkout is down", service="checkout", key=key, sender=sender, raw={"secret": "s3cret"})
    facts = {"incident_id": incident_id(key), "key": key, "state": LaunchState.LAUNCHED, "event": event}
    return History(**facts, received_at=NOW, first_attempt_at=NOW)


def a_status(**facts):
    known = {"tracking_id": ALERT, "type": EventType.TRIGGER, "disposition": Disposition.OPENED, "incident_id": OF_A}
    return AlertStatus(**{**known, "because": "x", "received_at": NOW, "sender": "a", "service": "checkout", **facts})


@pytest.fixture
def door():
    """Behind it two incidents are open, one of which sender a has told, and the other somebody in the queue."""
    door = Doorstep(intake_keys=KEYS, intake_senders=SENDERS)
    for key, sender in (("random:1", "a"), ("random:2", "")):
        history = a_history(key, sender)
        door.histories[history.incident_id] = history
        door.open.append(open_incident(history))
    door.stories[ALERT] = a_status()
    return door


def get(door, path, sender):
    return door.http.get(path, headers={"Authorization": f"Bearer {sender}"})


@pytest.mark.parametrize("path", [f"/v1/incidents/{OF_A}", f"/v1/alerts/{ALERT}"])
async def test_what_is_not_its_own_is_as_if_it_were_not_there(door, path):
    """The same sentence as for what nobody has told."""
    nowhere = path.replace(OF_A, "inc-0000000000").replace(ALERT, "2" * 32 + "-" + "3" * 32)
    for sender in DO_NOT:
        hidden, missing = [refusal(await get(door, each, sender), 404) for each in (path, nowhere)]
        assert hidden["detail"].replace(path.rpartition("/")[2], "") == missing["detail"].replace(
            nowhere.rpartition("/")[2], ""
        )
    for sender in SEE:
        assert (await get(door, path, sender)).status_code == 200


@pytest.mark.parametrize(
    ("sender", "seen"),
    [("a", {OF_A}), ("b", set()), ("search", set()), ("reader", {OF_A, OF_QUEUE}), ("checkout", {OF_A, OF_QUEUE})],
)
async def test_lists_hold_what_a_sender_may_see(door, sender, seen):
    """The list itself, what is open for the service of a raise, and so what a report may join."""
    listed = (await get(door, "/v1/incidents?state=open", sender)).json()["incidents"]
    assert {each["incident_id"] for each in listed} == seen
    raised = await door.post({"title": "Slow", "service": "checkout"}, Authorization=f"Bearer {sender}")
    assert {each["incident_id"] for each in raised.json()["open"]} == seen
    for incident in (OF_A, OF_QUEUE):
        answer = await door.post({"title": "Slow"}, f"/v1/incidents?join={incident}", Authorization=f"Bearer {sender}")
        assert answer.status_code == (202 if incident in seen else 404)


async def test_what_is_hidden_joins_as_what_is_not_there(door):
    """The same sentence, and nothing is published."""
    hidden, missing = [
        refusal(await door.post({"title": "x"}, f"/v1/incidents?join={each}", Authorization="Bearer b"), 404)["detail"]
        for each in (OF_A, "inc-0000000000")
    ]
    assert hidden.replace(OF_A, "") == missing.replace("inc-0000000000", "")
    assert door.published == []


@pytest.mark.parametrize(("sender", "raw"), [("a", {"secret": "s3cret"}), ("reader", None), ("checkout", None)])
async def test_what_a_system_sent_is_shown_to_its_own_sender_alone(door, sender, raw):
    """Whoever else may see the incident is told what was read of it."""
    answer = await get(door, f"/v1/incidents/{OF_A}", sender)
    assert answer.json()["event"].get("raw") == raw
    assert answer.json()["event"]["title"] == "Checkout is down"
    assert "sender_scope" not in answer.json()["event"]


async def test_where_nobody_is_asked_all_is_ones_own():
    """An intake on loopback has one sender, and hides nothing from it."""
    door = Doorstep()
    door.histories[OF_A] = a_history("random:1", "a")
    door.stories[ALERT] = a_status()
    answer = await door.http.get(f"/v1/incidents/{OF_A}")
    assert answer.json()["event"]["raw"] == {"secret": "s3cret"}
    assert (await door.http.get(f"/v1/alerts/{ALERT}")).status_code == 200
    assert (await door.post({"title": "x"}, f"/v1/incidents?join={OF_A}")).status_code == 202
    assert door.published[-1].told_by.is_trusted


async def test_an_event_bears_who_sent_it_and_what_that_one_may_do(door):
    """Whatever it says of that itself."""
    claims = {"title": "x", "sender": "a", "sender_scope": {"ends_all": True}}
    for sender in ("b", "search"):
        await door.post(claims, Authorization=f"Bearer {sender}")
    assert [event.told_by for event in door.published] == [
        Sender("b"),
        Sender("search", SenderScope(services=("search",), ends_all=True)),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/incidents", {"title": "x", "source": "s", "fingerprint": "f", "occurred_at": "2026-03-02T12:00:00Z"}),
        ("/v1/alerts/native", {"title": "x", "source": "s", "fingerprint": "f", "occurred_at": "2026-03-02T12:00:00Z"}),
        ("/v1/alerts/native", {"title": "x", "source": "s", "fingerprint": "f"}),
        ("/v2/alerts", {"message": "x", "alias": "f"}),
    ],
)
async def test_two_senders_that_say_the_same_are_two(door, path, body):
    """Neither the broker nor an incident takes one's words for the other's; said again by one they are the same."""
    for sender in ("a", "b", "a"):
        assert (await door.post(body, path, Authorization=f"Bearer {sender}")).status_code == 202
    first, other, again = door.published
    assert first.id != other.id
    if "occurred_at" in body:
        assert first.key != other.key
        assert (first.id, first.key) == (again.id, again.key)
