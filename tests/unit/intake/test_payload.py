"""What is put around the body of a call is taken off at every address, and what asks is answered."""

import base64
import gzip
import hashlib
import hmac
import json
import time
import zlib
from pathlib import Path

import pytest
from alert_examples import example
from doorstep import Doorstep, refusal

PAYLOADS = Path(__file__).with_name("payloads")
EVENT = {"title": "Größe of the queue", "service": "checkout", "severity": 2}
TEXT = json.dumps(EVENT, ensure_ascii=False)
BODY = TEXT.encode()
ADDRESSES = ["/v1/incidents", "/v1/alerts", "/v1/alerts/native"]


@pytest.fixture
def door():
    return Doorstep()


WRAPPED = {
    "gzip": (gzip.compress(BODY), {"Content_Encoding": "gzip"}),
    "gzip by its old name": (gzip.compress(BODY), {"Content_Encoding": "X-GZip"}),
    "gzip by its type": (gzip.compress(BODY), {"Content_Type": "application/gzip"}),
    "deflate": (zlib.compress(BODY), {"Content_Encoding": "deflate"}),
    "latin-1": (TEXT.encode("latin-1"), {"Content_Type": "application/json; charset=iso-8859-1"}),
    "latin-1, undeclared": (TEXT.encode("latin-1"), {"Content_Type": "application/json"}),
    "utf-16": (TEXT.encode("utf-16"), {"Content_Type": "application/json; charset=utf-16"}),
    "a mark": (b"\xef\xbb\xbf" + BODY, {}),
    "twice serialised": (json.dumps(TEXT), {"Content_Type": "application/json"}),
    "base 64": (base64.b64encode(BODY), {"Content_Type": "text/plain"}),
}


@pytest.mark.parametrize("path", ADDRESSES)
@pytest.mark.parametrize("wrapping", WRAPPED)
async def test_the_event_is_the_one_that_was_meant(door, path, wrapping):
    """Compressed, in another encoding or serialised twice, at each address."""
    body, headers = WRAPPED[wrapping]
    answer = await door.post(body, path, **headers)
    assert (answer.status_code, [event.title for event in door.published]) == (202, [EVENT["title"]])


@pytest.mark.parametrize("path", [*ADDRESSES, "/v1/events", "/v2/enqueue"])
async def test_a_bomb_is_413(door, path):
    """What would be larger than a body may be is refused before it is."""
    answer = await door.post(gzip.compress(bytes(50_000_000)), path, Content_Encoding="gzip")
    assert (answer.status_code, door.published) == (413, [])


async def test_an_undeclared_bomb_is_413(door):
    """Whether its sender says so or not."""
    refusal(await door.post(gzip.compress(bytes(50_000_000)), "/v1/alerts"), 413)


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br"])
async def test_another_coding_is_415_with_those_that_are_read(door, coding):
    """The sentence and the header say what is left."""
    answer = await door.post(BODY, Content_Encoding=coding)
    assert "gzip or deflate" in refusal(answer, 415)["detail"]
    assert answer.headers["accept-encoding"] == "gzip, deflate"


async def test_a_signature_is_of_the_bytes_that_were_sent():
    """A sender signs what it sends, which is compressed already."""
    door = Doorstep(intake_signing_secrets="ci=c2VjcmV0LXNlY3JldC1zZWNyZXQ")
    body, moment = gzip.compress(BODY), str(int(time.time()))
    secret = door.settings.intake_signing_secrets[0][1].get_secret_value().encode()
    digest = hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    signed = {"X_Tocsin_Signature": f"sha256={digest}", "X_Tocsin_Timestamp": moment}
    answer = await door.post(body, Content_Encoding="gzip", **signed)
    assert (answer.status_code, len(door.published)) == (202, 1)


@pytest.mark.parametrize("body", [f"{TEXT}\n{TEXT}\n", json.dumps([EVENT, EVENT]), json.dumps([TEXT, TEXT])])
async def test_several_events_are_as_many(door, body):
    """On lines or in an array, where a call may carry many."""
    answer = await door.post(body, "/v1/alerts")
    assert (answer.status_code, len(answer.json()["accepted"])) == (202, 2)


