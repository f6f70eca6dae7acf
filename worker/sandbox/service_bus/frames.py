"""AMQP 1.0 frames: one performative, and what comes behind it."""

import struct
from dataclasses import dataclass

from worker.sandbox.service_bus.codec import DecodeError, Reader, encode
from worker.sandbox.service_bus.performatives import Composite, parse

AMQP_HEADER = b"AMQP\x00\x01\x00\x00"
SASL_HEADER = b"AMQP\x03\x01\x00\x00"
AMQP, SASL = 0, 1
# What Service Bus announces.
MAX_FRAME_SIZE = 65_536
EMPTY_FRAME = b"\x00\x00\x00\x08\x02\x00\x00\x00"
_HEADER = struct.Struct(">IBBH")
_SMALLEST_OFFSET = 2


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    channel: int
    body: bytes


def take_frame(buffer: bytearray) -> Frame | None:
    """Cut the first whole frame off the buffer, if there is one."""
    if len(buffer) < _HEADER.size:
        return None
    size, offset, kind, channel = _HEADER.unpack_from(buffer)
    if size > MAX_FRAME_SIZE or offset < _SMALLEST_OFFSET or size < 4 * offset:
        raise DecodeError(
            f"A frame of {size} bytes, {4 * offset} of them header, cannot be; {MAX_FRAME_SIZE} are allowed."
        )
    if len(buffer) < size:
        return None
    frame = Frame(kind, channel, bytes(buffer[4 * offset : size]))
    del buffer[:size]
    return frame


def read_body(body: bytes, *expected: type[Composite]) -> tuple[Composite, bytes]:
    """Return the performative and the payload behind it."""
    reader = Reader(body)
    performative: Composite = parse(reader.value(), *expected)
    return performative, body[reader.position :]


def frame_bytes(channel: int, performative: Composite, payload: bytes = b"", *, kind: int = AMQP) -> bytes:
    body = encode(performative.described())
    return _HEADER.pack(_HEADER.size + len(body) + len(payload), _SMALLEST_OFFSET, kind, channel) + body + payload
