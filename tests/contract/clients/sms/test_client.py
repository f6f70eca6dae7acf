"""SMS as the SDK really sends them, to a server that speaks Azure's contract: signed, repeatable, refused."""

import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from azure_sms import KEY, PERSON, SENDER, accepted, azure_sms, refused
from patience import PATIENCE

from worker.clients.breakers import Breakers
from worker.clients.sms.client import SMS, open_sms
from worker.domain.errors import (
    Forbidden,
    Misconfigured,
    Rejected,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
)
from worker.resilience.circuit_breaker import State
from worker.resilience.send_deadline import SendDeadline, sending_before
from worker.settings import Settings

FIRST = datetime(2026, 3, 2, 9, 5, 7, tzinfo=UTC)


@pytest.fixture
async def azure():
    async with azure_sms() as azure:
        yield azure


@pytest.fixture
def connect(azure):
    @asynccontextmanager
    async def connected(*, key=KEY, breakers=None, **others):
        given = {
            "sms_connection_string": f"endpoint={azure.endpoint}/;accesskey={key}",
            "sms_from": SENDER,
            "call_timeout_seconds": PATIENCE,
        }
        async with open_sms(Settings.read(_env_file=None, **{**given, **others}), None, breakers=breakers) as sms:
            yield sms

    return connected


def send(sms, text="Checkout is down", **others):
    return sms.send(PERSON, text, **{"key": "inc-1/page/amara", "first_sent": FIRST, **others})


async def test_what_is_sent_says_who_what_and_under_which_key(connect, azure):
    """The request on the wire has one recipient, the words, and a repeatability id and moment that are not random."""
    async with connect() as sms:
        assert await send(sms) == "m-1"
        await send(sms, first_sent=FIRST.astimezone(timezone(timedelta(hours=2))))
        await send(sms, key="inc-2/page/amara")
    first, second, other = azure.bodies
    assert first == second
    assert first["from"] == SENDER
    assert first["message"] == "Checkout is down"
    (recipient,) = first["smsRecipients"]
    assert recipient["to"] == PERSON
    assert recipient["repeatabilityFirstSent"] == "Mon, 02 Mar 2026 09:05:07 GMT"
    assert len(recipient["repeatabilityRequestId"]) == 36
    assert other["smsRecipients"][0]["repeatabilityRequestId"] != recipient["repeatabilityRequestId"]


async def test_text_is_cut_to_what_the_service_takes_and_cleaned(connect, azure):
    """Neither a long alert nor its control characters keep a person from being told."""
    async with connect() as sms:
        await send(sms, "down\x00\u202e " + "x" * 3000)
    (body,) = azure.bodies
    assert body["message"].startswith("down xx")
    assert len(body["message"]) == 2048


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(connect, azure):
    """The service knows the request again, so in doubt it is sent once more at once."""
    azure.will(accepted(), lose=True)
    azure.will(status=503, body={})
    async with connect() as sms:
        assert await send(sms) == "m-1"
    assert len(azure.requests) == 3
    assert len(set(azure.requests)) == 1


@pytest.mark.parametrize(
    ("item", "kind", "said"),
    [
        (refused(400, f"Invalid To phone number format: {PERSON}."), Rejected, "Invalid To phone number format: "),
        (refused(401, "Denied"), Forbidden, "TOCSIN_SMS_CONNECTION_STRING"),
        (refused(403, "Denied"), Forbidden, "Communication and Email Service Owner"),
        (refused(500, "Sorry"), Unknown, "sent again under the same key"),
        (refused(412, "Too old"), Unknown, "is not known"),
        (refused(400, "Too old", repeatabilityResult="Rejected"), Unknown, "is not known"),
    ],
)
async def test_a_recipient_that_is_refused_says_why(connect, azure, item, kind, said):
    """The status beside the one number counts, with Azure's own sentence, and never with the whole number."""
    for _ in range(3):
        azure.will(item)
    async with connect() as sms:
        with pytest.raises(kind) as caught:
            await send(sms)
    sentence = str(caught.value)
    assert said in sentence
    assert item["errorMessage"].partition(":")[0].rstrip(".") in sentence
    assert "+1500…99" in sentence
    assert PERSON.removeprefix("+") not in sentence
    assert len(azure.requests) == (3 if kind is Unknown else 1)


