"""One pager's webhook: a signed POST for each page, known again by its id however often it is sent."""

import json
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from worker.clients.breakers import Breakers
from worker.clients.calls import carry_out, http_client, page_time_out
from worker.clients.outcomes import ANSWERS, Answers, Interpretation, Refusal, RemoteCall
from worker.clients.pager.signature import signature
from worker.clients.system import System
from worker.domain.errors import Forbidden, Misconfigured, Rejected
from worker.domain.retry_after import retry_after
from worker.domain.text import quoted
from worker.resilience.circuit_breaker import Breaker
from worker.settings import Settings, webhook_secret

BODY_LIMIT = 64 * 1024
_ANSWER_LIMIT = 4 * 1024
# A part of an address that is shorter is a word, and no token.
_TOKEN_LENGTH = 8

_HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": f"tocsin/{version('tocsin')}",
    # What is unpacked has no bound.
    "Accept-Encoding": "identity",
}

_WRONG_ADDRESS = Interpretation(Misconfigured, "Check its entry in TOCSIN_PAGING_WEBHOOKS, then replay.")
_WRONG_SECRET = Interpretation(
    Forbidden, "Check its entry in TOCSIN_PAGING_WEBHOOK_SECRETS and what its address allows, then replay."
)
PAGE: Answers = {
    400: Interpretation(Rejected, "Nobody was paged. Mend what the answer names, then replay."),
    401: _WRONG_SECRET,
    403: _WRONG_SECRET,
    404: _WRONG_ADDRESS,
    410: _WRONG_ADDRESS,
}
_ASKS_FOR_PATIENCE: Answers = {**PAGE, 503: ANSWERS[429]}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook is and how its requests are signed: by every secret that holds at the moment."""

    name: str
    url: str
    secrets: Sequence[bytes]

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def system(self) -> System:
        return System(f"webhook:{self.name}", f"the webhook {self.name} at {self.host}")

    def hide_address(self, text: str) -> str:
        """Words of the other side, which may repeat the address; its path and query are as good as a password."""
        parts = urlsplit(self.url)
        words = {parts.path, parts.query, *parts.path.split("/"), *parts.query.replace("&", "=").split("=")}
        for word in sorted(words, key=len, reverse=True):
            if len(word) >= _TOKEN_LENGTH:
                text = text.replace(word, "…")
        return text


class PagerWebhook:
    def __init__(self, target: Target, http: httpx.AsyncClient, *, time_out: timedelta, breaker: Breaker) -> None:
        self.name = target.name
        self._target = target
        self._http = http
        self._time_out = time_out
        self._breaker = breaker

    async def page(self, body: Mapping[str, Any], *, key: str) -> str:
        """What it answered, in a few words; the same key is the same page, however often. Raises a TocsinError."""
        trying = f"page by the webhook {self.name}"
        attempt = RemoteCall(trying, self._target.system, writes=True, repeatable=True, answers=PAGE)
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        if len(content) > BODY_LIMIT:
            raise Rejected(f"Tried to {trying}; the page has {len(content)} bytes, and {BODY_LIMIT} are the most.")
        # As headers carry it, whatever name of a person stands in it.
        message_id = quote(key, safe="/:@+~")
        return await carry_out(
            attempt,
            lambda: self._send(attempt, content, message_id),
            time_out=self._time_out,
            breaker=self._breaker,
        )

    async def check(self) -> None:
        """Raise the sentence that says why it cannot be reached; pages nobody, so whatever it answers will do."""
        attempt = RemoteCall(f"reach the webhook {self.name}", self._target.system, writes=False)
        await carry_out(attempt, self._knock, time_out=self._time_out, breaker=self._breaker)

    async def _knock(self) -> None:
        try:
            async with self._http.stream("OPTIONS", self._target.url, headers=_HEADERS):
                return
        except httpx.TooManyRedirects:
            return

    async def _send(self, attempt: RemoteCall, content: bytes, message_id: str) -> str:
        headers = {**_HEADERS, **self._sign(content, message_id), "Idempotency-Key": message_id}
        async with self._http.stream("POST", self._target.url, content=content, headers=headers) as response:
            said = await _beginning(response)
        if response.is_success:
            return f"{response.status_code} {response.reason_phrase.lower()}".rstrip()
        refusal = Refusal(
            response.status_code,
            message=self._target.hide_address(quoted(said)),
            retry_after=retry_after(response.headers),
        )
        if refusal.retry_after is not None:
            attempt = replace(attempt, answers=_ASKS_FOR_PATIENCE)
        raise attempt.refused(refusal)

    def _sign(self, content: bytes, message_id: str) -> dict[str, str]:
        timestamp = int(time.time())
        signed = signature(self._target.secrets, message_id=message_id, timestamp=timestamp, body=content)
        return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signed}


async def _beginning(response: httpx.Response) -> str:
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) >= _ANSWER_LIMIT:
            break
    return "" if "Content-Encoding" in response.headers else read[:_ANSWER_LIMIT].decode(errors="replace")


def targets(settings: Settings) -> Iterable[Target]:
    for name, url in settings.paging_webhooks:
        secrets = [secret for owner, secret in settings.paging_webhook_secrets if owner == name]
        yield Target(name, url.get_secret_value(), [webhook_secret(secret.get_secret_value()) for secret in secrets])


@asynccontextmanager
async def open_pager_webhooks(
    settings: Settings, *, breakers: Breakers | None = None
) -> AsyncIterator[Mapping[str, PagerWebhook]]:
    """By their names; an empty mapping where none is configured."""
    time_out = page_time_out(settings.call_timeout_seconds)
    breakers = breakers or Breakers()
    async with AsyncExitStack() as stack:
        opened = {}
        for target in targets(settings):
            http = await stack.enter_async_context(http_client(target.url, time_out=time_out))
            breaker = breakers.of(target.system)
            opened[target.name] = PagerWebhook(target, http, time_out=time_out, breaker=breaker)
        yield opened
