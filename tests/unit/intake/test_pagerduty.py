"""PagerDuty's own address: a tool that was switched by changing one address notices nothing."""

import hashlib
import json
from pathlib import Path

import pytest
import structlog
from doorstep import Doorstep

from worker.alerts import alert_limit
from worker.domain.alert_identity import tracking_id
from worker.domain.errors import Unreachable
from worker.domain.event import encode

EXAMPLES = Path(__file__).parents[1] / "alerts/examples"


def example(name, **changes):
    return json.loads((EXAMPLES / f"pagerduty-{name}.json").read_text()) | changes


TRIGGER = example("trigger")
KEY = TRIGGER["routing_key"]


@pytest.fixture
def door():
    return Doorstep()


@pytest.fixture
def locked_door():
    return Doorstep(intake_keys={"nagios": hashlib.sha256(KEY.encode()).hexdigest()})


def invalid(answer, status):
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert set(told) == {"status", "message", "errors"}
    assert told["status"] == "invalid event"
    return told["errors"]


async def test_an_event_is_processed_as_pagerduty_says_it(door):
    """The answer is PagerDuty's to the letter, and where to follow the alert stands beside it."""
    answer = await door.post(TRIGGER, "/v2/enqueue")
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "disk/db-3"}
    assert answer.headers["location"] == f"/v1/alerts/{tracking_id(door.published[0])}"


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
async def test_what_follows_a_trigger_is_processed_too(door, action):
    """An acknowledgement and a resolve are published as what they are."""
    assert (await door.post(example(action), "/v2/enqueue")).status_code == 202
    assert [event.type for event in door.published] == [action]


async def test_a_key_that_was_made_here_ends_what_it_began(door):
    """Who sends no dedup_key is given one, by which the alert can be resolved."""
    given = (await door.post(example("minimal"), "/v2/enqueue")).json()["dedup_key"]
    await door.post(example("resolve", dedup_key=given), "/v2/enqueue")
    begun, ended = door.published
    assert begun.fingerprint == ended.fingerprint


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue"])
async def test_a_change_is_heard_and_launches_nothing(door, path):
    """A tool that reports its releases is told that all is well."""
    answer = await door.post(example("change"), path)
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Change event processed"}
    assert door.published == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("{", "The body is not JSON"),
        ({}, "routing_key: is missing or blank"),
        ([], "routing_key: is missing or blank"),
        (TRIGGER | {"routing_key": 5}, "routing_key: is missing or blank"),
        (
            {"service_key": KEY, "event_type": "trigger", "description": "x"},
            "event_type: is of PagerDuty's Events API v1",
        ),
        (TRIGGER | {"event_action": "explode"}, "event_action: must be trigger, acknowledge or resolve"),
        (TRIGGER | {"payload": {}}, "payload.summary: is required"),
        (TRIGGER | {"dedup_key": "k" * 256}, "dedup_key: string should have at most 255 characters"),
        (example("resolve") | {"dedup_key": None}, "dedup_key: "),
    ],
)
async def test_what_is_wrong_is_named_in_pagerdutys_form(door, body, error):
    """A wrong event is 400, and each error is a sentence."""
    errors = invalid(await door.post(body, "/v2/enqueue"), 400)
    assert any(each.startswith(error) for each in errors)
    assert door.published == []


async def test_the_routing_key_is_the_senders_key(locked_door):
    """Nothing but the body proves who sends, and the sender is known by the name of its key."""
    with structlog.testing.capture_logs() as lines:
        assert (await locked_door.post(TRIGGER, "/v2/enqueue")).status_code == 202
    assert [line["sender"] for line in lines if line["event"] == "intake.accepted"] == ["nagios"]


@pytest.mark.parametrize("key", ["wrong", KEY[:-1], KEY.upper(), "ключ"])
async def test_a_stranger_is_refused(locked_door, key):
    """An unknown routing_key opens nothing, and neither does one that is nearly right."""
    invalid(await locked_door.post(example("trigger", routing_key=key), "/v2/enqueue"), 401)
    assert locked_door.published == []


async def test_a_web_page_cannot_post_to_a_door_without_keys(door):
    """What holds for every other address holds for this one."""
    invalid(await door.post(TRIGGER, "/v2/enqueue", Origin="https://evil.example"), 403)


async def test_the_key_goes_nowhere(locked_door):
    """Neither the queue, nor the log, nor an answer has it."""
    with structlog.testing.capture_logs() as lines:
        answers = [await locked_door.post(TRIGGER | changes, "/v2/enqueue") for changes in ({}, {"event_action": KEY})]
        await locked_door.post(example("trigger", routing_key=f"{KEY}x"), "/v2/enqueue")
    [event] = locked_door.published
    assert KEY not in encode(event).decode() + str(lines) + "".join(answer.text for answer in answers)


async def test_an_outage_asks_the_tool_to_come_again(door):
    """The clients of PagerDuty repeat what gets 503, and it is the same event then."""
    door.outage = Unreachable("gone")
    answer = await door.post(TRIGGER, "/v2/enqueue")
    invalid(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1


async def test_a_list_that_means_nothing_to_pagerduty_is_no_fault_of_ours(monkeypatch):
    """However long a foreign field is, the event beside it is taken."""
    monkeypatch.setattr(alert_limit, "ALERTS_LIMIT", 2)
    door = Doorstep()
    answer = await door.post(example("trigger") | {"alerts": [{}] * 3}, "/v2/enqueue")
    assert answer.status_code == 202
    assert len(door.published) == 1
