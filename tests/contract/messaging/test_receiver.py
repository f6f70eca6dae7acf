"""One slot and its message, on the real SDK, through what breaks workers on Service Bus."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import MessageLockLostError
from house import eventually
from patience import LIMIT
from queue_bench import QueueBench

from worker.domain.errors import TocsinError, Unreachable
from worker.domain.settlement import Complete, RetryLater, dead_letter
from worker.messaging.copies import copy_for_later
from worker.messaging.decoding import Decoder, incident_from
from worker.messaging.message import read_message
from worker.messaging.sdk_errors import LockLost

# The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SOON = timedelta(seconds=40)
BACK = RetryLater(timedelta(), "The worker is stopping.")


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path) as bench:
        yield bench


async def renewing(slot, message):
    """As a message in hand is kept; ends with what ended the lock."""
    while True:
        await asyncio.sleep(message.lock.renew_in.total_seconds())
        with suppress(Unreachable):
            await slot.renew(message)


async def test_four_messages_in_flight_survive_a_dropped_connection(tmp_path):
    """All connections drop while four slots hold locks shorter than the work: none is lost, none comes again."""
    async with QueueBench(tmp_path, lock=timedelta(seconds=6), still=True) as bench:
        slots = [bench.receiver(f"slot {number}") for number in range(4)]
        await asyncio.gather(*(slot.open() for slot in slots))
        await bench.send(*(f"Number {number}" for number in range(4)))
        held = await asyncio.gather(*(bench.take(slot) for slot in slots))
        keeping = [asyncio.create_task(renewing(*pair)) for pair in zip(slots, held, strict=True)]
        bench.server.faults.inject("drop")
        await outlive(bench)
        settled = await asyncio.gather(*(slot.settle(*pair) for slot, *pair in with_complete(slots, held)))
        for task in keeping:
            task.cancel()
        outcomes = await asyncio.gather(*keeping, return_exceptions=True)
        assert settled == [True] * 4
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        assert bench.counts.active == 0
        assert [message.deliveries for message in held] == [1] * 4


async def outlive(bench):
    """Let every lock last beyond its first end, which only renewals can do."""
    for _ in range(2):
        bench.later(bench.lock * 0.75)
        await eventually(bench.renewed)


def with_complete(slots, held):
    return [(slot, message, Complete()) for slot, message in zip(slots, held, strict=True)]


async def test_what_is_settled_in_an_outage_is_settled_after_it(bench):
    """The outage outlasts the SDK's own patience, which leaves receivers shut; all four are settled all the same."""
    slots = [bench.receiver(f"slot {number}") for number in range(4)]
    await bench.send(*(f"Number {number}" for number in range(4)))
    held = [await bench.take(slot) for slot in slots]
    outage = asyncio.create_task(bench.outage(4))
    await asyncio.sleep(0.1)
    settled = await asyncio.gather(*(slot.settle(*pair) for slot, *pair in with_complete(slots, held)))
    await outage
    assert settled == [True] * 4
    assert bench.counts.active == 0


async def test_a_slot_receives_again_after_an_outage(bench):
    """Polls fail while the broker is away, and the same slot hears of the next message when it is back."""
    slot = bench.receiver()
    await slot.open()
    polling = asyncio.create_task(slot.receive())
    await bench.server.close()
    with pytest.raises(Unreachable):
        await asyncio.wait_for(polling, LIMIT)
    await bench.restart()
    await eventually(lambda: sent(bench, "After the outage"))
    assert (await bench.take(slot)).id


async def sent(bench, title):
    try:
        await bench.send(title)
    except TocsinError:
        return False
    return True


async def test_a_restarted_broker_has_forgotten_the_locks_and_nothing_else(bench):
    """Completing under a forgotten lock is no failure: the message comes again, and to the same slot."""
    slot = bench.receiver()
    await bench.send("Through a restart")
    held = await bench.take(slot)
    await bench.restart()
    assert await slot.settle(held, Complete()) is False
    again = await bench.take(slot)
    assert again.body == held.body
    assert await slot.settle(again, Complete())
    assert bench.counts.active == 0


async def test_a_swallowed_answer_to_a_settlement_is_asked_for_in_another_way(tmp_path):
    """The broker stays silent once; the message is completed while its lock is still ours."""
    async with QueueBench(tmp_path, lock=timedelta(seconds=55)) as bench:
        slot = bench.receiver()
        await bench.send("Swallowed")
        held = await bench.take(slot)
        bench.server.faults.inject("mute", 1)
        await asyncio.wait_for(slot.settle(held, Complete()), 50)  # within its lock, and within the SDK's own minute
        assert bench.counts.active == 0


