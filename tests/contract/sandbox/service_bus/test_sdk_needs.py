"""What the SDK insists on: each test breaks one promise of ours, and tells after an upgrade what has changed there."""

import pytest
from azure.servicebus.exceptions import ServiceBusError
from patience import LIMIT

from worker.sandbox.service_bus import subscription
from worker.sandbox.service_bus.performatives import Accepted
from worker.sandbox.service_bus.subscription import Subscription


async def held(server, sdk):
    receiver = await sdk.receiver(server)
    await sdk.send(server, "x")
    (message,) = await receiver.receive_messages(1, max_wait_time=LIMIT)
    return receiver, message


async def test_a_delivery_tag_must_have_sixteen_bytes(server, sdk, monkeypatch):
    """A shorter one is no lock token, and the SDK raises when it is read."""
    monkeypatch.setattr(subscription, "delivery_tag", lambda token: token.bytes_le[:4])
    _, message = await held(server, sdk)

    with pytest.raises(ValueError, match="16"):
        _ = message.lock_token


async def test_a_settlement_must_be_answered_with_the_outcome_asked_for(server, sdk, monkeypatch):
    """`accepted` as the answer to everything, which older SDKs believed, makes abandoning fail."""
    monkeypatch.setattr(Subscription, "_apply_or_reject", lambda *_: Accepted())
    receiver, message = await held(server, sdk)

    with pytest.raises(ServiceBusError):
        await receiver.abandon_message(message)


async def test_a_settlement_must_be_answered_with_an_outcome(server, sdk, monkeypatch):
    """Settled without a state is not taken for done."""
    monkeypatch.setattr(Subscription, "_apply_or_reject", lambda *_: None)
    receiver, message = await held(server, sdk)

    with pytest.raises(ServiceBusError, match="confirm"):
        await receiver.complete_message(message)
