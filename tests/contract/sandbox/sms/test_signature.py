"""Who may send: the resource's key over just this request, or a token."""

import base64
import json
from datetime import timedelta

import pytest


def body_of(served, amara):
    wish = {"from": served.sms.world.sms_from, "smsRecipients": [{"to": amara.phone}], "message": "x"}
    return json.dumps(wish).encode()


async def post(served, body, headers, address="/sms/sms?api-version=2021-03-07"):
    return await served.http.post(address, content=body, headers=headers)


async def test_a_signed_request_is_taken(served, amara):
    """The access key of the connection string proves a request."""
    body = body_of(served, amara)

    assert (await post(served, body, served.signed(body))).status_code == 202


async def test_the_connection_string_leads_here(served):
    """The settings name this sandbox and a key in base64."""
    settings = served.server.settings()

    assert settings["sms_connection_string"] == f"endpoint={served.server.url}/sms;accesskey={served.key}"
    assert len(base64.b64decode(served.key, validate=True)) > 16
    assert settings["sms_from"].startswith("+")


@pytest.mark.parametrize(
    "change",
    [
        lambda headers: {},
        lambda headers: headers | {"Authorization": "HMAC-SHA256 SignedHeaders=host&Signature=x"},
        lambda headers: headers | {"Authorization": "Bearer"},
        lambda headers: headers | {"x-ms-date": "yesterday"},
        lambda headers: headers | {"x-ms-date": "Mon, 02 Mar 2026 09:00:01 GMT"},
        lambda headers: headers | {"x-ms-content-sha256": ""},
    ],
    ids=["none", "other headers", "empty token", "no date", "other date", "no hash"],
)
async def test_what_is_not_signed_is_refused(served, amara, change):
    """Without a signature, or with another than that of this moment and body, nothing is sent."""
    body = body_of(served, amara)

    answer = await post(served, body, change(served.signed(body)))

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Unauthorized")
    assert served.sms.messages == []


async def test_a_signature_is_for_one_request(served, amara):
    """That of another body, of another address, and one by another key are refused."""
    body = body_of(served, amara)
    headers = [
        served.signed(b"{}"),
        served.signed(body, address="/sms/sms"),
        served.signed(body, key=base64.b64encode(b"another key").decode()),
    ]

    assert [(await post(served, body, each)).status_code for each in headers] == [401] * 3


async def test_an_old_signature_is_refused(served, amara):
    """A request that was signed a quarter of an hour ago is not taken any more."""
    body = body_of(served, amara)
    headers = served.signed(body)
    served.clock.move(timedelta(minutes=16))

    assert (await post(served, body, headers)).status_code == 401


async def test_a_token_is_taken(served, amara):
    """With a managed identity there is a token instead; whose it is, nobody asks here."""
    answer = await post(served, body_of(served, amara), {"Authorization": "Bearer a-token"})

    assert answer.status_code == 202
