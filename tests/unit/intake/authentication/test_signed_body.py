"""Bodies that are signed with a shared secret: ours and Grafana's, right and wrong in every way."""

import asyncio
import hashlib
import hmac
import time

import pytest
import structlog
from patience import LIMIT

from worker.domain.errors import Unreachable
from worker.intake.authentication.replay_cache import Replays
from worker.web.admission import STRANGERS

BODY = b'{"title": "Gr\xc3\xbc\xc3\x9fe"}'
SECRET = "a secret of the shop"
WINDOW = 300


def digest(content, secret=SECRET):
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def ours(body=BODY, *, ago=0, secret=SECRET):
    moment = str(int(time.time()) - ago)
    return {
        "X-Tocsin-Signature": "sha256=" + digest(f"{moment}.".encode() + body, secret),
        "X-Tocsin-Timestamp": moment,
    }


def grafana(body=BODY, *, ago=None, secret="a secret of grafana"):
    signature = "X-Grafana-Alerting-Signature"
    if ago is None:
        return {signature: digest(body, secret)}
    moment = str(int(time.time()) - ago)
    return {signature: digest(f"{moment}:".encode() + body, secret), "X-Grafana-Alerting-Timestamp": moment}


def without(headers, name):
    return {given: value for given, value in headers.items() if not given.endswith(name)}


def changed(headers, name, change):
    return {given: change(value) if given.endswith(name) else value for given, value in headers.items()}


GOOD = {
    "ours": ours,
    "ours, a little late": lambda: ours(ago=WINDOW - 30),
    "ours, from a clock that is ahead": lambda: ours(ago=30 - WINDOW),
    "ours, in capitals": lambda: changed(ours(), "Signature", lambda value: "sha256=" + value[7:].upper()),
    "ours, with another sender's secret": lambda: ours(secret="a secret of grafana"),
    "Grafana's": grafana,
    "Grafana's with a timestamp": lambda: grafana(ago=0),
    "Grafana's, a little late": lambda: grafana(ago=WINDOW - 30),
}
WRONG = {
    "another secret": lambda: ours(secret="a secret of nobody"),
    "an empty secret": lambda: ours(secret=""),
    "another body": lambda: ours(BODY.replace(b"title", b"titlf")),
    "a byte more": lambda: ours(BODY + b" "),
    "no timestamp": lambda: without(ours(), "Timestamp"),
    "an empty timestamp": lambda: changed(ours(), "Timestamp", lambda _: ""),
    "another timestamp": lambda: changed(ours(), "Timestamp", lambda value: str(int(value) + 1)),
    "a timestamp with a zero before it": lambda: changed(ours(), "Timestamp", lambda value: "0" + value),
    "a negative timestamp": lambda: changed(ours(), "Timestamp", lambda value: "-" + value),
    "an endless timestamp": lambda: changed(ours(), "Timestamp", lambda _: "9" * 5_000),
    "a timestamp in words": lambda: changed(ours(), "Timestamp", lambda _: "yesterday"),
    "a timestamp in other digits": lambda: changed(ours(), "Timestamp", lambda _: "\u00b2\u00b3".encode("latin-1")),
    "too old": lambda: ours(ago=WINDOW + 30),
    "too far ahead": lambda: ours(ago=-WINDOW - 30),
    "only the timestamp": lambda: without(ours(), "Signature"),
    "no form": lambda: changed(ours(), "Signature", lambda value: value[7:]),
    "another form": lambda: changed(ours(), "Signature", lambda value: "sha1=" + value[7:]),
    "cut short": lambda: changed(ours(), "Signature", lambda value: value[:-1]),
    "a digit more": lambda: changed(ours(), "Signature", lambda value: value + "0"),
    "empty": lambda: changed(ours(), "Signature", lambda _: ""),
    "no text": lambda: changed(ours(), "Signature", lambda _: b"sha256=" + b"\xff" * 64),
    "twice": lambda: [*ours().items(), *ours().items()],
    "two timestamps": lambda: [*ours().items(), ("X-Tocsin-Timestamp", "1")],
    "Grafana's with another secret": lambda: grafana(secret="a secret of nobody"),
    "Grafana's of another body": lambda: grafana(BODY + b"\n"),
    "Grafana's too old": lambda: grafana(ago=WINDOW + 30),
    "Grafana's without the timestamp it signed": lambda: without(grafana(ago=0), "Timestamp"),
    "Grafana's with a timestamp it did not sign": lambda: grafana() | {"X-Grafana-Alerting-Timestamp": "1772442904"},
    "Grafana's in our header": lambda: {"X-Tocsin-Signature": "sha256=" + digest(BODY), "X-Tocsin-Timestamp": "1"},
}


@pytest.mark.parametrize("headers", GOOD.values(), ids=GOOD)
async def test_a_right_signature_opens(door, headers):
    """Over the very bytes that were sent, within five minutes by either clock."""
    assert (await door.post(headers(), BODY)).status_code == 202


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
async def test_any_other_signature_is_401(door, headers):
    """Nothing is published, and the log says why without any of it."""
    with structlog.testing.capture_logs() as lines:
        assert (await door.post(headers(), BODY)).status_code == 401
    [line] = lines
    assert line["event"] == "intake.unauthenticated"
    assert digest(BODY) not in str(line)
    assert door.published == []


