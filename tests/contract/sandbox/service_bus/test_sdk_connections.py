"""The real SDK on bad days: lost connections, wrong keys, unknown queues, a stand-in that was restarted."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from azure.servicebus import NEXT_AVAILABLE_SESSION, ServiceBusClient, ServiceBusMessage
from azure.servicebus.exceptions import (
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusError,
)
from patience import LIMIT

from worker.sandbox.service_bus.codec import Described, Symbol, ULong, encode
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.performatives import Disposition, Transfer
from worker.sandbox.service_bus.sections import timestamp
from worker.sandbox.service_bus.server import ServiceBusServer

QUEUE = "incidents"
# When its connection dies the SDK forgets to close its end of the socket.
SDK_LOSES_SOCKETS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


async def one(receiver):
    (message,) = await receiver.receive_messages(1, max_wait_time=LIMIT)
    return message


async def test_a_wrong_key_is_refused(server, sdk):
    """The token is really checked."""
    wrong = server.connection_string.replace("SAS_KEY_VALUE", "guessed")

    with pytest.raises(ServiceBusAuthenticationError):
        await sdk.sender(server, connection_string=wrong)


async def test_an_unknown_queue_is_not_found(server, sdk):
    """By sender, receiver, and receiver of dead letters."""
    client = sdk.client(server)
    for link in (
        client.get_queue_sender("nowhere"),
        client.get_queue_receiver("nowhere"),
        client.get_queue_receiver("nowhere", sub_queue="deadletter"),
    ):
        with pytest.raises(MessagingEntityNotFoundError, match="There is no queue 'nowhere"):
            await link.__aenter__()
        await link.close()


async def test_names_are_compared_without_regard_to_case(server, sdk):
    """INCIDENTS is incidents."""
    async with sdk.client(server).get_queue_sender("INCIDENTS") as sender:
        await sender.send_messages(ServiceBusMessage("x"))

    assert server.broker.counts(QUEUE).active == 1


async def test_a_queue_without_sessions_has_no_session_receiver(server, sdk):
    """It is refused with a sentence."""
    receiver = sdk.client(server).get_queue_receiver(QUEUE, session_id=NEXT_AVAILABLE_SESSION, max_wait_time=1)

    with pytest.raises(ServiceBusError, match="no sessions"):
        await receiver.__aenter__()
    await receiver.close()


@SDK_LOSES_SOCKETS
@pytest.mark.parametrize("behaviour", ["drop", "close", "detach"])
async def test_the_sdk_recovers_from_a_fault(server, sdk, behaviour):
    """After the fault it sends, settles what it held by the lock token, and receives, without delivering twice."""
    sender, receiver = await asyncio.gather(
        sdk.sender(server, retry_total=3, retry_backoff_factor=0.1), sdk.receiver(server, retry_total=3)
    )
    await sender.send_messages(ServiceBusMessage("held"))
    held = await one(receiver)

    server.faults.inject(behaviour)
    await receiver.complete_message(held)
    await sender.send_messages(ServiceBusMessage("after"))
    after = await one(receiver)
    await receiver.complete_message(after)

    assert str(after) == "after"
    assert server.broker.counts(QUEUE).active == 0
    assert server.faults.active() == {}


@SDK_LOSES_SOCKETS
async def test_refused_connections_come_back_when_the_fault_is_cleared(server, sdk):
    """While it lasts nobody gets in; afterwards everybody does."""
    server.faults.inject("refuse")
    with pytest.raises(ServiceBusError):
        await sdk.sender(server)

    server.faults.clear()
    await sdk.send(server, "x")

    assert server.broker.counts(QUEUE).active == 1


async def test_a_fault_that_does_not_exist_is_refused(server):
    """The sentence names those that do."""
    with pytest.raises(ValueError, match="drop, close, detach, refuse, mute"):
        server.faults.inject("explode")
    with pytest.raises(ValueError, match="at least once"):
        server.faults.inject("drop", times=0)


async def test_a_fault_with_times_strikes_again_at_the_next_link(server, peers):
    """Twice means: now, and once more when somebody attaches."""
    peer = await peers.open(server)
    server.faults.inject("drop", times=2)
    assert await peer.ended()

    again = await peers.open(server)
    with pytest.raises((EOFError, ConnectionError)):
        await again.attach_sender(QUEUE)

    third = await peers.open(server)
    await third.attach_sender(QUEUE)
    await third.publish("at last")


@SDK_LOSES_SOCKETS
async def test_a_restarted_stand_in_has_lost_nothing_but_locks(house, sdk, tmp_path):
    """Messages, counts, sequence numbers and what is scheduled are there again on the same port."""
    server = await house.serve(data=tmp_path)
    await sdk.send(server, "first", "second")
    sender, receiver = await asyncio.gather(sdk.sender(server), sdk.receiver(server))
    await sender.schedule_messages(ServiceBusMessage("later"), datetime.now(UTC) + timedelta(hours=1))
    first = await one(receiver)
    await receiver.abandon_message(first)
    await one(receiver)

    port = server.port
    house.servers.remove(server)
    await server.close()
    again = await house.serve(data=tmp_path, port=port)
    receiver = await sdk.receiver(again)
    first = await one(receiver)
    await sdk.send(again, "third")

    assert (str(first), first.delivery_count) == ("first", 1)
    assert again.broker.counts(QUEUE).scheduled == 1
    numbers = [message["sequence_number"] for message in again.snapshot()[QUEUE]["messages"]]
    assert numbers == [1, 2, 3, 4]


async def test_without_a_clock_the_real_time_counts():
    """The smallest start: a name, and everything else as it comes."""
    server = await ServiceBusServer.start([QueueSettings(QUEUE)])
    try:
        assert server.snapshot()[QUEUE]["active"] == 0
        assert server.connection_string.startswith(f"Endpoint=sb://127.0.0.1:{server.port};")
        assert server.connection_string.endswith("UseDevelopmentEmulator=true")
    finally:
        await server.close()


async def test_closing_ends_every_connection(server, peers):
    """Nothing of the server is left behind, and its port is free."""
    peer = await peers.open(server)

    port = server.port
    await server.close()

    assert await peer.ended()
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_time_is_kept_without_anybody_asking(house, server, peers):
    """A message scheduled for the next moment becomes active by itself."""
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.attach_receiver(QUEUE)
    peer.grant(1, 1)
    soon = house.clock.now + timedelta(milliseconds=50)

    annotations = {Symbol("x-opt-scheduled-enqueue-time"): timestamp(soon)}
    peer.transfer(encode(Described(ULong(0x72), annotations)) + encode(Described(ULong(0x75), b"soon")))
    await peer.expect(Disposition)
    scheduled = server.broker.counts(QUEUE).scheduled
    house.clock.now += timedelta(seconds=1)

    assert scheduled == 1
    assert await peer.expect(Transfer)


def blocking_round_trip(connection_string: str) -> list[str]:
    """Everything a worker does, with the synchronous SDK."""
    seen = []
    with ServiceBusClient.from_connection_string(connection_string, retry_total=0) as client:
        with client.get_queue_sender(QUEUE) as sender, client.get_queue_receiver(QUEUE) as receiver:
            sender.send_messages([ServiceBusMessage(name) for name in ("done", "failed", "broken")])
            (number,) = sender.schedule_messages(ServiceBusMessage("later"), datetime.now(UTC) + timedelta(hours=1))
            sender.cancel_scheduled_messages(number)
            seen += [str(message) for message in receiver.peek_messages(10)]
            taken = []
            while len(taken) < 3:  # on a busy machine they do not come at once
                taken += receiver.receive_messages(3 - len(taken), max_wait_time=LIMIT)
            done, failed, broken = taken
            receiver.renew_message_lock(done)
            receiver.complete_message(done)
            receiver.abandon_message(failed)
            receiver.dead_letter_message(broken, reason="Broken")
        with client.get_queue_receiver(QUEUE, sub_queue="deadletter") as dead:
            seen += [message.dead_letter_reason for message in dead.receive_messages(1, max_wait_time=LIMIT)]
    return seen


async def test_the_synchronous_sdk_works_too(server):
    """Send, schedule, cancel, peek, renew and the three settlements."""
    seen = await asyncio.to_thread(blocking_round_trip, server.connection_string)

    assert seen == ["done", "failed", "broken", "Broken"]
    counts = server.broker.counts(QUEUE)
    assert (counts.active, counts.dead_lettered, counts.scheduled) == (1, 1, 0)
