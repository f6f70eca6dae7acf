"""Send to the queue, and know that the broker has it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import structlog
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import TocsinError
from worker.domain.incident import incident_id
from worker.messaging.mark import MARK
from worker.messaging.sdk_errors import BROKEN, close_link, translated
from worker.observability import telemetry
from worker.resilience.backoff import backoff

log = structlog.get_logger()

_SEND_SECONDS = 10
_LOOK_AGAIN_SECONDS = 5.0


class Sender:
    """Opened once and shared: a cold sender costs half a second, and two sends on a cold one fail."""

    def __init__(self, client: ServiceBusClient, queue: str) -> None:
        self._client = client
        self._queue = queue
        self._sender: ServiceBusSender | None = None
        self._one_at_a_time = asyncio.Lock()
        self.trouble: str | None = "The queue has not been reached yet."

    async def publish(self, encoded: EncodedEvent, *, at: datetime | None = None, mark: str | None = None) -> None:
        """Return once the broker has acknowledged; raises a Transient, Forbidden, Misconfigured or Rejected.

        `at`: to be delivered then, by the broker's clock. `mark`: by which workers know it for their own.
        """
        event = encoded.event
        message = ServiceBusMessage(
            encoded.body,
            message_id=encoded.message_id,
            correlation_id=incident_id(event.key) if event.key else None,
            content_type="application/json",
            subject=event.type.value,
            application_properties={MARK: mark} if mark is not None else None,
        )
        message.scheduled_enqueue_time_utc = at
        await self.send(message)

    async def send(self, message: ServiceBusMessage) -> None:
        about = message.correlation_id or ""
        with telemetry.sending(self._queue, str(message.message_id), incident=about) as trace:
            # A copy goes on with the trace that it has.
            properties: dict[Any, Any] = {**trace, **(message.application_properties or {})}
            message.application_properties = properties
            async with self._one_at_a_time, self._noting_trouble(f"send to the queue {self._queue!r}"):
                sender = await self._ensure_open()
                await sender.send_messages(message, timeout=_SEND_SECONDS)

    async def open(self) -> None:
        """Connect now, so that the first send is quick."""
        async with self._one_at_a_time, self._noting_trouble(f"open the queue {self._queue!r}"):
            await self._ensure_open()

    async def keep_open(self) -> None:
        """Until cancelled: open whenever it is not, so that `trouble` says whether the next send would fail."""
        attempt = 0
        while True:
            try:
                await self.open()
                attempt = 0
            except TocsinError as error:
                attempt += 1
                log.warning("queue.unreachable", error=str(error), attempt=attempt)
            await asyncio.sleep(min(_LOOK_AGAIN_SECONDS, backoff(attempt or 1).total_seconds()))

    async def close(self) -> None:
        await self._forget()

    @asynccontextmanager
    async def _noting_trouble(self, what: str) -> AsyncIterator[None]:
        try:
            yield
        except BROKEN as error:
            await self._forget()
            failure = translated(error, what)
            self.trouble = str(failure)
            raise failure from error
        self.trouble = None

    async def _ensure_open(self) -> ServiceBusSender:
        if self._sender is None:
            self._sender = self._client.get_queue_sender(self._queue)
            await self._sender.__aenter__()
        return self._sender

    async def _forget(self) -> None:
        sender, self._sender = self._sender, None
        if sender is not None:
            await close_link(sender)
