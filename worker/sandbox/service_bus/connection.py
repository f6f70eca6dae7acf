"""One client's connection: the handshake, then frames to its sessions."""

import asyncio
import logging
from datetime import timedelta
from typing import cast

from worker.sandbox.service_bus.access import Grant
from worker.sandbox.service_bus.codec import Array, DecodeError, Symbol
from worker.sandbox.service_bus.conditions import (
    FRAMING_ERROR,
    INTERNAL_ERROR,
    NOT_ALLOWED,
    RESOURCE_LIMIT,
    Refusal,
    error_of,
)
from worker.sandbox.service_bus.frames import (
    AMQP,
    AMQP_HEADER,
    EMPTY_FRAME,
    MAX_FRAME_SIZE,
    SASL,
    SASL_HEADER,
    frame_bytes,
    read_body,
    take_frame,
)
from worker.sandbox.service_bus.namespace import Namespace
from worker.sandbox.service_bus.performatives import (
    CONNECTION_FRAMES,
    Begin,
    Close,
    Composite,
    End,
    Error,
    Open,
    SaslInit,
    SaslMechanisms,
    SaslOutcome,
)
from worker.sandbox.service_bus.session import Session

_logger = logging.getLogger(__name__)
_SYMBOLS = 0xB3
_SASL_OK, _SASL_FAILED = 0, 1
_SMALLEST_MAX_FRAME = 512
# Sessions per connection: the SDK opens one.
CHANNEL_MAX = 31
# Service Bus gives a client 20 s to say who it is.
HANDSHAKE_TIMEOUT = timedelta(seconds=20)
# How long a client may take to answer our close.
CLOSE_TIMEOUT = timedelta(seconds=2)
# Above the first, receivers wait until the client has read; a client that makes us hold the second is cut.
CONGESTED_BYTES = 1024 * 1024
UNREAD_BYTES = 64 * 1024 * 1024
# Shorter idle times than this would make a client's number our timer storm.
SHORTEST_IDLE = timedelta(seconds=1)


