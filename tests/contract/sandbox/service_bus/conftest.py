"""A stand-in per test, the real SDK against it, and a bare peer for what the SDK never does."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus._pyamqp.utils import generate_sas_token
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender
from patience import LIMIT
from settable_clock import SettableClock

from worker.sandbox.service_bus.codec import Described, Symbol, ULong, encode
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.frames import AMQP, AMQP_HEADER, SASL, SASL_HEADER, frame_bytes, read_body, take_frame
from worker.sandbox.service_bus.performatives import (
    CONNECTION_FRAMES,
    Attach,
    Begin,
    Composite,
    Disposition,
    Flow,
    Open,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
    Source,
    Target,
    Transfer,
)
from worker.sandbox.service_bus.sections import split
from worker.sandbox.service_bus.server import KEY, KEY_NAME, ServiceBusServer


class House:
    """Servers of one test; `later` lets time pass for all of them, which nothing else does: no lock ends by itself."""

    def __init__(self, clock: SettableClock[datetime]) -> None:
        self.clock = clock
        self.servers: list[ServiceBusServer] = []

    async def serve(self, *, data: Any = None, port: int = 0, **settings: Any) -> ServiceBusServer:
        queue = QueueSettings("incidents", **settings)
        server = await ServiceBusServer.start([queue], clock=self.clock, data=data, port=port)
        self.servers.append(server)
        return server

    def later(self, step: timedelta) -> None:
        self.clock.now += step
        for server in self.servers:
            server.broker.tick()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    house = House(SettableClock(datetime.now(UTC)))
    yield house
    await asyncio.gather(*(server.close() for server in house.servers))


@pytest.fixture
def serve(house: House) -> Callable[..., Awaitable[ServiceBusServer]]:
    return house.serve


@pytest.fixture
async def server(house: House) -> ServiceBusServer:
    return await house.serve(lock_duration=timedelta(seconds=30))


class Sdk:
    """Senders and receivers of the real SDK, without its retries, closed all at once: each close takes a second."""

    def __init__(self) -> None:
        self._clients: list[ServiceBusClient] = []
        self._open: list[Any] = []

    def client(self, server: ServiceBusServer, **options: Any) -> ServiceBusClient:
        string = options.pop("connection_string", server.connection_string)
        client = ServiceBusClient.from_connection_string(string, **{"retry_total": 0, **options})
        self._clients.append(client)
        return client

    async def sender(self, server: ServiceBusServer, **options: Any) -> ServiceBusSender:
        sender = self.client(server, **options).get_queue_sender("incidents")
        self._open.append(sender)
        return await sender.__aenter__()

    async def receiver(self, server: ServiceBusServer, **options: Any) -> ServiceBusReceiver:
        retries = {name: options.pop(name) for name in ("retry_total",) if name in options}
        receiver = self.client(server, **retries).get_queue_receiver("incidents", **options)
        self._open.append(receiver)
        return await receiver.__aenter__()

    async def send(self, server: ServiceBusServer, *bodies: str | ServiceBusMessage) -> None:
        sender = await self.sender(server)
        await sender.send_messages([ServiceBusMessage(body) if isinstance(body, str) else body for body in bodies])

    async def close(self) -> None:
        await asyncio.gather(*(link.close() for link in self._open), return_exceptions=True)
        await asyncio.gather(*(client.close() for client in self._clients), return_exceptions=True)


@pytest.fixture
async def sdk(house: House) -> AsyncIterator[Sdk]:
    sdk = Sdk()
    yield sdk
    await sdk.close()
    gc.collect()  # sockets that the SDK has lost are to be noticed at the test that lost them


class Peer:
    """A client of the bare protocol, one frame at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._buffer = bytearray()

    @classmethod
    async def dial(cls, server: ServiceBusServer) -> "Peer":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def open(self, *, window: int = 5000, **options: Any) -> None:
        """Shake hands and open a session."""
        await self.webhook_handshake()
        self.send(Open("peer", **options))
        self.send(Begin(None, 0, window, 5000))
        await self.expect(Open)
        await self.expect(Begin)

    async def webhook_handshake(self) -> None:
        self.writer.write(SASL_HEADER)
        assert await self.exactly(8) == SASL_HEADER
        await self.frame(SaslMechanisms)
        self.writer.write(frame_bytes(0, SaslInit("ANONYMOUS"), kind=SASL))
        await self.frame(SaslOutcome)
        self.writer.write(AMQP_HEADER)
        assert await self.exactly(8) == AMQP_HEADER

    async def exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._more()
        content = bytes(self._buffer[:size])
        del self._buffer[:size]
        return content

    async def _more(self) -> None:
        content = await asyncio.wait_for(self.reader.read(65_536), LIMIT)
        if not content:
            raise EOFError("The server has closed the connection.")
        self._buffer += content

    async def frame(self, *kinds: type[Composite]) -> tuple[Any, bytes]:
        while (frame := take_frame(self._buffer)) is None:
            await self._more()
        if not frame.body:
            return None, b""
        return read_body(frame.body, *kinds)

    def send(self, performative: Composite, payload: bytes = b"", channel: int = 0) -> None:
        self.writer.write(frame_bytes(channel, performative, payload, kind=AMQP))

    async def expect(self, kind: type[Composite]) -> Any:
        """Return the next frame of this kind; flows may stand before it."""
        performative, self.payload = await self.frame(*CONNECTION_FRAMES)
        while isinstance(performative, Flow) and kind is not Flow:
            performative, self.payload = await self.frame(*CONNECTION_FRAMES)
        assert isinstance(performative, kind), performative
        return performative

    async def attach_sender(self, address: str, handle: int = 0) -> Attach:
        self.send(Attach(f"s{handle}", handle, role=False, source=Source("here").described(), target=_target(address)))
        return await self.expect(Attach)

    async def attach_receiver(self, address: str, handle: int = 1, **options: Any) -> Attach:
        options = {"source": _source(address), "target": _target("there"), **options}
        self.send(Attach(f"r{handle}", handle, role=True, **options))
        return await self.expect(Attach)

    async def authorize(self, entity: str = "incidents", token: str | None = None) -> dict[str, Any]:
        audience = f"sb://127.0.0.1/{entity}"
        token = token or generate_sas_token(audience, KEY_NAME, KEY)
        properties = {"operation": "put-token", "type": "jwt", "name": audience}
        return (await self.request("$cbs", properties, token, handles=(10, 11)))[0]

    async def manage(self, operation: str, body: Any) -> tuple[dict[str, Any], Any]:
        return await self.request("incidents/$management", {"operation": operation}, body, handles=(20, 21))

    async def request(
        self, address: str, properties: dict[str, Any], body: Any, handles: tuple[int, int]
    ) -> tuple[dict[str, Any], Any]:
        sender, receiver = handles
        if not hasattr(self, f"pair{sender}"):
            setattr(self, f"pair{sender}", True)
            await self.attach_sender(address, sender)
            await self.expect(Flow)
            await self.attach_receiver(address, receiver)
            self.grant(receiver, 1000)
        content = section(0x73, [uuid4(), None, None, None, address]) + section(0x74, properties) + section(0x77, body)
        self.transfer(content, handle=sender)
        frames = {type(frame): payload for frame, payload in [await self.frame(*CONNECTION_FRAMES) for _ in range(2)]}
        assert set(frames) == {Transfer, Disposition}
        sections = split(frames[Transfer])
        return sections.mapping(0x74), sections.value_body()

    def transfer(self, content: bytes, handle: int = 0, **options: Any) -> None:
        self.send(Transfer(handle, **{"delivery_id": 0, "delivery_tag": b"t", "message_format": 0, **options}), content)

    @staticmethod
    def data(body: bytes) -> bytes:
        return section(0x75, body)

    async def publish(self, *bodies: str, handle: int = 0) -> None:
        """Send messages on an attached link, each acknowledged."""
        for body in bodies:
            self.transfer(self.data(body.encode()), handle=handle)
            assert isinstance((await self.expect(Disposition)).state, Described)

    async def both(self) -> None:
        """Read an acknowledgement and a delivery, in whatever order they come."""
        kinds = {type((await self.frame(Transfer, Disposition))[0]) for _ in range(2)}
        assert kinds == {Transfer, Disposition}

    def settle(self, first: int, state: Composite, last: int | None = None, *, settled: bool = False) -> None:
        self.send(Disposition(role=True, first=first, last=last, settled=settled, state=state))

    def grant(self, handle: int, amount: int, count: int = 0, **options: Any) -> None:
        self.send(Flow(0, options.pop("window", 5000), 0, 5000, handle, count, amount, **options))

    async def ended(self) -> bool:
        """Read to the end of what the server still says."""
        with suppress(ConnectionError):
            while await asyncio.wait_for(self.reader.read(65_536), LIMIT):
                pass
        return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


