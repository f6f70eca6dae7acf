"""A second opinion about the protocol: Qpid Proton, which checks what the SDK lets pass."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from azure.servicebus._pyamqp.utils import generate_sas_token
from services import skip_or_fail

from worker.sandbox.service_bus.server import KEY, KEY_NAME, ServiceBusServer

try:
    import proton
    from proton import utils
except ImportError:
    proton = utils = None

QUEUE = "incidents"
LIMIT = 10


@pytest.fixture(autouse=True, scope="module")
def peer():
    if proton is None:
        skip_or_fail("python-qpid-proton is not installed: it needs a C compiler.")


@contextmanager
def connected(server: ServiceBusServer, **options: Any) -> Iterator[Any]:
    """Connect, and show the token as every client of Service Bus must."""
    connection = utils.BlockingConnection(
        f"amqp://127.0.0.1:{server.port}", timeout=LIMIT, allowed_mechs="ANONYMOUS", **options
    )
    try:
        answer = ask(connection, "$cbs", put_token())
        assert answer.properties["status-code"] == 202
        yield connection
    finally:
        connection.close()


def put_token() -> Any:
    audience = f"sb://127.0.0.1/{QUEUE}"
    return proton.Message(
        body=generate_sas_token(audience, KEY_NAME, KEY),
        properties={"operation": "put-token", "type": "jwt", "name": audience},
    )


def ask(connection: Any, address: str, request: Any) -> Any:
    """Send a request and return its answer, which must carry its id in the same type."""
    request.id, request.reply_to = uuid4(), address
    sender, receiver = connection.create_sender(address), connection.create_receiver(address, credit=1)
    sender.send(request)
    answer = receiver.receive(timeout=LIMIT)
    assert answer.correlation_id == request.id
    sender.close()
    receiver.close()
    return answer


async def run(work: Callable[[Any], Any], server: ServiceBusServer, **options: Any) -> Any:
    def blocking() -> Any:
        with connected(server, **options) as connection:
            return work(connection)

    return await asyncio.to_thread(blocking)


async def test_messages_of_all_types_come_back_equal(server):
    """What an independent encoder wrote, an independent decoder reads again, type by type."""
    properties = {
        "uuid": UUID(int=1),
        "symbol": proton.symbol("s"),
        "ulong": proton.ulong(2**63),
        "byte": proton.byte(-3),
        "float": proton.float32(0.5),
        "timestamp": proton.timestamp(1_700_000_000_000),
        "char": proton.char("x"),
        "decimal": proton.decimal64(7),
        "none": None,
    }
    sent = proton.Message(body={"key": [1, "two", None]}, properties=properties, id="mine", subject="s", priority=7)

    def work(connection: Any) -> Any:
        connection.create_sender(QUEUE).send(sent)
        receiver = connection.create_receiver(QUEUE)
        message = receiver.receive(timeout=LIMIT)
        receiver.accept()
        return message

    message = await run(work, server)

    assert (message.body, message.properties) == (sent.body, sent.properties)
    assert {name: type(value) for name, value in message.properties.items()} == {
        name: type(value) for name, value in properties.items()
    }
    assert (message.id, message.subject, message.priority) == ("mine", "s", 7)
    assert message.annotations["x-opt-sequence-number"] == 1
    assert isinstance(message.annotations["x-opt-locked-until"], proton.timestamp)


@pytest.mark.parametrize("max_frame_size", [512, 4096, 65_536])
async def test_large_messages_keep_their_sequence(server, max_frame_size):
    """Proton closes the connection at the first delivery id or window that is out of order."""
    bodies = [bytes([number]) * 60_000 for number in range(5)]

    def work(connection: Any) -> list[bytes]:
        sender = connection.create_sender(QUEUE)
        for body in bodies:
            sender.send(proton.Message(body=body))
        receiver = connection.create_receiver(QUEUE, credit=2)
        received = []
        for _ in bodies:
            message = receiver.receive(timeout=LIMIT)
            received.append(bytes(message.body))  # the body is a view that does not keep its message alive
            receiver.accept()
        return received

    assert await run(work, server, max_frame_size=max_frame_size) == bodies
    assert server.broker.counts(QUEUE).active == 0


async def test_outcomes_are_applied(server):
    """Released comes back uncounted, modified counted, rejected goes to the dead letters."""

    def work(connection: Any) -> list[int]:
        sender = connection.create_sender(QUEUE)
        sender.send(proton.Message(body="x"))
        receiver = connection.create_receiver(QUEUE, credit=1)
        counts = []
        for settle in (
            lambda: receiver.release(delivered=False),
            lambda: fail(receiver),
            receiver.reject,
        ):
            counts.append(receiver.receive(timeout=LIMIT).delivery_count)
            settle()
        dead = connection.create_receiver(f"{QUEUE}/$deadletterqueue", credit=1)
        dead.receive(timeout=LIMIT)
        dead.accept()
        return counts

    assert await run(work, server) == [0, 0, 1]
    counts = server.broker.counts(QUEUE)
    assert (counts.active, counts.dead_lettered) == (0, 0)


def fail(receiver: Any) -> None:
    receiver.fetcher.unsettled[0].local.failed = True
    receiver.release(delivered=True)


async def test_management_is_understood(server):
    """A peek returns whole messages, and an unknown operation its refusal."""

    def work(connection: Any) -> tuple[Any, Any]:
        connection.create_sender(QUEUE).send(proton.Message(body="seen"))
        operation = {"operation": "com.microsoft:peek-message"}
        body = {"from-sequence-number": 1, "message-count": proton.int32(5)}
        peeked = ask(connection, f"{QUEUE}/$management", proton.Message(body=body, properties=operation))
        unknown = ask(connection, f"{QUEUE}/$management", proton.Message(body={}, properties={"operation": "x"}))
        return peeked, unknown

    peeked, unknown = await run(work, server)

    inner = proton.Message()
    inner.decode(bytes(peeked.body["messages"][0]["message"]))
    assert peeked.properties["statusCode"] == 200
    assert inner.body == "seen"
    assert unknown.properties["statusCode"] == 501


async def test_a_refused_link_tells_its_reason(server):
    """Attach to nothing and detach is read as a refusal, and the connection stays good."""

    def work(connection: Any) -> str:
        with pytest.raises(utils.LinkDetached) as refused:
            connection.create_receiver("nowhere")
        connection.create_sender(QUEUE).send(proton.Message(body="still fine"))
        return refused.value.condition

    assert await run(work, server) == "amqp:unauthorized-access"
    assert server.broker.counts(QUEUE).active == 1


async def test_a_message_over_the_limit_is_refused(server):
    """Rejection and detach arrive in an order that a strict client accepts."""

    def work(connection: Any) -> None:
        sender = connection.create_sender(QUEUE)
        with pytest.raises((utils.SendException, utils.LinkDetached)):
            sender.send(proton.Message(body=bytes(300_000)))
        connection.create_sender(QUEUE).send(proton.Message(body="small"))

    await run(work, server)

    assert server.broker.counts(QUEUE).active == 1


async def test_drained_credit_is_accounted_for(server):
    """After a drain the link has no credit, and later messages are delivered on new credit."""

    def work(connection: Any) -> list[str]:
        receiver = connection.create_receiver(QUEUE)
        receiver.link.drain(5)
        connection.wait(lambda: not receiver.link.credit, timeout=LIMIT)
        sender = connection.create_sender(QUEUE)
        for text in ("one", "two"):
            sender.send(proton.Message(body=text))
        receiver.link.drain_mode = False
        received = []
        for _ in range(2):
            received.append(receiver.receive(timeout=LIMIT).body)
            receiver.accept()
        return received

    assert await run(work, server) == ["one", "two"]


async def test_many_messages_through_a_small_window(server):
    """Hundreds of deliveries with windows and credit renewed all the time: none is lost, none is doubled."""

    def work(connection: Any) -> list[int]:
        sender = connection.create_sender(QUEUE)
        for number in range(300):
            sender.send(proton.Message(body=number))
        receiver = connection.create_receiver(QUEUE, credit=7)
        received = []
        for _ in range(300):
            received.append(receiver.receive(timeout=LIMIT).body)
            receiver.accept()
        return received

    assert await run(work, server) == list(range(300))
    assert server.broker.counts(QUEUE).active == 0
