"""What leaves on a connection: gathered per turn of the event loop, and only after it is durable."""

import asyncio
import logging
from collections.abc import Callable

_logger = logging.getLogger(__name__)
# Above the first, receivers wait until the client has read; a client that makes us hold the second is cut.
CONGESTED_BYTES = 1024 * 1024
UNREAD_BYTES = 64 * 1024 * 1024


class Output:
    def __init__(
        self, transport: asyncio.Transport, *, commit: Callable[[], None], on_room: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._commit = commit
        self._on_room = on_room
        self._parts: list[bytes] = []
        self._size = 0
        self._paused = self._last = self._flush_due = False

    @property
    def congested(self) -> bool:
        return self._paused or self._last or self._size > CONGESTED_BYTES

    def put(self, content: bytes) -> None:
        if self._last:
            return
        self._parts.append(content)
        self._size += len(content)
        if self._size + self._transport.get_write_buffer_size() > UNREAD_BYTES:
            self.drop()
        self.flush_soon()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._on_room()

    def end(self) -> None:
        """Take nothing more; what is there still leaves."""
        self._last = True

    def hang_up(self) -> None:
        """Let out what is there, then close."""
        self.end()
        self._flush()
        self._transport.close()

    def drop(self) -> None:
        self.end()
        self._parts.clear()
        self._transport.abort()

    def flush_soon(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        try:
            self._commit()
        except Exception:
            # What could not be made durable must not be acknowledged.
            _logger.exception("The queue's state could not be stored; the connection is cut instead of answering.")
            self.drop()
        if not self._transport.is_closing():
            self._write_out()

    def _write_out(self) -> None:
        content, self._parts = b"".join(self._parts), []
        was_congested, self._size = self._size > CONGESTED_BYTES, 0
        if content:
            self._transport.write(content)
        if was_congested and not self._paused:
            self._on_room()
