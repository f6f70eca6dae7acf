"""Keys of senders, wherever they may stand, and everything that is no key."""

import asyncio
import base64
import hashlib
from datetime import timedelta

import pytest
import structlog
from fastapi import Request
from patience import LIMIT

from worker.intake.authentication import Authentication
from worker.intake.authentication.authenticator import NotAuthenticated
from worker.intake.authentication.known_keys import Keys
from worker.intake.incidents import IncidentEndpoints
from worker.intake.publishing import Publisher
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.settings import Settings
from worker.web.problem import Problem


def hashed(key):
    return hashlib.sha256(key.encode()).hexdigest()


def basic(key, name="any"):
    return "Basic " + base64.b64encode(f"{name}:{key}".encode("latin-1")).decode()


GOOD = {
    "bearer": [("Authorization", "Bearer new key of desk")],
    "the key before": [("Authorization", "Bearer old key of desk")],
    "a scheme in small letters": [("Authorization", "bearer new key of desk")],
    "blanks around": [("Authorization", "Bearer   new key of desk ")],
    "letters of another alphabet": [("Authorization", "Bearer key of r\xf6bot".encode("latin-1"))],
    "basic": [("Authorization", basic("new key of desk"))],
    "basic without a name": [("Authorization", basic("new key of desk", name=""))],
}
WRONG = {
    "nothing": [],
    "an empty header": [("Authorization", "")],
    "no key": [("Authorization", "Bearer")],
    "an empty key": [("Authorization", "Bearer ")],
    "a wrong key": [("Authorization", "Bearer wrong")],
    "a key cut short": [("Authorization", "Bearer new key of des")],
    "a key and more": [("Authorization", "Bearer new key of desk!")],
    "another case": [("Authorization", "Bearer New key of desk")],
    "the hash of a key": [("Authorization", f"Bearer {hashlib.sha256(b'new key of desk').hexdigest()}")],
    "no scheme": [("Authorization", "new key of desk")],
    "another scheme": [("Authorization", "Digest new key of desk")],
    "no base64": [("Authorization", "Basic new key of desk")],
    "basic with a wrong key": [("Authorization", basic("wrong"))],
    "basic with the key as the name": [("Authorization", basic("", name="new key of desk"))],
    "basic with nothing": [("Authorization", "Basic ")],
    "bytes that are no text": [("Authorization", b"Bearer \xff\xfe\x80")],
    "the header twice": [("Authorization", "Bearer new key of desk"), ("Authorization", "Bearer new key of desk")],
    "the right one after a wrong one": [("Authorization", "Bearer x"), ("Authorization", "Bearer new key of desk")],
    "something with two dots": [("Authorization", "Bearer a.b.c")],
    "a key of many kilobytes": [("Authorization", "Bearer " + "x" * 10_000)],
}


@pytest.mark.parametrize("headers", GOOD.values(), ids=GOOD)
async def test_a_right_key_opens(door, headers):
    """Each of a sender's keys is taken, in a header of either scheme."""
    assert (await door.post(headers)).status_code == 202


@pytest.mark.parametrize("headers", WRONG.values(), ids=WRONG)
async def test_anything_else_is_401_and_nothing_is_published(door, headers):
    """The refusal says how to send a key, and nothing of what was wrong."""
    answer = await door.post(headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Authorization: Bearer" in answer.json()["detail"]
    assert door.published == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("access_token=new%20key%20of%20desk", 202),
        ("access_token=new+key+of+desk&other=1", 202),
        ("access_token=", 401),
        ("access_token=wrong", 401),
        ("access_token=new+key+of+desk&access_token=new+key+of+desk", 401),
        ("ACCESS_TOKEN=new+key+of+desk", 401),
        ("token=new+key+of+desk", 401),
        ("access_token=%ff%fe", 401),
    ],
)
async def test_a_key_in_the_address(door, query, status):
    """CloudEvents webhooks without a header send it so, once."""
    assert (await door.post(path=f"/v1/incidents?{query}")).status_code == status