async def test_several_alerts_of_different_systems_are_each_read_as_its_own(door):
    """A gateway that collects them need not know their formats."""
    answer = await door.post([example("metric"), example("datadog"), EVENT], "/v1/alerts")
    assert answer.status_code == 202
    assert len({event.source for event in door.published}) == 3


async def test_of_several_the_one_at_fault_is_named(door):
    """All are refused, so that its sender learns of it."""
    problem = refusal(await door.post([EVENT, {"caption": "x"}], "/v1/alerts"), 422)
    assert [fault["field"] for fault in problem["errors"]] == ["1.title"]
    assert door.published == []


async def test_of_what_is_of_no_format_is_said_what_it_looks_like(door):
    """Who sends something else reads what came."""
    assert "e-mail" in refusal(await door.post({"subject": "x", "from": "a", "to": "b"}, "/v1/alerts"), 422)["detail"]
    assert "HTML" in refusal(await door.post("<html>", "/v1/alerts"), 400)["detail"]


# What Event Grid asks

QUESTION = {
    "id": "1",
    "topic": "/subscriptions/s",
    "subject": "",
    "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
    "eventTime": "2026-03-02T09:15:04Z",
    "data": {"validationCode": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6", "validationUrl": "https://rp.example/validate"},
    "dataVersion": "1",
    "metadataVersion": "1",
}
EVENT_GRID = {"aeg_event_type": "SubscriptionValidation", "Content_Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/events", "/v1/alerts/azure-monitor"])
@pytest.mark.parametrize("body", [[QUESTION], QUESTION])
async def test_event_grid_is_answered_with_its_code(door, path, body):
    """It sends nothing to an address that does not say the code again."""
    answer = await door.post(body, path, **EVENT_GRID)
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": QUESTION["data"]["validationCode"]})
    assert door.published == []


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"data": {}}, 202),
        ({"data": None}, 202),
        ({"data": {"validationCode": 5}}, 202),
        ({"eventType": "Microsoft.EventGrid.SubscriptionDeletedEvent"}, 202),
        ({"eventType": None}, 422),
    ],
)
async def test_what_only_looks_like_the_question_is_not_answered_with_a_code(door, wrong, status):
    """It is read as what Event Grid tells, or refused where it is not even that, and launches nothing either."""
    answer = await door.post([QUESTION | wrong], "/v1/events", **EVENT_GRID)
    assert "validationResponse" not in answer.json()
    assert (answer.status_code, door.published) == (status, [])


async def test_a_stranger_is_not_answered():
    """Whoever cannot prove who they are gets no code back."""
    door = Doorstep(intake_keys="grid=" + hashlib.sha256(b"key").hexdigest())
    assert (await door.post([QUESTION], "/v1/events", **EVENT_GRID)).status_code == 401
    answer = await door.post([QUESTION], "/v1/events?access_token=key", **EVENT_GRID)
    assert answer.status_code == 200


# As they were sent


async def test_grafanas_test_is_taken(door):
    """With nine digits of a second; only the link that is no address is left out."""
    answer = await door.post((PAYLOADS / "grafana-test.json").read_text(), "/v1/alerts/grafana")
    [event] = door.published
    assert answer.status_code == 202
    assert event.title.startswith("Notification test")
    assert event.occurred_at.isoformat() == "2026-11-29T17:32:00.123456+00:00"
    assert [str(link.href) for link in event.links] == [
        "https://grafana.example/alerting/silence/new?alertmanager=grafana"
    ]


async def test_pagerdutys_empty_links_are_left_out(door):
    """Two links and an image are left of five."""
    answer = await door.post((PAYLOADS / "pagerduty-empty-links.json").read_text(), "/v2/enqueue")
    [event] = door.published
    assert answer.status_code == 202
    assert [str(link.href) for link in event.links] == [
        "https://mon.example/t/44",
        "https://mon.example/g",
        "https://mon.example/g.png",
    ]


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue"])
async def test_pagerdutys_changes_launch_nothing(door, path):
    """At both addresses they are answered as PagerDuty does."""
    answer = await door.post((PAYLOADS / "pagerduty-change.json").read_text(), path)
    assert (answer.status_code, door.published) == (202, [])