class Connection(asyncio.Protocol):
    def __init__(self, namespace: Namespace) -> None:
        self.namespace = namespace
        self.closed = asyncio.get_running_loop().create_future()
        self.max_frame_size = _SMALLEST_MAX_FRAME
        self._grants: dict[str, Grant] = {}
        self._sessions: dict[int, Session] = {}
        self._input = bytearray()
        self._output: list[bytes] = []
        self._output_size = 0
        self._next = self._sasl_header
        self._opened = self._paused = self._closing = self._flush_due = False
        self._deadline: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.namespace.connections.add(self)
        if self.namespace.faults.refuses():
            self._transport.abort()
        self._deadline = self._later(HANDSHAKE_TIMEOUT)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio gives it; for a queue a lost client is no event
        self._closing = True
        self.namespace.connections.discard(self)
        for timer in filter(None, (self._deadline, self._heartbeat)):
            timer.cancel()
        for session in self._sessions.values():
            session.leave()
        self._sessions.clear()
        self._output.clear()
        self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._wake_receivers()

    def data_received(self, data: bytes) -> None:
        self._input += data
        try:
            while self._next():
                pass
        except (DecodeError, Refusal) as refusal:
            self._fail(error_of(refusal))
        except Exception:
            # The one broad net: whatever a client sends, the others must not notice.
            _logger.exception("A client's frame could not be handled; its connection is closed.")
            self._fail(Error(INTERNAL_ERROR, "The queue failed at this frame; its log says why."))
        self._flush_soon()

    # What sessions and faults call.

    @property
    def congested(self) -> bool:
        return self._paused or self._closing or self._output_size > CONGESTED_BYTES

    def send(self, channel: int, performative: Composite) -> None:
        self.send_bytes(frame_bytes(channel, performative))

    def send_bytes(self, content: bytes) -> None:
        if self._closing:
            return
        self._output.append(content)
        self._output_size += len(content)
        if self._output_size + self._transport.get_write_buffer_size() > UNREAD_BYTES:
            self.drop()
        self._flush_soon()

    def allow(self, grant: Grant) -> None:
        if len(self._grants) > CHANNEL_MAX:
            raise Refusal(RESOURCE_LIMIT, f"A connection can hold tokens for {CHANNEL_MAX} queues, not more.")
        self._grants[grant.path] = grant

    def allows(self, entity: str) -> bool:
        now = self.namespace.access.now()
        return any(grant.covers(entity, now) for grant in self._grants.values())

    def drop(self) -> None:
        self._closing = True
        self._transport.abort()

    def close(self, error: Error | None = None) -> None:
        if self._closing:
            return
        if self._opened:
            self.send(0, Close(error))
        else:
            self._next = self._ignore
        self._closing = True
        self._flush_soon()
        # Closing the socket at once could reset it and take the reason away from the client unread.
        self._set_deadline(CLOSE_TIMEOUT)

    def detach_queues(self, error: Error) -> None:
        for session in self._sessions.values():
            session.detach_queues(error)

    # The handshake.

    def _sasl_header(self) -> bool:
        if not self._take_header(SASL_HEADER):
            return False
        self._write(SASL_HEADER)
        mechanisms = SaslMechanisms(Array(_SYMBOLS, (Symbol("ANONYMOUS"),)))
        self._write(frame_bytes(0, mechanisms, kind=SASL))
        self._next = self._sasl_init
        return True

    def _sasl_init(self) -> bool:
        frame = take_frame(self._input)
        if frame is None:
            return False
        if frame.kind != SASL:
            raise Refusal(FRAMING_ERROR, "A SASL frame was expected.")
        init = cast("SaslInit", read_body(frame.body, SaslInit)[0])
        accepted = init.mechanism == "ANONYMOUS"
        self._write(frame_bytes(0, SaslOutcome(_SASL_OK if accepted else _SASL_FAILED), kind=SASL))
        if not accepted:
            self.close()
            return False
        self._next = self._amqp_header
        return True

    def _amqp_header(self) -> bool:
        if not self._take_header(AMQP_HEADER):
            return False
        self._write(AMQP_HEADER)
        self._next = self._frame
        return True

    def _take_header(self, expected: bytes) -> bool:
        if len(self._input) < len(expected):
            return False
        given = bytes(self._input[: len(expected)])
        del self._input[: len(expected)]
        if given == expected:
            return True
        # The standard's way to say no: name the protocol that would have been right, and hang up.
        self._write(expected)
        self.close()
        return False

    # Frames.

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
            self._peer_closed()
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
        self.max_frame_size = max(_SMALLEST_MAX_FRAME, min(peer.max_frame_size, MAX_FRAME_SIZE))
        self.send(0, Open("tocsin-sandbox", max_frame_size=MAX_FRAME_SIZE, channel_max=CHANNEL_MAX))
        if peer.idle_time_out:
            self._keep_alive(max(timedelta(milliseconds=peer.idle_time_out) / 2, SHORTEST_IDLE))

    def _begin(self, channel: int, peer: Begin) -> None:
        if channel > CHANNEL_MAX or channel in self._sessions:
            raise Refusal(NOT_ALLOWED, f"Channel {channel} is in use, or above {CHANNEL_MAX}.")
        self._sessions[channel] = Session(self, channel, peer)

    def _to_session(self, channel: int, performative: Composite, payload: bytes) -> None:
        session = self._sessions.get(channel)
        if session is None:
            return  # the SDK still detaches links of a session that it has ended
        if isinstance(performative, End):
            self.end(channel)
            return
        session.handle(performative, payload)

    def end(self, channel: int, error: Error | None = None) -> None:
        session = self._sessions.pop(channel, None)
        if session is not None:
            session.leave()
            self.send(channel, End(error))

    def _fail(self, error: Error) -> None:
        if self._closing:
            self.drop()  # it was told already, and goes on
        self.close(error)

    def _peer_closed(self) -> None:
        self.close()
        self._closing = True
        self._next = self._ignore
        self._flush()
        self._transport.close()

    def _ignore(self) -> bool:
        self._input.clear()
        return False

    # Output.

    def _write(self, content: bytes) -> None:
        self.send_bytes(content)

    def _flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        try:
            self.namespace.commit()
        except Exception:
            # What could not be made durable must not be acknowledged.
            _logger.exception("The queue's state could not be stored; the connection is cut instead of answering.")
            self.drop()
            return
        self._write_out()

    def _write_out(self) -> None:
        if self._transport.is_closing():
            return
        content, self._output = b"".join(self._output), []
        was_congested, self._output_size = self._output_size > CONGESTED_BYTES, 0
        if content:
            self._transport.write(content)
        if self._closing and not self._opened:
            self._transport.close()
        elif was_congested and not self._paused:
            self._wake_receivers()

    def _wake_receivers(self) -> None:
        for session in self._sessions.values():
            session.wake_receivers()

    # Time.

    def _keep_alive(self, interval: timedelta) -> None:
        self._heartbeat = asyncio.get_running_loop().call_later(interval.total_seconds(), self._keep_alive, interval)
        if self._opened and not self._flush_due:
            self.send_bytes(EMPTY_FRAME)

    def _set_deadline(self, limit: timedelta | None) -> None:
        if self._deadline:
            self._deadline.cancel()
        self._deadline = None if limit is None else self._later(limit)

    def _later(self, limit: timedelta) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(limit.total_seconds(), self.drop)
