"""The queue carries a trace: to the first delivery and to copies for later, and never to a replay."""

from datetime import timedelta

import pytest

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.messaging.connection import open_queue
from worker.messaging.copies import replay_of
from worker.observability import telemetry
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.settings import Settings


@pytest.fixture
async def queue(seen):
    broker = await ServiceBusServer.start([QueueSettings("incidents", requires_duplicate_detection=True)])
    settings = Settings.read(_env_file=None, servicebus_connection_string=broker.connection_string)
    async with open_queue(settings) as queue:
        yield queue
    await broker.close()


async def handled(slot, settlement):
    message = await slot.receive()
    assert message is not None
    with telemetry.handling(slot.received(message)):
        telemetry.settled(settlement, confirmed=await slot.settle(message, settlement))
    return message


async def test_the_consumer_goes_on_with_the_senders_trace(queue, seen):
    """The handling of a message is a child of its sending, under the message's own ids."""
    slot = queue.receiver("test")
    with telemetry.request("POST", {}) as answer:
        await queue.sender.publish(EncodedEvent.of(Event(title="Checkout is down", key="k")))
        answer.status = 202
    message = await handled(slot, Complete())
    await slot.close()
    send, process = seen.span("send incidents"), seen.span("process incidents")
    assert process.parent.span_id == send.context.span_id
    assert process.context.trace_id == send.context.trace_id
    assert send.attributes["messaging.message.id"] == message.id
    assert send.attributes["messaging.message.conversation_id"].startswith("inc-")


async def test_a_scheduled_copy_stays_in_the_trace(queue, seen):
    """A retry is handled in the same trace, under the same sending, with a link to the attempt that put it off."""
    slot = queue.receiver("test")
    await queue.sender.publish(EncodedEvent.of(Event(title="Checkout is down", key="k")))
    await handled(slot, RetryLater(timedelta(seconds=1), "Boards is down."))
    await handled(slot, Complete())
    await slot.close()
    first, second = [span for span in seen.spans if span.name == "process incidents"]
    assert second.parent == first.parent
    assert [link.context.span_id for link in second.links] == [first.context.span_id]
    assert [first.attributes["tocsin.settlement"], second.attributes["tocsin.settlement"]] == [
        "retry_later",
        "complete",
    ]


async def test_a_replay_is_a_trace_of_its_own(queue, seen):
    """What a person sends again nights later does not stretch the old trace over the days between."""
    slot, dead = queue.receiver("test"), queue.dead_letters("test")
    await queue.sender.publish(EncodedEvent.of(Event(title="Checkout is down", key="k")))
    await handled(slot, DeadLetter("Rejected:announce", "No."))
    [letter] = await dead.receive_many(1)
    await queue.sender.send(replay_of(letter, letter.body, properties={}))
    await handled(slot, Complete())
    await slot.close()
    await dead.close()
    first, replayed = [span for span in seen.spans if span.name == "process incidents"]
    assert first.context.trace_id != replayed.context.trace_id
    assert replayed.links == ()


async def test_an_empty_poll_is_no_span(queue, seen):
    """Polls are seen in the numbers alone; a quiet week makes no traces."""
    slot = queue.receiver("test")
    await queue.sender.publish(EncodedEvent.of(Event(title="Checkout is down", key="k")))
    await handled(slot, Complete())
    await slot.close()
    assert {span.name for span in seen.spans} == {"send incidents", "process incidents"}
    assert seen.numbers["tocsin_last_poll_timestamp_seconds",] > 0
