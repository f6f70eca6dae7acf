"""The keys that Entra ID signs a tenant's tokens with, fetched when one is not known yet and kept for a day."""

import asyncio
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

import httpx
import structlog
from jwt import PyJWK, PyJWKSet, PyJWTError

from worker.domain.errors import Unreachable

# A new key is published well before it is used; a key that was taken back is gone within a day.
KEPT_FOR = timedelta(days=1)
# Anybody can name a key that does not exist; a list is trusted not to hold a key for no longer than this.
ASKED_EVERY = timedelta(seconds=5)
TRIED_AGAIN_AFTER = timedelta(seconds=5)
# Each waits for an answer with nothing but a name that anybody can make up.
WAITING = 50
# Azure Monitor gives up after ten seconds.
TIME_OUT = timedelta(seconds=4)

# The last ones for what is JSON and no set of keys.
_UNREADABLE = (httpx.HTTPError, TimeoutError, PyJWTError, ValueError, AttributeError, TypeError)

log = structlog.get_logger()


class EntraKeys:
    def __init__(self, address: str, *, asked_every: timedelta = ASKED_EVERY) -> None:
        self._address = address
        self._asked_every = asked_every
        self._keys: Mapping[str, PyJWK] = {}
        # Of the next question after one that went well: for a key at hand, and for one that is not.
        self._old_at = self._missing_at = time.monotonic()
        self._next_at = time.monotonic()
        self._in_doubt = False
        self._asking = asyncio.Lock()
        self._waiting = 0

    async def find(self, key_id: str) -> PyJWK | None:
        """None if there is no such key; raises Unreachable where that cannot be known."""
        if key_id not in self._keys:
            await self._look_for(key_id)
        elif time.monotonic() >= self._old_at and not self._asking.locked():
            await self._ask()  # the others need not wait: the key at hand holds until another answer
        if key_id not in self._keys and self._in_doubt:
            raise self._unreachable()
        return self._keys.get(key_id)

    async def _look_for(self, key_id: str) -> None:
        if self._waiting >= WAITING:
            raise self._unreachable()
        self._waiting += 1
        try:
            async with self._asking:  # many may wait for one answer
                if key_id in self._keys or time.monotonic() < self._missing_at:
                    return
                await self._ask_now()
                if key_id not in self._keys and not self._in_doubt:
                    self._missing_at = time.monotonic() + self._asked_every.total_seconds()
        finally:
            self._waiting -= 1

    async def _ask(self) -> None:
        async with self._asking:
            await self._ask_now()

    async def _ask_now(self) -> None:
        if time.monotonic() < self._next_at:
            return
        try:
            self._keys = await self._fetch()
        except _UNREADABLE as error:
            log.warning("intake.entra_unreachable", error=type(error).__name__, known_keys=len(self._keys))
            self._in_doubt = True
            self._next_at = time.monotonic() + TRIED_AGAIN_AFTER.total_seconds()
        else:
            self._in_doubt = False
            self._old_at = time.monotonic() + KEPT_FOR.total_seconds()

    def _unreachable(self) -> Unreachable:
        return Unreachable(f"{self._address} did not tell the signing keys.", retry_after=TRIED_AGAIN_AFTER)

    async def _fetch(self) -> Mapping[str, PyJWK]:
        seconds = TIME_OUT.total_seconds()
        async with asyncio.timeout(seconds), httpx.AsyncClient(verify=_trusted(), timeout=seconds) as http:
            answer = await http.get(self._address)
        answer.raise_for_status()
        listed = PyJWKSet.from_dict(answer.json()).keys
        return {key.key_id: key for key in listed if key.key_id and key.key_type == "RSA"}


@cache
def _trusted() -> ssl.SSLContext:
    """Read once: a hundred certificates hold up the event loop for as many milliseconds."""
    return httpx.create_ssl_context()