async def test_a_place_is_free_again_once_its_body_is_read(door):
    """More signed requests than there are places for are all taken, one after another."""
    for number in range(STRANGERS + 1):
        body = b'{"title": "%d"}' % number
        assert (await door.post(ours(body), body)).status_code == 202


@pytest.mark.parametrize("sign", [ours, lambda: grafana(ago=0)], ids=["ours", "Grafana's"])
async def test_a_copy_is_refused(door, sign):
    """A signed request that somebody recorded opens nothing a second time."""
    headers = sign()
    assert [(await door.post(headers, BODY)).status_code for _ in range(2)] == [202, 401]


async def test_a_copy_to_another_instance_is_the_same_incident(threshold):
    """What one process cannot know is harmless: the request is its own idempotency key."""
    headers = ours()
    doors = [threshold(intake_signing_secrets={"shop": SECRET}) for _ in range(2)]
    answers = [await door.post(headers, BODY) for door in doors]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()


async def test_a_fingerprint_is_stronger_than_a_signature(door):
    """The same alert, signed anew for each attempt, is one incident."""
    body = b'{"title": "x", "fingerprint": "disk/db-3", "occurred_at": "2026-03-02T09:02:00Z"}'
    answers = [await door.post(ours(body, ago=ago), body) for ago in (0, 60)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["incident_id"] == answers[1].json()["incident_id"]


async def test_what_grafana_repeats_without_a_timestamp_is_taken_each_time(door):
    """The same body again is how it reminds of an alert that still fires."""
    assert [(await door.post(grafana(), BODY)).status_code for _ in range(2)] == [202, 202]


async def test_a_sender_that_was_told_to_come_again_may(door):
    """A signed request that came to nothing is no copy when it comes again."""
    headers = ours()
    door.outage = Unreachable("down")
    assert (await door.post(headers, BODY)).status_code == 503
    door.outage = None
    assert (await door.post(headers, BODY)).status_code == 202


async def test_two_secrets_of_one_sender_both_hold(threshold):
    """While one follows the other the sender may use either."""
    door = threshold(intake_signing_secrets=(("shop", "the one that goes"), ("shop", "the one that comes")))
    for secret in ("the one that goes", "the one that comes"):
        assert (await door.post(ours(secret=secret), BODY)).status_code == 202


async def unread():
    raise AssertionError("the body was read")
    yield b""


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Tocsin-Signature": "nonsense"},
        {"X-Tocsin-Signature": "sha256=" + "0" * 64, "X-Tocsin-Timestamp": "1"},
        {"Authorization": "Bearer wrong"},
        {},
    ],
)
async def test_a_body_is_read_only_for_a_signature_that_may_hold(door, headers):
    """What can be refused by its head is, before a byte of the body is waited for."""
    assert (await door.http.post("/v1/incidents", content=unread(), headers=headers)).status_code == 401


async def test_a_sender_with_a_key_does_not_wait_for_its_signature(door):
    """A key that holds is enough, and the body is read by the route alone."""
    headers = {"Authorization": "Bearer new key of desk", "X-Tocsin-Signature": "nonsense"}
    assert (await door.post(headers)).status_code == 202


async def test_a_signed_body_is_bounded(door):
    """A stranger's body is not read beyond what any route takes."""
    assert (await door.post(ours(), b" " * 1_000_001)).status_code == 413


async def test_a_signed_group_of_alerts_may_be_large(door):
    """As large as one whose sender has a key, and no larger."""
    body = b'{"alerts": [], "version": "4"}' + b" " * 1_000_000
    answer = await door.http.post("/v1/alerts/alertmanager", content=body, headers=ours(body))
    assert answer.status_code == 202
    answer = await door.http.post("/v1/alerts", content=b" " * 8_000_001, headers=ours())
    assert answer.status_code == 413


async def test_a_signed_body_has_the_limits_of_its_route(door):
    """A signature makes no body longer than others."""
    body = b" " * 200_001
    assert (await door.post(ours(body), body)).status_code == 413


async def test_unproven_bodies_have_a_bounded_number_of_places(door):
    """Strangers who let their bodies drip take no more than these; when another comes, one is asked to come again."""
    waiting = asyncio.Event()

    async def dripping():
        await waiting.wait()
        yield b"x"

    calls = [
        asyncio.create_task(door.http.post("/v1/incidents", content=dripping(), headers=ours()))
        for _ in range(STRANGERS + 1)
    ]
    done, _ = await asyncio.wait(calls, timeout=LIMIT, return_when=asyncio.FIRST_COMPLETED)
    answer = done.pop().result()
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    assert (await door.post({"Authorization": "Bearer new key of desk"})).status_code == 202
    waiting.set()
    assert [call.result().status_code for call in (await asyncio.wait(calls))[0]].count(401) == STRANGERS


def test_the_memory_of_replays_is_bounded():
    """The oldest are forgotten first, and what has ended before that."""
    replays = Replays(memory=3)
    for number in range(5):
        assert replays.claim(str(number), now=0, until=10)
    assert [replays.claim(str(number), now=0, until=10) for number in (4, 0)] == [False, True]
    assert replays.claim("4", now=11, until=20)
