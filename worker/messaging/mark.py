"""The mark on what workers send to themselves: nobody else can make it, and every copy of the message keeps it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable

from worker.messaging.message import Message, text_of

MARK = "tocsin-mark"
# What is signed with the same key for another purpose, should there ever be one, is no mark.
_PURPOSE = b"tocsin message\n"

ReadKey = Callable[[], Awaitable[bytes]]


class Marks:
    """`read_key`: of the store that all workers share; its answer is kept."""

    def __init__(self, read_key: ReadKey) -> None:
        self._read_key = read_key
        self._key: bytes | None = None

    async def make(self, body: bytes) -> str:
        """Raises what `read_key` raises."""
        if self._key is None:
            self._key = await self._read_key()
        return _mark(self._key, body)

    def at_once(self, message: Message) -> bool | None:
        """Whether it is borne by the message, where that is known without asking the store; else None."""
        given = text_of(message.properties.get(MARK))
        if not given:
            return False
        is_ours = self._key is not None and _is_equal(given, _mark(self._key, message.body))
        # Else another one may have been made since, as where a table was emptied.
        return True if is_ours else None

    async def is_borne_by(self, message: Message) -> bool:
        """Asks the store. Raises what `read_key` raises: while the key cannot be read, nothing is refused."""
        self._key = await self._read_key()
        return _is_equal(text_of(message.properties.get(MARK)), _mark(self._key, message.body))


def _mark(key: bytes, body: bytes) -> str:
    return hmac.new(key, _PURPOSE + body, hashlib.sha256).hexdigest()


def _is_equal(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
