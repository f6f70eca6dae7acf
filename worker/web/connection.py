"""One connection to the intake, with an end to each wait: for a head, for a body, for its answer, for the next head."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from typing import Any, cast

import h11
from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from worker.web.admission import was_known
from worker.web.body import LARGEST_BODY
from worker.web.idle import IdleConnections
from worker.web.network import network
from worker.web.overload import HEAD_LIMIT
from worker.web.strict_http import StrictConnection


class Wait(Enum):
    FOR_HEAD = auto()
    FOR_BODY = auto()
    FOR_ANSWER = auto()
    FOR_NEXT = auto()
    FOR_END = auto()


LIMITS = {
    # Who opens a connection has something to say.
    Wait.FOR_HEAD: timedelta(seconds=10),
    # A little longer than who reads the body, and answers that it came too slowly.
    Wait.FOR_BODY: timedelta(seconds=20),
    # A whole group of alerts may wait for the queue's acknowledgement.
    Wait.FOR_ANSWER: timedelta(minutes=2),
    # Longer than any load balancer's own, so that it is never we who close a connection it is about to use.
    Wait.FOR_NEXT: timedelta(seconds=75),
    # Time for an answer to arrive; a connection that is closed under what still comes takes its answer with it.
    Wait.FOR_END: timedelta(seconds=5),
}
# What is read at once, and what may wait to be written: each connection may hold both.
BUFFER = 16_384
# Of what comes after an answer; a known sender of too much is to read that it was.
DISCARDED = 128_000
DISCARDED_OF_KNOWN = 2 * LARGEST_BODY
# They ask for more than they take.
NOT_TAKING = 50
_IDLE = {Wait.FOR_HEAD, Wait.FOR_NEXT, Wait.FOR_END}
_NOTHING_SAID = {h11.IDLE, h11.SEND_RESPONSE}
_CLOSE = (b"connection", b"close")


class Shared:
    """What the connections of a server have in common."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.idle: IdleConnections[Connection] = IdleConnections()
        self.not_taking: dict[Connection, None] = {}


def bounded(connections: int) -> type[asyncio.Protocol]:
    """What makes connections for uvicorn, no more than so many; one that is idle makes room for a new one."""
    shared = Shared(connections)

    def made(**given: Any) -> Connection:
        return Connection(shared, **given)

    return cast("type[asyncio.Protocol]", made)


class Connection(H11Protocol):
    def __init__(self, shared: Shared, **given: Any) -> None:
        super().__init__(**given)
        self.conn = StrictConnection(HEAD_LIMIT)
        self.app = self._answer
        self._shared = shared
        self._network = ""
        self._is_known = False
        self._wait: Wait | None = None
        self._end: asyncio.TimerHandle | None = None
        self._discarded = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # asyncio would read 256 KB of each of thousands in one turn.
        transport.max_size = BUFFER  # type: ignore[attr-defined]
        transport.set_write_buffer_limits(high=BUFFER)
        super().connection_made(cast("asyncio.Transport", _Patient(transport, self._close)))
        self._network = network(self.client[0]) if self.client else ""
        self._now_waits(Wait.FOR_HEAD)
        if len(self.connections) > self._shared.at_most:
            (self._shared.idle.first_to_go() or self).give_up()

    def data_received(self, data: bytes) -> None:
        if self._wait is Wait.FOR_END:
            self._discard(len(data))
            return
        super().data_received(data)
        if self.conn.their_state is h11.SEND_BODY and self.cycle.body:
            self.flow.pause_reading()  # whoever reads the body asks for more of it
        self._look()

    def on_response_complete(self) -> None:
        self._is_known = self._is_known or was_known(cast("Scope", self.scope))
        if self._wait is Wait.FOR_END:
            return
        self._wait = None  # the next request has a time of its own
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waits_no_more()
        self._shared.not_taking.pop(self, None)
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def pause_writing(self) -> None:
        """Its answers stand in our memory: few may ask for more than they take."""
        super().pause_writing()
        self._shared.not_taking[self] = None
        if len(self._shared.not_taking) > NOT_TAKING:
            next(iter(self._shared.not_taking)).give_up()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._shared.not_taking.pop(self, None)

    def shutdown(self) -> None:
        if self._wait is Wait.FOR_END:
            self.transport.abort()
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in _NOTHING_SAID:
            super().send_400_response(cast("StrictConnection", self.conn).fault or msg)
        else:  # uvicorn would answer a second time
            self.transport.close()

    def give_up(self) -> None:
        self.transport.abort()
        self._waits_no_more()
        self._shared.not_taking.pop(self, None)
        self.connections.discard(self)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Whoever is answered before the body was read is not listened to any longer."""

        async def last(message: Message) -> None:
            if message["type"] == "http.response.start" and self.conn.their_state is h11.SEND_BODY:
                headers = [header for header in message.get("headers", ()) if header[0].lower() != _CLOSE[0]]
                message = {**message, "headers": [*headers, _CLOSE]}
            await send(message)

        await self.config.loaded_app(scope, receive, last)

    def _close(self, close: Callable[[], None]) -> None:
        """At once, unless there may be more to come, under which the answer would be lost."""
        if self._wait is Wait.FOR_END:
            return
        if self.conn.their_state not in {h11.SEND_BODY, h11.ERROR} and not self.conn.trailing_data[0]:
            close()
            return
        self._now_waits(Wait.FOR_END)
        try:
            self.transport.write_eof()
        except OSError:  # whoever was to hear it is gone
            self.transport.abort()
        self.flow.resume_reading()
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > self._discardable():
            self.flow.pause_reading()

    def _discardable(self) -> int:
        if self.scope is None or not was_known(cast("Scope", self.scope)):
            return DISCARDED
        announced = next((value for name, value in self.headers if name == b"content-length"), b"0")
        return DISCARDED_OF_KNOWN if int(announced[:20]) <= DISCARDED_OF_KNOWN else DISCARDED

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        match self.conn.their_state:
            case h11.IDLE:
                self._now_waits(Wait.FOR_HEAD if self.conn.trailing_data[0] else Wait.FOR_NEXT)
            case h11.SEND_BODY:
                self._now_waits(Wait.FOR_BODY)
            case _:
                self._now_waits(Wait.FOR_ANSWER)

    def _now_waits(self, wait: Wait) -> None:
        if wait is self._wait:
            return
        self._waits_no_more()
        self._wait = wait
        self._end = self.loop.call_later(LIMITS[wait].total_seconds(), self.transport.abort)
        if wait in _IDLE:
            self._shared.idle.add(self, self._network, is_known=self._is_known and wait is not Wait.FOR_END)

    def _waits_no_more(self) -> None:
        self._wait = None
        self._shared.idle.discard(self, self._network)
        if self._end is not None:
            self._end.cancel()


class _Patient:
    """A transport as uvicorn sees it: to close it is the connection's to do, and may take a moment."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[Callable[[], None]], None]) -> None:
        self._transport = transport
        self._close = close
        self._is_closing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        self._is_closing = True
        self._close(self._transport.close)

    def is_closing(self) -> bool:
        return self._is_closing or self._transport.is_closing()