def section(code: int, value: Any) -> bytes:
    return encode(Described(ULong(code), value))


def _source(address: str) -> Described:
    return Source(address, filter=None, capabilities=Symbol("queue")).described()


def _target(address: str) -> Described:
    return Target(address).described()


class Peers:
    def __init__(self) -> None:
        self._opened: list[Peer] = []

    async def dial(self, server: ServiceBusServer) -> Peer:
        self._opened.append(await Peer.dial(server))
        return self._opened[-1]

    async def open(self, server: ServiceBusServer, **options: Any) -> Peer:
        """Return a peer that has a session and a token."""
        peer = await self.stranger(server, **options)
        assert (await peer.authorize())["status-code"] == 202
        return peer

    async def stranger(self, server: ServiceBusServer, **options: Any) -> Peer:
        """Return a peer that has a session and no token."""
        peer = await self.dial(server)
        await peer.open(**options)
        return peer

    async def holding(self, server: ServiceBusServer) -> tuple[Peer, Transfer]:
        """Return a peer that has received one message, and its delivery."""
        peer = await self.open(server)
        await peer.attach_sender("incidents")
        await peer.publish("held")
        await peer.attach_receiver("incidents")
        peer.grant(1, 1)
        return peer, await peer.expect(Transfer)

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._opened))


@pytest.fixture
async def peers(house: House) -> AsyncIterator[Peers]:
    peers = Peers()
    yield peers
    await peers.close()