async def test_an_expired_lock_is_no_failure_and_leaves_the_slot_usable(tmp_path):
    """Renewing tells of it, completing takes it calmly, and the same slot receives the message again."""
    async with QueueBench(tmp_path, still=True) as bench:
        slot = bench.receiver()
        await bench.send("Too late")
        held = await bench.take(slot)
        bench.later(bench.lock)
        assert bench.messages[0]["locked_until"] is None
        with pytest.raises(LockLost):
            await slot.renew(held)
        assert await slot.settle(held, Complete()) is False
        again = await bench.take(slot)
        assert again.deliveries == 2
        assert await slot.settle(again, Complete())


async def test_the_sdk_asks_the_broker_whether_a_settlement_was_done(bench):
    """What Tocsin builds on: completing under a lost lock raises, where older SDKs told of success."""
    await bench.send("Lost")
    async with (
        ServiceBusClient.from_connection_string(bench.server.connection_string, retry_total=0) as client,
        client.get_queue_receiver("incidents") as receiver,
    ):
        [held] = await receiver.receive_messages(max_message_count=1, max_wait_time=LIMIT)
        token = held.lock_token
        bench.server.broker.abandon("incidents", token)
        with pytest.raises(MessageLockLostError):
            await receiver.complete_message(held)


async def test_cold_senders_bear_a_crowd(bench):
    """Ten at once on a sender that was never opened: all are acknowledged, none twice."""
    await asyncio.gather(*(bench.send(f"Number {number}") for number in range(10)))
    assert bench.counts.active == 10


async def test_a_detached_link_is_opened_anew(bench):
    """After an idle time the broker detaches links; the next send and the next poll go through."""
    slot = bench.receiver()
    await bench.send("Before")
    assert await slot.settle(await bench.take(slot), Complete())
    bench.server.faults.inject("detach")
    await eventually(lambda: sent(bench, "After"))
    assert (await bench.take(slot)).body


async def test_a_busy_slot_locks_no_second_message(bench):
    """The next message stays free for whoever can take it."""
    busy, free = bench.receiver("busy"), bench.receiver("free")
    await bench.send("First", "Second")
    first = await bench.take(busy)
    second = await bench.take(free)
    assert {first.body, second.body} == {
        message["message_id"] and body for message, body in bodies(bench, first, second)
    }
    assert [message["delivery_count"] for message in bench.messages] == [0, 0]


def bodies(bench, *held):
    return zip(bench.messages, (message.body for message in held), strict=True)


async def test_each_slot_is_a_connection_and_a_closed_one_is_none(bench):
    """They can be counted: one for each open slot, one for the sender."""
    slots = [bench.receiver(f"slot {number}") for number in range(3)]
    await bench.send("Warm")
    await asyncio.gather(*(slot.open() for slot in slots))
    assert connections(bench) == 4
    await slots[0].close()
    await eventually(lambda: counted(bench, 3))


def connections(bench):
    return len(bench.server._namespace.connections)


async def counted(bench, number):
    return connections(bench) == number


async def test_a_cancelled_poll_loses_nothing(bench):
    """A slot that stops in the middle of a poll leaves every message to the others, at its first delivery."""
    stopped, other = bench.receiver("stopped"), bench.receiver("other")
    await stopped.open()
    polling = asyncio.create_task(stopped.receive())
    await eventually(lambda: waits_for_a_message(bench))
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await bench.send("For the other one")
    await stopped.close()
    assert (await bench.take(other)).deliveries == 1


async def waits_for_a_message(bench):
    return any(consumer.credit() for consumer in bench.server.broker._subscribed)


async def test_deliveries_are_counted_from_one(bench):
    """The broker counts failures from zero; people count deliveries."""
    slot = bench.receiver()
    await bench.send("Abandoned")
    first = await bench.take(slot)
    assert await slot.settle(first, BACK)
    second = await bench.take(slot)
    assert (first.deliveries, second.deliveries) == (1, 2)


def test_a_message_without_a_header_is_at_its_first_delivery():
    """The count is absent from some brokers' messages."""
    received = ServiceBusReceivedMessage.from_bytes(b"\x00\x53\x75\xa0\x02{}")
    assert received.delivery_count is None
    assert read_message(received).deliveries == 1


async def test_a_long_wait_is_a_copy_and_the_original_is_done(bench):
    """The copy carries the event, comes at its time, and names the message that it continues."""
    slot = bench.receiver()
    await bench.send("Later")
    held = await bench.take(slot)
    asked = datetime.now(UTC)
    assert await slot.settle(held, RetryLater(SOON, "Boards is down."))
    [copy] = bench.messages
    due = datetime.fromisoformat(copy["scheduled_for"])
    assert copy["message_id"] == f"{held.id}:a{held.sequence}"
    assert asked + timedelta(seconds=30) < due <= datetime.now(UTC) + SOON
    assert bench.counts.active == 0


