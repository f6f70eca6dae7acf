"""One client's connection: the handshake, then frames to its sessions."""

import asyncio
import logging
from datetime import timedelta
from typing import cast

from worker.sandbox.service_bus.channel import Channel
from worker.sandbox.service_bus.codec import DecodeError
from worker.sandbox.service_bus.conditions import (
    FRAMING_ERROR,
    INTERNAL_ERROR,
    NOT_ALLOWED,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.frames import (
    AMQP,
    EMPTY_FRAME,
    MAX_FRAME_SIZE,
    frame_bytes,
    read_body,
    take_frame,
)
from worker.sandbox.service_bus.grants import Grants
from worker.sandbox.service_bus.handshake import Handshake, NoHandshake
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.output import Output
from worker.sandbox.service_bus.performatives import CONNECTION_FRAMES, Begin, Close, Composite, End, Error, Open
from worker.sandbox.service_bus.session import Session, SessionRefused

_logger = logging.getLogger(__name__)
_SMALLEST_MAX_FRAME = 512
# Sessions per connection: the SDK opens one.
CHANNEL_MAX = 31
# Service Bus gives a client 20 s to say who it is.
HANDSHAKE_TIMEOUT = timedelta(seconds=20)
# How long a client may take to answer our close.
CLOSE_TIMEOUT = timedelta(seconds=2)
# Shorter idle times than this would make a client's number our timer storm.
SHORTEST_IDLE = timedelta(seconds=1)


class Connection(asyncio.Protocol):
    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._max_frame_size = _SMALLEST_MAX_FRAME
        self._grants = Grants(namespace.access)
        self._sessions: dict[int, Session] = {}
        self._input = bytearray()
        self._opened = self._closing = False
        self._deadline: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._output = Output(
            cast("asyncio.Transport", transport), commit=self._namespace.commit, on_room=self._wake_receivers
        )
        self._handshake = Handshake(self._output.put)
        self._namespace.connections.add(self)
        self._set_deadline(HANDSHAKE_TIMEOUT)
        if self._namespace.closed or self._namespace.faults.take_refusal():
            self.drop()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - for a queue a lost client is no event
        self._closing = True
        self._output.end()
        self._namespace.connections.discard(self)
        for timer in filter(None, (self._deadline, self._heartbeat)):
            timer.cancel()
        for session in self._sessions.values():
            session.leave()
        self._sessions.clear()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._output.pause()

    def resume_writing(self) -> None:
        self._output.resume()

    def data_received(self, data: bytes) -> None:
        self._input += data
        try:
            while self._advance():
                pass
        except NoHandshake:
            self._output.hang_up()
        except (DecodeError, Refusal) as refusal:
            self._fail(error_of(refusal))
        except Exception:
            # The one broad net: whatever a client sends, the others must not notice.
            _logger.exception("A client's frame could not be handled; its connection is closed.")
            self._fail(Error(INTERNAL_ERROR, "The queue failed at this frame; its log says why."))
        self._output.flush_soon()

    # What faults and the namespace call.

    def drop(self) -> None:
        self._closing = True
        self._output.drop()

    def close(self, error: Error | None = None) -> None:
        """Say why, and wait for the client's close: closing the socket at once could reset it, the reason unread."""
        if self._closing:
            return
        self._closing = True
        self._send(0, Close(error))
        self._output.end()
        self._set_deadline(CLOSE_TIMEOUT)

    def detach_queues(self, error: Error) -> None:
        for session in self._sessions.values():
            session.detach_queues(error)

    # Frames.

    def _advance(self) -> bool:
        return self._frame() if self._handshake.done else self._handshake.advance(self._input)

    def _frame(self) -> bool:
        frame = take_frame(self._input)
        if frame is None:
            return False
        if frame.kind != AMQP:
            raise Refusal(FRAMING_ERROR, f"An AMQP frame was expected, not one of type {frame.kind}.")
        if frame.body:
            performative, payload = read_body(frame.body, *CONNECTION_FRAMES)
            self._handle(frame.channel, performative, payload)
        return True

    def _handle(self, channel: int, performative: Composite, payload: bytes) -> None:
        if isinstance(performative, Close):
            self._answer_close()
        elif self._closing:
            return
        elif isinstance(performative, Open):
            self._open(performative)
        elif not self._opened:
            raise Refusal(NOT_ALLOWED, "The first frame must be open.")
        elif isinstance(performative, Begin):
            self._begin(channel, performative)
        else:
            self._to_session(channel, performative, payload)

    def _open(self, peer: Open) -> None:
        if self._opened:
            raise Refusal(NOT_ALLOWED, "This connection is open already.")
        self._opened = True
        self._set_deadline(None)
        self._max_frame_size = max(_SMALLEST_MAX_FRAME, min(peer.max_frame_size, MAX_FRAME_SIZE))
        self._send(0, Open("tocsin-sandbox", max_frame_size=MAX_FRAME_SIZE, channel_max=CHANNEL_MAX))
        if peer.idle_time_out:
            self._keep_alive(max(timedelta(milliseconds=peer.idle_time_out) / 2, SHORTEST_IDLE))

    def _begin(self, number: int, peer: Begin) -> None:
        if number > CHANNEL_MAX or number in self._sessions:
            raise Refusal(NOT_ALLOWED, f"Channel {number} is in use, or above {CHANNEL_MAX}.")
        channel = Channel(self._output, number, peer, max_frame_size=self._max_frame_size)
        self._sessions[number] = Session(channel, self._namespace, self._grants, self)

    def _to_session(self, channel: int, performative: Composite, payload: bytes) -> None:
        session = self._sessions.get(channel)
        if session is None:
            return  # the SDK still detaches links of a session that it has ended
        if isinstance(performative, End):
            self._end(channel, session)
            return
        try:
            session.handle(performative, payload)
        except SessionRefused as refused:
            self._end(channel, session, refused.error)

    def _end(self, channel: int, session: Session, error: Error | None = None) -> None:
        del self._sessions[channel]
        session.leave()
        self._send(channel, End(error))

    def _send(self, channel: int, performative: Composite) -> None:
        self._output.put(frame_bytes(channel, performative))

    def _answer_close(self) -> None:
        self.close()
        self._output.hang_up()

    def _fail(self, error: Error) -> None:
        if self._closing:
            self.drop()  # it was told already, and goes on
        elif self._opened:
            self.close(error)
        else:
            self._output.hang_up()

    def _wake_receivers(self) -> None:
        for session in self._sessions.values():
            session.wake_receivers()

    # Time.

    def _keep_alive(self, interval: timedelta) -> None:
        def beat() -> None:
            self._output.put(EMPTY_FRAME)
            self._keep_alive(interval)

        self._heartbeat = asyncio.get_running_loop().call_later(interval.total_seconds(), beat)

    def _set_deadline(self, limit: timedelta | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        loop = asyncio.get_running_loop()
        self._deadline = None if limit is None else loop.call_later(limit.total_seconds(), self.drop)
