"""A repeated request is answered as it was the first time, and sends nothing again."""

from datetime import timedelta

import pytest


async def test_a_repeat_sends_nothing_again(served, amara):
    """The same id and moment get the stored answer, however often, within five minutes."""
    recipient = served.repeatable(amara.phone)
    first = await served.send(recipient)
    served.clock.move(timedelta(minutes=4))

    assert await served.send(recipient) == first
    assert await served.send(recipient) == first
    assert len(served.sms.messages) == 1


async def test_another_id_is_another_message(served, amara):
    """The same text to the same number, with an id of its own, is sent."""
    await served.send(served.repeatable(amara.phone), served.repeatable(amara.phone))

    assert len(served.sms.messages) == 2


async def test_without_an_id_nothing_is_a_repeat(served, amara):
    """Who gives neither id nor moment sends once for each request."""
    await served.send({"to": amara.phone})
    await served.send({"to": amara.phone})

    assert len(served.sms.messages) == 2


@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
async def test_a_first_sending_long_ago_is_refused(served, amara, known):
    """After five minutes nobody can say any more whether it was sent: 412, for a known id as for a new one."""
    recipient = served.repeatable(amara.phone)
    if known:
        await served.send(recipient)
    served.clock.move(timedelta(minutes=6))

    (answer,) = await served.send(recipient)

    assert (answer["httpStatusCode"], answer["successful"]) == (412, False)
    assert answer["repeatabilityResult"] == "rejected"
    assert len(served.sms.messages) == int(known)


async def test_an_id_is_not_for_another_message(served, amara):
    """The id of one request with the text of another is a 400 for the recipient."""
    recipient = served.repeatable(amara.phone)
    await served.send(recipient)

    (answer,) = await served.send(recipient, message="Something else")

    assert (answer["httpStatusCode"], answer["repeatabilityResult"]) == (400, "rejected")
    assert len(served.sms.messages) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"repeatabilityRequestId": "17"},
        {"repeatabilityRequestId": None},
        {"repeatabilityFirstSent": "yesterday"},
        {"repeatabilityFirstSent": None},
        {"repeatabilityFirstSent": "2026-03-02T09:00:00Z"},
    ],
)
async def test_an_id_or_a_moment_that_is_none_is_refused(served, amara, change):
    """Both are needed, the one a GUID and the other a date as HTTP writes it."""
    (answer,) = await served.send(served.repeatable(amara.phone) | change)

    assert (answer["httpStatusCode"], answer["repeatabilityResult"]) == (400, "rejected")
    assert served.sms.messages == []
