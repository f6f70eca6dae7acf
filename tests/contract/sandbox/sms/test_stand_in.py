"""Sending SMS: what is taken, what is refused for one recipient, and what is refused as a whole."""

import pytest

from worker.sandbox.world import DEFAULT_WORLD


def asked(served, *recipients, **more):
    return {
        "from": served.sms.world.sms_from,
        "smsRecipients": list(recipients),
        "message": "Checkout is down",
        **more,
    }


async def test_what_is_sent_is_accepted_and_kept(served, amara):
    """The answer names the message, which is in the state with its text, its number and whose that is."""
    (answer,) = await served.send(served.repeatable(amara.phone))

    state = (await served.http.get("/sandbox/state")).json()["sms"]
    (message,) = state["messages"]
    assert answer == {
        "to": amara.phone,
        "messageId": message["id"],
        "httpStatusCode": 202,
        "successful": True,
        "repeatabilityResult": "accepted",
    }
    assert (message["to"], message["name"], message["tag"]) == (amara.phone, amara.name, "inc-1")
    assert (message["from"], message["message"]) == (DEFAULT_WORLD.sms_from, "Checkout is down")
    assert message["time"] == "2026-03-02T09:00:00.000+00:00"


async def test_each_recipient_is_judged_alone(served, amara):
    """A number that is none, and one that opted out, are refused beside one that is accepted."""
    opted_out = next(person for person in DEFAULT_WORLD.people if person.opted_out_of_sms)

    answers = await served.send(*({"to": to} for to in (amara.phone, "0500-5550101", opted_out.phone)))

    assert [(each["httpStatusCode"], each["successful"]) for each in answers] == [
        (202, True),
        (400, False),
        (400, False),
    ]
    assert answers[1]["errorMessage"] == "Invalid To phone number format."
    assert "opted out" in answers[2]["errorMessage"]
    assert [message["to"] for message in served.sms.messages] == [amara.phone]


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"from": "+15005550199"}, 401),
        ({"smsRecipients": []}, 400),
        ({"smsRecipients": [{"to": "+15005550101"}] * 101}, 400),
        ({"smsRecipients": [{}]}, 400),
        ({"smsRecipients": "x"}, 400),
        ({"message": ""}, 400),
        ({"message": None}, 400),
        ({"message": "x" * 2049}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused_as_a_whole(served, amara, more, status):
    """A number that is not ours to send from, nobody to send to and too long a text send nothing."""
    answer = await served.post(asked(served, {"to": amara.phone}, **more))

    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message"}
    assert served.sms.messages == []


async def test_the_longest_message_is_taken(served, amara):
    """2,048 characters are sent."""
    await served.send({"to": amara.phone}, message="x" * 2048)

    assert len(served.sms.messages[0]["message"]) == 2048


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 9000])
async def test_bodies_that_are_no_json_object_are_refused(served, body):
    """Broken JSON and deep nesting are a 400, once the signature holds."""
    answer = await served.http.post("/sms/sms?api-version=1", content=body, headers=_at_version_1(served, body))

    assert answer.status_code == 400


async def test_a_request_without_a_version_is_refused(served, amara):
    """The version of the interface is asked for as Azure asks for it."""
    answer = await served.http.post("/sms/sms", content=b"{}", headers=served.signed(b"{}", address="/sms/sms"))

    assert (answer.status_code, "api-version" in answer.text) == (400, True)


async def test_a_fault_speaks_as_azure_does(served, amara):
    """A fault of this system has the error body of its interface."""
    fault = {"system": "sms", "behaviour": "status", "status": 503}
    assert (await served.http.post("/sandbox/faults", json=fault)).status_code == 201

    answer = await served.post(asked(served, {"to": amara.phone}))

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ServiceUnavailable")


async def test_messages_survive_a_restart(restartable, amara):
    """A restarted sandbox shows what was sent before, and still knows a repeat."""
    async with restartable() as before:
        recipient = before.repeatable(amara.phone)
        first = await before.send(recipient)
        state = before.sms.state()

    async with restartable() as after:
        assert await after.send(recipient) == first
        assert after.sms.state() == state


def _at_version_1(served, body):
    return served.signed(body, address="/sms/sms?api-version=1")
