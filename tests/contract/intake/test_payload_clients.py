"""Clients that others maintain, against the intake as a real server: CloudEvents' and PagerDuty's for Python."""

import asyncio
import hashlib
from datetime import UTC, datetime

import httpx
import pagerduty
import pytest
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent
from doorstep import Doorstep
from listening import listening
from patience import LIMIT

from worker.domain.errors import Unreachable
from worker.domain.event import EventType, Severity

KEY = "0123456789abcdef0123456789abcdef"
FIRED_AT = datetime(2026, 3, 2, 9, 15, 4, tzinfo=UTC)
ATTRIBUTES = {
    "id": "1",
    "source": "/checkout",
    "type": "com.contoso.alert.fired",
    "subject": "checkout-1",
    "time": FIRED_AT,
    "datacontenttype": "application/json",
}
DATA = {"title": "Checkout is down", "severity": 2, "service": "checkout"}


@pytest.fixture
async def door():
    """With its app on a socket, at `url`."""
    door = Doorstep(intake_keys="tool=" + hashlib.sha256(KEY.encode()).hexdigest())
    async with listening(door.app) as (address, _):
        door.url = address
        yield door


async def call(client_call, *arguments, **named):
    """Of a client that blocks."""
    return await asyncio.to_thread(client_call, *arguments, **named)


# CloudEvents


async def post(door, message, **headers):
    async with httpx.AsyncClient(timeout=LIMIT, headers={"Authorization": f"Bearer {KEY}"} | headers) as client:
        return await client.post(f"{door.url}/v1/events", content=message.body, headers=message.headers)


@pytest.mark.parametrize("to_message", [http.to_structured_event, http.to_binary_event])
async def test_a_cloudevent_of_its_own_library_is_understood(door, to_message):
    """In both of its forms it is the same event, with the time and the place that it names."""
    answer = await post(door, to_message(CloudEvent(attributes=ATTRIBUTES, data=DATA)))
    [event] = door.published
    assert answer.status_code == 202
    assert event.title.startswith("Checkout is down")
    assert (event.severity, event.service) == (Severity.HIGH, "checkout")
    assert (event.occurred_at, event.source, event.resources) == (FIRED_AT, "/checkout", ("checkout-1",))


@pytest.mark.parametrize("data", ["Checkout is down: größer", b"\xff\x00", None])
async def test_whatever_data_it_carries_is_an_event(door, data):
    """Text, bytes and nothing at all, with their content type."""
    kind = {str: "text/plain", bytes: "application/octet-stream", type(None): "application/json"}[type(data)]
    event = CloudEvent(attributes=ATTRIBUTES | {"datacontenttype": kind}, data=data)
    for to_message in (http.to_structured_event, http.to_binary_event):
        assert (await post(door, to_message(event))).status_code == 202
    first, second = door.published
    assert first.id == second.id


# PagerDuty


@pytest.fixture
def tool(door):
    """A tool of PagerDuty's, with the right key."""
    with pagerduty.EventsApiV2Client(KEY) as client:
        yield pointed_at(door, client)


def pointed_at(door, client):
    # Its setter wants https; there is no certificate for loopback.
    client._url = door.url
    # How long it waits between its attempts.
    client.sleep_timer, client.sleep_timer_base = 0.01, 1
    return client


async def test_pagerdutys_client_opens_acknowledges_and_resolves(door, tool):
    """The key that it is answered is the one by which it goes on."""
    dedup_key = await call(
        tool.trigger,
        "Disk full on db-3",
        "db-3.prod",
        severity="error",
        custom_details={"free": "3 %", "nested": {"k": None}},
        links=[{"href": "https://runbook.example/disk", "text": "Runbook"}],
        images=[{"src": "https://graph.example/disk.png"}],
    )
    assert await call(tool.acknowledge, dedup_key) == dedup_key
    assert await call(tool.resolve, dedup_key) == dedup_key
    opened, acknowledged, resolved = door.published
    assert [each.type for each in door.published] == [EventType.TRIGGER, EventType.ACKNOWLEDGE, EventType.RESOLVE]
    assert opened.title.startswith("Disk full on db-3")
    assert (opened.severity, opened.resources) == (Severity.HIGH, ("db-3.prod",))
    assert {str(link.href) for link in opened.links} == {
        "https://runbook.example/disk",
        "https://graph.example/disk.png",
    }
    assert opened.fingerprint == acknowledged.fingerprint == resolved.fingerprint


async def test_pagerdutys_client_is_told_that_a_change_is_taken(door, tool):
    """It asks for nothing but 202, and nothing is launched."""
    await call(tool.submit, "Build 77 deployed", "ci", timestamp=FIRED_AT.isoformat())
    assert door.published == []


async def test_pagerdutys_client_learns_from_a_refusal_what_is_wrong(door, tool):
    """Its error carries the sentence and the field."""
    with pytest.raises(pagerduty.HttpError) as refusal:
        await call(tool.trigger, "", "db-3")
    answer = refusal.value.response
    assert (answer.status_code, answer.json()["status"]) == (400, "invalid event")
    assert "summary" in " ".join(answer.json()["errors"])


async def test_pagerdutys_client_with_a_wrong_key_gives_up(door):
    """It does not knock again: a 401 is final for it."""
    with pytest.raises(pagerduty.Error), pagerduty.EventsApiV2Client("f" * 32) as client:
        await call(pointed_at(door, client).trigger, "x", "db-3")
    assert door.published == []


async def test_pagerdutys_client_comes_again_until_the_queue_answers(door, tool):
    """What it is told in an outage makes it send the event once more."""
    outages = [Unreachable("down"), Unreachable("down")]

    async def publishing(event):
        if outages:
            raise outages.pop()
        door.published.append(event)

    door.publishing = publishing
    assert await call(tool.trigger, "Disk full", "db-3", dedup_key="disk/db-3") == "disk/db-3"
    assert [event.severity for event in door.published] == [Severity.CRITICAL]
