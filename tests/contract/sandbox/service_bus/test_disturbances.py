"""Clients that break the rules, failures of our own, and the others who must not notice."""

import random
from datetime import timedelta

import pytest

from worker.sandbox.service_bus import connection, output
from worker.sandbox.service_bus.frames import AMQP_HEADER, SASL, SASL_HEADER, frame_bytes
from worker.sandbox.service_bus.performatives import (
    Accepted,
    Attach,
    Begin,
    Close,
    Detach,
    Disposition,
    End,
    Flow,
    Open,
    SaslInit,
    SaslOutcome,
    Source,
    Target,
    Transfer,
)

QUEUE = "incidents"
NO_MESSAGE = b"\x00\x53\x77\xa1\x05"


async def test_a_frame_for_a_handle_that_is_not_attached_ends_the_session(server, peers):
    """The end names the cause, and the connection can begin another session on the same channel."""
    peer = await peers.open(server)

    peer.transfer(peer.data(b"x"), handle=99)
    ended = await peer.expect(End)
    peer.send(Detach(99))
    peer.send(Begin(None, 0, 10, 10))

    assert ended.error.condition == "amqp:session:unattached-handle"
    assert (await peer.expect(Begin)).remote_channel == 0


@pytest.mark.parametrize(
    "frames",
    [
        [Open("again")],
        [Begin(None, 0, 1, 1)],
        [Attach("x", 10, role=True)],
        [Attach("x", 5000, role=True)],
        [Transfer(11, 0, b"t")],
        [Transfer(10)],
    ],
)
async def test_a_client_that_breaks_the_rules_is_closed_with_the_reason(server, peers, frames):
    """Its connection ends in form, and the connection of another client notices nothing."""
    other = await peers.open(server)
    peer = await peers.open(server)

    for frame in frames:
        peer.send(frame)
    closed = await peer.expect(Close)
    peer.send(Close())

    assert closed.error.description.endswith(".")
    assert await peer.ended()
    assert await other.attach_sender(QUEUE)


async def test_the_first_frame_must_be_open(server, peers):
    """Anything else is refused, and the connection closed."""
    peer = await peers.dial(server)
    await peer.webhook_handshake()

    peer.send(Begin(None, 0, 1, 1))

    assert await peer.ended()


async def test_a_client_can_close_before_it_has_opened(server, peers):
    """It gets its close back."""
    peer = await peers.dial(server)
    await peer.webhook_handshake()

    peer.send(Close())

    assert await peer.expect(Close)
    assert await peer.ended()


async def test_a_failure_of_our_own_costs_one_connection(server, peers, monkeypatch, caplog):
    """It is logged with its trace, the client is told, and the next one is served."""
    peer = await peers.open(server)
    monkeypatch.setattr(server.broker, "check", None)
    peer.send(Attach("x", 1, role=True, source=Source(QUEUE).described()))

    closed = await peer.expect(Close)
    monkeypatch.undo()

    assert closed.error.condition == "amqp:internal-error"
    assert "TypeError" in caplog.text
    assert await (await peers.open(server)).attach_sender(QUEUE)


async def test_a_failing_clock_work_is_logged_and_goes_on(server, peers, monkeypatch, caplog):
    """When the queues cannot do what is due, connections stay, and the next change tries again."""
    peer, _ = await peers.holding(server)
    monkeypatch.setattr(server.broker, "tick", None)

    server._namespace._ring()

    assert "could not do what was due" in caplog.text
    await peer.publish("still here")


async def test_a_client_that_makes_us_hold_too_much_is_cut(server, peers, monkeypatch):
    """What it does not read is not kept for ever."""
    monkeypatch.setattr(output, "UNREAD_BYTES", 10_000)
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    peer.transfer(peer.data(bytes(20_000)))
    await peer.expect(Disposition)
    await peer.attach_receiver(QUEUE)

    peer.grant(1, 1)

    assert await peer.ended()
    assert server.broker.counts(QUEUE).active == 1


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        AMQP_HEADER,
        SASL_HEADER + frame_bytes(0, SaslInit("PLAIN", b"\0me\0secret"), kind=SASL),
        SASL_HEADER + b"\xff\xff\xff\xff\x02\x01\x00\x00",
        SASL_HEADER + frame_bytes(0, SaslOutcome(0), kind=SASL),
    ],
)
async def test_strangers_to_the_protocol_are_hung_up_on(server, peers, content):
    """HTTP, TLS, no SASL, a password, a frame of four gigabytes: the connection ends at once."""
    peer = await peers.dial(server)

    peer.writer.write(content)

    assert (await peer.exactly(8)) == SASL_HEADER
    assert await peer.ended()


async def test_what_cannot_be_stored_is_not_acknowledged(house, peers, tmp_path, caplog):
    """A store that fails costs the clients their connections: no answer is better than a wrong one."""
    server = await house.serve(data=tmp_path)
    peer = await peers.open(server)
    await peer.attach_sender(QUEUE)
    await peer.expect(Flow)
    server._store.close()

    peer.transfer(peer.data(b"lost"))

    with pytest.raises((EOFError, ConnectionError)):
        await peer.frame(Disposition)
    assert "could not be stored" in caplog.text


async def test_a_peer_that_asks_for_signs_of_life_gets_them(server, peers):
    """With an idle time-out of two seconds an empty frame comes by itself."""
    peer = await peers.open(server, idle_time_out=2000)

    assert await peer.frame() == (None, b"")


async def test_a_client_that_does_not_answer_our_close_is_cut(server, peers, monkeypatch):
    """It is given some time, and no more."""
    monkeypatch.setattr(connection, "CLOSE_TIMEOUT", timedelta(milliseconds=20))
    peer = await peers.open(server)

    server.faults.inject("close")

    assert (await peer.expect(Close)).error.condition == "amqp:connection:forced"
    assert await peer.ended()


async def test_a_client_that_does_not_say_who_it_is_is_cut(server, peers, monkeypatch):
    """A connection without an open frame holds its place only for a while."""
    monkeypatch.setattr(connection, "HANDSHAKE_TIMEOUT", timedelta(milliseconds=20))
    peer = await peers.dial(server)

    assert await peer.ended()


async def test_noise_disturbs_nobody(server, peers):
    """After hundreds of connections with random and mutilated bytes another client works as before."""
    chance = random.Random(20)
    opening = (
        SASL_HEADER
        + frame_bytes(0, SaslInit("ANONYMOUS"), kind=SASL)
        + AMQP_HEADER
        + frame_bytes(0, Open("noise"))
        + frame_bytes(0, Begin(None, 0, 100, 100))
        + frame_bytes(0, Attach("s", 0, role=False, target=Target("$cbs").described()))
        + frame_bytes(0, Transfer(0, 0, b"t", 0), NO_MESSAGE)
        + frame_bytes(0, Flow(0, 1, 0, 1, 0, 0, 1))
        + frame_bytes(0, Disposition(role=True, first=0, last=2**32 - 1, settled=True, state=Accepted()))
    )
    bystander = await peers.open(server)
    await bystander.attach_sender(QUEUE)

    for _ in range(300):
        peer = await peers.dial(server)
        peer.writer.write(mutilated(opening, chance))
        peer.writer.write_eof()
        assert await peer.ended()

    await bystander.publish("still here")
    assert server.broker.counts(QUEUE).active == 1


def mutilated(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(200))
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(8, len(changed))] = chance.randrange(256)
    return bytes(changed[: chance.randrange(8, len(changed) + 1)])