async def test_the_copy_of_a_copy_keeps_the_incident(tmp_path):
    """However often a foreign message without a key waits, it is one incident, and launched once."""
    async with QueueBench(tmp_path, still=True) as bench:
        await bench.put(ServiceBusMessage(b'{"title": "Nameless"}', message_id="foreign"))
        slot, incidents = bench.receiver(), []
        for _ in range(3):
            held = await bench.take(slot)
            [event] = Decoder().events_of(held)
            incidents.append(incident_from(event, held).id)
            assert await slot.settle(held, RetryLater(SOON, "Boards is down."))
            bench.later(2 * SOON)
        assert len(set(incidents)) == 1


@pytest.mark.parametrize("off", [timedelta(minutes=-10), timedelta(minutes=10)], ids=["behind", "ahead"])
async def test_a_copy_comes_at_its_time_by_the_brokers_clock(tmp_path, off):
    """With this machine's clock it would come at once, or far too late, where the two are apart."""
    bench = QueueBench(tmp_path, still=True)
    bench.later_from_the_start(off)
    async with bench:
        slot = bench.receiver()
        await bench.send("Off")
        held, began = await bench.take(slot), time.monotonic()
        assert await slot.settle(held, RetryLater(SOON, "Boards is down."))
        [copy] = bench.messages
        took = timedelta(seconds=time.monotonic() - began + 1)
        due = datetime.fromisoformat(copy["scheduled_for"]) - bench.now()
        assert SOON - timedelta(seconds=1) < due < SOON + took


async def test_a_copy_that_is_sent_again_is_one_copy(bench):
    """A worker dies between the copy and the completion: the redelivered message makes no second one."""
    slot, heir = bench.receiver(), bench.receiver("heir")
    await bench.send("Twice")
    held = await bench.take(slot)
    await bench.queue.sender.send(copy_for_later(held, SOON))
    assert await slot.settle(held, BACK)
    assert await heir.settle(await bench.take(heir), RetryLater(SOON, "Boards is down."))
    assert bench.counts.scheduled == 1
    assert bench.counts.active == 0


async def test_without_its_copy_a_message_is_not_completed(bench):
    """The broker refuses the copy: the original stays, and is delivered again."""
    slot = bench.receiver()
    await bench.send("Kept")
    held = await bench.take(slot)
    settling = asyncio.create_task(slot.settle(held, RetryLater(SOON, "Boards is down.")))
    outage = asyncio.create_task(bench.outage(3))
    await asyncio.sleep(1)
    assert bench.counts.active == 1
    await asyncio.gather(settling, outage)
    assert (bench.counts.active, bench.counts.scheduled) == (0, 1)


async def test_a_dead_letter_has_a_reason_to_group_by(bench):
    """However long the sentence is, it fits."""
    slot = bench.receiver()
    await bench.send("Hopeless")
    held = await bench.take(slot)
    assert await slot.settle(held, dead_letter("Rejected:create-channel", "No. " * 5_000))
    [letter] = bench.server.snapshot()["incidents"]["dead_letters"]
    assert letter["dead_letter_reason"] == "Rejected:create-channel"


@pytest.mark.parametrize("off", [timedelta(minutes=-10), timedelta(minutes=10)], ids=["behind", "ahead"])
async def test_a_clock_that_is_wrong_by_minutes_breaks_no_lock(tmp_path, monkeypatch, off):
    """Renewal, settlement and copies hold while every clock that we and the SDK ask is ten minutes off."""

    def wrong_now():
        return datetime.now(UTC) + off

    # The machine's clock cannot be set for a test; these are the two places where a message's lock meets it.
    monkeypatch.setattr("azure.servicebus._common.message.utc_now", wrong_now)
    monkeypatch.setattr("worker.messaging.lock._now", wrong_now)
    async with QueueBench(tmp_path, lock=timedelta(seconds=5), still=True) as bench:
        slot = bench.receiver()
        await bench.send("Off")
        began, came = time.monotonic(), bench.now()
        held = await bench.take(slot)
        keeping = asyncio.create_task(renewing(slot, held))
        await outlive(bench)
        keeping.cancel()
        assert await slot.settle(held, RetryLater(SOON, "Boards is down."))
        [copy] = bench.messages
        # What has passed since is counted by the worker's own monotonic clock.
        took = timedelta(seconds=time.monotonic() - began)
        due = datetime.fromisoformat(copy["scheduled_for"]) - came
        assert SOON - timedelta(seconds=10) < due < SOON + took + timedelta(seconds=10)


async def test_a_renewal_at_a_settled_message_is_nothing_to_speak_of(bench):
    """The keeper of a lock may be one step behind the settlement."""
    slot = bench.receiver()
    await bench.send("Done")
    held = await bench.take(slot)
    assert await slot.settle(held, Complete())
    await slot.renew(held)
