"""Whoever raises an incident over HTTP is told what is open, and may join it."""

import asyncio
import hashlib
from datetime import UTC, datetime

import pytest
from doorstep import Doorstep, fields, refusal

from worker.domain.alert_summary import AlertSummary
from worker.domain.errors import Unreachable
from worker.domain.event import Event, EventType
from worker.domain.incident import incident_id
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.incidents.open_incident import open_incident

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
COUNTED = {"alerts": 1, "faults": 1, "firing": 0, "first_at": NOW, "last_at": NOW, "severity": 1}
JOINED = incident_id("random:1")


def a_history(key="random:1", service="checkout", sender="", **facts):
    event = Event(title=f"{key} is down", service=service, key=key, severity=2, sender=sender)
    known = {"incident_id": incident_id(key), "key": key, "state": LaunchState.LAUNCHED, "event": event}
    return History(**{**known, "received_at": NOW, "first_attempt_at": NOW, **facts})


@pytest.fixture
def door():
    """Behind it one incident is open, for checkout."""
    door = Doorstep()
    door.histories[JOINED] = a_history()
    door.open.append(open_incident(a_history()))
    return door


async def test_what_is_open_for_the_service_is_told(door):
    """With all that a reporter needs to choose; the event is published all the same."""
    door.open.append(open_incident(a_history("random:2", service="search")))
    answer = await door.post({"title": "Checkout is slow", "service": "checkout"})
    assert answer.status_code == 202
    assert answer.json()["open"] == [
        {
            "incident_id": JOINED,
            "title": "random:1 is down",
            "severity": 2,
            "service": "checkout",
            "has_it": "",
            "url": None,
            "status_url": f"/v1/incidents/{JOINED}",
            "received_at": "2026-03-02T12:00:00Z",
            "response": None,
        }
    ]
    assert [event.type for event in door.published] == [EventType.TRIGGER]


async def test_an_incident_is_not_told_of_itself(door):
    """Raised again by its key, it is not another one that is open."""
    door.open.append(open_incident(a_history("disk-db1")))
    answer = await door.post({"title": "Down", "service": "checkout", "key": "disk-db1"})
    assert [each["incident_id"] for each in answer.json()["open"]] == [JOINED]


async def test_ten_are_told_and_no_more(door):
    """However many are open."""
    door.open = [open_incident(a_history(f"random:{number}")) for number in range(20)]
    assert len((await door.post({"title": "Down", "service": "checkout"})).json()["open"]) == 10


@pytest.mark.parametrize(
    ("event", "expected"),
    [({"title": "x"}, []), ({"title": "x", "service": "checkout", "fingerprint": "f"}, None)],
    ids=["no service", "an alert"],
)
async def test_what_is_the_same_as_nothing_is_not_looked_up(door, event, expected):
    """Without a service nothing is the same one's, and an alert is for its grouping."""
    assert (await door.post(event)).json()["open"] == expected


async def hang():
    await asyncio.sleep(3600)


async def fail():
    raise Unreachable("Nobody answers.")


async def err():
    raise ValueError("a fault of ours")


@pytest.mark.parametrize("looking", [hang, fail, err])
async def test_a_look_that_comes_to_nothing_holds_up_no_raise(door, looking):
    """Accepted within about a second, and said to be unknown."""
    door.looking = looking
    async with asyncio.timeout(5):
        answer = await door.post({"title": "Down", "service": "checkout"})
    assert (answer.status_code, answer.json()["open"]) == (202, None)
    assert len(door.published) == 1


async def test_a_report_joins_an_open_incident(door):
    """It is published as a report under that incident's key, and followed there."""
    answer = await door.post({"title": "Slow", "impact": "EU", "source": "desk"}, f"/v1/incidents?join={JOINED}")
    [event] = door.published
    assert (event.type, event.key, event.impact, event.source) == (EventType.REPORT, "random:1", "EU", "desk")
    assert event.severity == 5
    assert answer.json()["incident_id"] == JOINED
    assert answer.json()["status_url"] == answer.headers["location"] == f"/v1/incidents/{JOINED}"


async def test_a_report_says_who_sent_it():
    """The sender that proved itself, where the report does not say it."""
    door = Doorstep(intake_keys={"desk": hashlib.sha256(b"key").hexdigest()})
    door.histories[JOINED] = a_history(sender="desk")
    await door.post({"title": "Slow", "severity": 1}, f"/v1/incidents?join={JOINED}", Authorization="Bearer key")
    assert [(event.source, event.severity) for event in door.published] == [("desk", 1)]


async def test_the_same_report_twice_is_one(door):
    """Sent again, it has the ids of the first, so that the broker drops it."""
    answers = [await door.post({"title": "Slow"}, f"/v1/incidents?join={JOINED}") for _ in range(2)]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("asked", ["inc-0000000000", "inc-1", "", "' or 1 eq 1"])
async def test_what_is_not_there_cannot_be_joined(door, asked):
    """404, and nothing is published."""
    refusal(await door.http.post("/v1/incidents", json={"title": "Slow"}, params={"join": asked}), 404)
    assert door.published == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"state": LaunchState.FAILED}, "its launch was given up"),
        ({"alerts": AlertSummary(**COUNTED, resolved_at=NOW)}, "all its alerts have resolved"),
    ],
)
async def test_what_has_ended_cannot_be_joined(door, facts, words):
    """409 says why, and that it can be raised by itself."""
    door.histories[JOINED] = a_history(**facts)
    problem = refusal(await door.post({"title": "Slow"}, f"/v1/incidents?join={JOINED}"), 409)
    assert words in problem["detail"]
    assert "Without the parameter `join`" in problem["detail"]
    assert door.published == []


async def test_a_store_that_is_away_joins_nothing(door):
    """503 says to come again."""
    door.outage = Unreachable("Nobody answers.")
    answer = await door.post({"title": "Slow"}, f"/v1/incidents?join={JOINED}")
    refusal(answer, 503)
    assert answer.headers["retry-after"]


async def test_the_open_incidents_are_listed(door):
    """Of one service, or of all."""
    door.open.append(open_incident(a_history("random:2", service="search")))
    for path, services in (
        ("/v1/incidents?state=open", ["checkout", "search"]),
        ("/v1/incidents", ["checkout", "search"]),
        ("/v1/incidents?state=open&service=search", ["search"]),
    ):
        answer = await door.http.get(path)
        assert answer.status_code == 200
        assert [each["service"] for each in answer.json()["incidents"]] == services


async def test_another_list_is_refused(door):
    """The parameter is named."""
    assert fields(refusal(await door.http.get("/v1/incidents?state=launched"), 422)) == ["state"]


async def test_the_list_is_for_those_who_have_a_key():
    """As each incident is."""
    door = Doorstep(intake_keys={"desk": "0" * 64})
    refusal(await door.http.get("/v1/incidents"), 401)


async def test_a_list_that_cannot_be_read_says_to_come_again(door):
    """Not an empty one: nobody shall think that nothing is open."""
    door.outage = Unreachable("Nobody answers.")
    refusal(await door.http.get("/v1/incidents"), 503)
