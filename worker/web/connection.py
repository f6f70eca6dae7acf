"""One connection to the intake, with an end to each wait: for a head, for a body, for its answer, for the next head."""

import asyncio
from datetime import timedelta
from enum import Enum, auto
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Wait(Enum):
    FOR_HEAD = auto()
    FOR_BODY = auto()
    FOR_ANSWER = auto()
    FOR_NEXT = auto()


LIMITS = {
    # Who opens a connection has something to say.
    Wait.FOR_HEAD: timedelta(seconds=10),
    # A little longer than who reads the body, and answers that it came too slowly.
    Wait.FOR_BODY: timedelta(seconds=20),
    # A whole group of alerts may wait for the queue's acknowledgement.
    Wait.FOR_ANSWER: timedelta(minutes=2),
    # Longer than any load balancer's own, so that it is never we who close a connection it is about to use.
    Wait.FOR_NEXT: timedelta(seconds=75),
}
_IDLE = {Wait.FOR_HEAD, Wait.FOR_NEXT}
_NOTHING_SAID = {h11.IDLE, h11.SEND_RESPONSE}


def bounded(connections: int) -> type[asyncio.Protocol]:
    """What makes connections for uvicorn, no more than so many; the one idle for longest makes room for a new one."""
    idle: dict[Connection, None] = {}

    def made(**given: Any) -> Connection:
        return Connection(idle, connections, **given)

    return cast("type[asyncio.Protocol]", made)


class Connection(H11Protocol):
    def __init__(self, idle: dict["Connection", None], at_most: int, **given: Any) -> None:
        super().__init__(**given)
        self._idle = idle
        self._at_most = at_most
        self._wait: Wait | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._now_waits(Wait.FOR_HEAD)
        if len(self.connections) > self._at_most:
            longest = next(iter(self._idle))  # itself, if all others are at work
            longest.transport.abort()
            longest._waits_no_more()  # noqa: SLF001 (of the same class)
            self.connections.discard(longest)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        self._wait = None  # the next request has a time of its own
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._waits_no_more()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in _NOTHING_SAID:
            super().send_400_response(msg)
        else:  # uvicorn would answer a second time
            self.transport.close()

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
            self._idle[self] = None

    def _waits_no_more(self) -> None:
        self._wait = None
        self._idle.pop(self, None)
        if self._end is not None:
            self._end.cancel()