async def test_a_throttled_recipient_waits_as_long_as_the_service_asks(connect, azure):
    """A long patience is the caller's, a short one is kept in place."""
    azure.will(refused(429, "Slow down"), headers={"Retry-After": "0"})
    azure.will(refused(429, "Slow down"), headers={"Retry-After": "60"})
    async with connect() as sms:
        with pytest.raises(Throttled) as caught:
            await send(sms)
    assert caught.value.retry_after == timedelta(minutes=1)
    assert len(azure.requests) == 2


async def test_a_whole_request_that_is_refused_is_told_in_azures_words(connect, azure):
    """An error without recipients is read as well, and a number in it is hidden."""
    azure.will(status=400, body={"error": {"code": "BadRequest", "message": f"{PERSON} may not be sent to"}})
    async with connect() as sms:
        with pytest.raises(Rejected, match=r"BadRequest; \+1500…99 may not be sent to"):
            await send(sms)


@pytest.mark.parametrize("body", [{}, {"value": []}, {"value": [accepted(), accepted()]}, ["?"]])
async def test_an_answer_that_cannot_be_read_leaves_it_unknown(connect, azure, body):
    """It may have been sent."""
    for _ in range(3):
        azure.will(body=body)
    async with connect() as sms:
        with pytest.raises(Unknown):
            await send(sms)


async def test_a_redirect_is_not_followed(connect, azure):
    """Words and numbers go to the configured address alone."""
    azure.will(status=307, body={}, headers={"Location": azure.endpoint})
    async with connect() as sms:
        with pytest.raises(Misconfigured, match="redirect"):
            await send(sms)
    assert len(azure.requests) == 1


async def test_a_late_send_does_not_leave(connect, azure):
    """Past the deadline another worker may have taken over."""
    async with connect() as sms:
        with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(Transient, match="was not sent"):
            await send(sms)
    assert azure.requests == []


async def test_an_outage_opens_the_breaker_of_sms(connect, azure):
    """What is down fails at once after a while, under the name of the system."""
    breakers = Breakers()
    async with connect(breakers=breakers, sms_connection_string=f"endpoint=http://127.0.0.1:9;accesskey={KEY}") as sms:
        for _ in range(5):
            with pytest.raises(Unreachable):
                await send(sms)
    assert breakers.of(SMS).state is State.OPEN


async def test_checking_sends_nothing_and_proves_the_key(connect, azure):
    """A key that is right is let in, another one is refused with what to mend; nobody gets a message."""
    async with connect() as sms:
        await sms.check()
    async with connect(key="d3Jvbmc=") as sms:
        with pytest.raises(Forbidden, match="TOCSIN_SMS_CONNECTION_STRING"):
            await sms.check()
    assert azure.requests == []


async def test_without_settings_there_are_no_sms():
    """Who has no resource has none to reach."""
    async with open_sms(Settings.read(_env_file=None), None) as sms:
        assert sms is None


async def test_an_endpoint_is_asked_unsigned_where_nobody_signs_in(azure, connect):
    """A stand-in may ask nobody who they are; this one does, and its refusal is read."""
    stand_in = {"credential": "anonymous", "graph_url": azure.endpoint}
    async with connect(sms_connection_string=None, sms_endpoint=azure.endpoint, **stand_in) as sms:
        with pytest.raises(Forbidden, match="The signature is wrong"):
            await send(sms)


async def test_a_token_is_not_sent_in_the_clear(azure):
    """An endpoint of plain http is for stand-ins that ask for none."""
    settings = Settings.read(_env_file=None, sms_endpoint=azure.endpoint, sms_from=SENDER)
    with pytest.raises(Misconfigured, match="TOCSIN_SMS_ENDPOINT"):
        async with open_sms(settings, object()):
            pass