async def test_one_proof_that_holds_is_enough(door):
    """A right key in the address is not spoilt by another system's credentials in the header."""
    answer = await door.post([("Authorization", "Bearer wrong")], path="/v1/incidents?access_token=new+key+of+desk")
    assert answer.status_code == 202


@pytest.mark.parametrize("key", ["old key of desk", "new key of desk"])
async def test_both_keys_of_a_sender_have_its_name(door, key):
    """While one follows the other an idempotency key means the same with both."""
    headers = [("Authorization", f"Bearer {key}"), ("Idempotency-Key", "1")]
    ids = {(await door.post(headers)).json()["incident_id"], (await door.post(headers)).json()["incident_id"]}
    other = await door.post([("Authorization", "Bearer new key of desk"), ("Idempotency-Key", "1")])
    assert ids == {other.json()["incident_id"]}


async def test_nobody_with_a_key_waits_for_strangers(threshold):
    """Failures wait, and whoever has the key is answered meanwhile, from the same address."""
    door = threshold(UnauthenticatedThrottle(delay=timedelta(hours=1)), intake_keys={"desk": hashed("key")})
    failures = [asyncio.create_task(door.post([("Authorization", "Bearer wrong")])) for _ in range(30)]
    answered, waiting = await asyncio.wait(failures, timeout=LIMIT, return_when=asyncio.FIRST_COMPLETED)
    assert {failure.result().status_code for failure in answered} == {401}
    async with asyncio.timeout(LIMIT):
        assert (await door.post([("Authorization", "Bearer key")])).status_code == 202
    assert waiting
    for failure in failures:
        failure.cancel()
    await asyncio.gather(*failures, return_exceptions=True)


async def test_a_stranger_is_logged_without_what_it_sent(door):
    """The line says from where and why; neither the key nor the address with its parameters are in it."""
    with structlog.testing.capture_logs() as lines:
        await door.post([("Authorization", "Bearer hunter2")], path="/v1/incidents?access_token=hunter2")
    [line] = lines
    assert line["event"] == "intake.unauthenticated"
    assert (line["client"], line["reason"]) == ("127.0.0.1", "the key is not known")
    assert "hunter2" not in str(line)


@pytest.mark.parametrize("key", [b"", b"wrong", b"\xff"])
def test_keys_that_are_not_known(key):
    """The hash of nothing opens nothing, even where somebody hashed an unset variable."""
    with pytest.raises(NotAuthenticated):
        Keys([("desk", hashlib.sha256(b"").hexdigest())]).admit(key)


def asked(**headers):
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    client = ("10.0.0.1", 1)
    return Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/v2/enqueue",
            "query_string": b"",
            "headers": named,
            "client": client,
        }
    )


def front_door(**settings):
    async def nothing(*_):
        return None

    senders = Authentication(Settings(_env_file=None, **settings))
    throttle, publisher = UnauthenticatedThrottle(delay=timedelta()), Publisher(nothing, lambda: None)
    stored = {"history": nothing, "find_alert": nothing, "find_open": nothing, "find_opened": nothing}
    return IncidentEndpoints(senders, throttle, publisher, **stored)


async def test_a_key_that_stood_in_the_body_is_admitted():
    """A route that finds the key in the body asks with it, and learns whose it is."""
    request = asked()
    front_door(intake_keys={"desk": hashed("key")}).admit_key(request, "key")
    assert request.state.sender == "desk"


@pytest.mark.parametrize("key", ["", "wrong", "\ud83d", "кей"])
async def test_a_wrong_key_in_the_body_is_refused(key):
    """Also where it is the half of a character."""
    with pytest.raises(NotAuthenticated):
        front_door(intake_keys={"desk": hashed("key")}).admit_key(asked(), key)


async def test_a_key_in_the_body_is_not_asked_for_on_loopback():
    """Without any sender configured whatever stands there is taken, but not from a web page."""
    request = asked()
    front_door().admit_key(request, "anything")
    assert request.state.sender == "loopback"
    with pytest.raises(Problem) as refusal:
        front_door().admit_key(asked(origin="https://evil.example"), "anything")
    assert refusal.value.status == 403
