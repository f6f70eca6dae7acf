"""The first bytes of a connection: which protocol is spoken, and that nobody shows a password."""

from collections.abc import Callable
from typing import cast

from worker.sandbox.service_bus.codec import Array, DecodeError, Symbol
from worker.sandbox.service_bus.frames import AMQP_HEADER, SASL, SASL_HEADER, frame_bytes, read_body, take_frame
from worker.sandbox.service_bus.performatives import SaslInit, SaslMechanisms, SaslOutcome

_SYMBOLS = 0xB3
_ACCEPTED, _REFUSED = 0, 1
_MECHANISM = "ANONYMOUS"


class NoHandshake(Exception):
    """The client speaks something else; it has been told what would be right, and is hung up on."""


class Handshake:
    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.done = False
        self._write = write
        self._step = self._sasl_header

    def advance(self, received: bytearray) -> bool:
        """Take one step off what was received; False when there is not yet enough."""
        return self._step(received)

    def _sasl_header(self, received: bytearray) -> bool:
        if not self._header(received, SASL_HEADER):
            return False
        self._write(frame_bytes(0, SaslMechanisms(Array(_SYMBOLS, (Symbol(_MECHANISM),))), kind=SASL))
        self._step = self._sasl_init
        return True

    def _sasl_init(self, received: bytearray) -> bool:
        frame = take_frame(received)
        if frame is None:
            return False
        if frame.kind != SASL:
            raise DecodeError(f"A SASL frame was expected, not one of type {frame.kind}.")
        init = cast("SaslInit", read_body(frame.body, SaslInit)[0])
        accepted = init.mechanism == _MECHANISM
        self._write(frame_bytes(0, SaslOutcome(_ACCEPTED if accepted else _REFUSED), kind=SASL))
        if not accepted:
            raise NoHandshake
        self._step = self._amqp_header
        return True

    def _amqp_header(self, received: bytearray) -> bool:
        self.done = self._header(received, AMQP_HEADER)
        return self.done

    def _header(self, received: bytearray, expected: bytes) -> bool:
        if len(received) < len(expected):
            return False
        # To a wrong header, too, the answer is the right one; then the standard wants the socket closed.
        self._write(expected)
        if not received.startswith(expected):
            raise NoHandshake
        del received[: len(expected)]
        return True
