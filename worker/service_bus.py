"""The queue: send, receive, settle; the only importer of azure.servicebus."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender
from azure.servicebus.exceptions import (
    MessageAlreadySettled,
    MessageLockLostError,
    MessageSizeExceededError,
    MessagingEntityDisabledError,
    MessagingEntityNotFoundError,
    ServiceBusAuthenticationError,
    ServiceBusAuthorizationError,
    ServiceBusError,
    ServiceBusQuotaExceededError,
    ServiceBusServerBusyError,
)

from worker.credentials import azure_credential
from worker.errors import Forbidden, Misconfigured, Rejected, Throttled, TocsinError, Unreachable
from worker.incident import Event, encode, incident_id
from worker.retry import Complete, DeadLetter, RetryLater, Settlement, backoff
from worker.settings import Settings

log = structlog.get_logger()

# Few and quick, since the loops above retry as well and know for how long; one attempt of anything is bounded.
_CLIENT: dict[str, Any] = {
    "retry_total": 2,
    "retry_backoff_factor": 0.2,
    "retry_backoff_max": 5,
    "try_timeout": 15,
    "logging_enable": False,
}
_SEND_SECONDS = 10
# Long: the same time bounds a reconnect, and a short wait never gets through one.
_POLL_SECONDS = 25
_PAUSE = 0.5
_LOOK_AGAIN_SECONDS = 5.0

# What a copy made of a message's id: the attempt, or the dead letter that was replayed.
_COPY = re.compile(r":[ar]\d+$")
_ID_LIMIT = 128
_REASON_LIMIT = 128

# Everything the SDK is known to raise when a link or a connection breaks: it turns some of it into ValueError
# ("handler has already been shutdown") and lets some of its own confusion through.
_BROKEN = (ServiceBusError, ValueError, RuntimeError, AttributeError, OSError, TimeoutError)

_Act = Callable[[ServiceBusReceiver, ServiceBusReceivedMessage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Message:
    """One locked message."""

    body: bytes
    id: str
    enqueued_at: datetime
    deliveries: int
    received: ServiceBusReceivedMessage

    @property
    def lock_left(self) -> timedelta:
        until = self.received.locked_until_utc
        return until - datetime.now(UTC) if until is not None else timedelta()


class Sender:
    """Opened once and shared: a cold sender costs half a second, and two sends on a cold one fail."""

    def __init__(self, client: ServiceBusClient, queue: str) -> None:
        self._client = client
        self._queue = queue
        self._sender: ServiceBusSender | None = None
        self._one_at_a_time = asyncio.Lock()
        self.trouble: str | None = "The queue has not been reached yet."

    async def publish(self, event: Event) -> None:
        """Return once the broker has acknowledged; raises a Transient, Forbidden, Misconfigured or Rejected."""
        await self.send(
            ServiceBusMessage(
                encode(event),
                message_id=event.id,
                correlation_id=incident_id(event.key) if event.key else None,
                content_type="application/json",
                subject=event.type,
            )
        )

    async def send(self, message: ServiceBusMessage) -> None:
        async with self._one_at_a_time, self._watched(f"send to the queue {self._queue!r}"):
            sender = await self._opened()
            await sender.send_messages(message, timeout=_SEND_SECONDS)

    async def open(self) -> None:
        """Connect now, so that the first send is quick."""
        async with self._one_at_a_time, self._watched(f"open the queue {self._queue!r}"):
            await self._opened()

    async def keep_open(self) -> None:
        """Until cancelled: open whenever it is not, so that `trouble` tells how the next send would fare."""
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
    async def _watched(self, what: str) -> AsyncIterator[None]:
        try:
            yield
        except _BROKEN as error:
            await self._forget()
            failure = _translated(error, what)
            self.trouble = str(failure)
            raise failure from error
        self.trouble = None

    async def _opened(self) -> ServiceBusSender:
        if self._sender is None:
            self._sender = self._client.get_queue_sender(self._queue)
            await self._sender.__aenter__()
        return self._sender

    async def _forget(self) -> None:
        sender, self._sender = self._sender, None
        if sender is not None:
            with suppress(*_BROKEN):
                await sender.close()


class Slot:
    """One receiver of its own: polls, renews and settles one message at a time."""

    def __init__(self, client: ServiceBusClient, queue: str, sender: Sender, name: str) -> None:
        self._client = client
        self._queue = queue
        self._sender = sender
        self._name = name
        self._receiver: ServiceBusReceiver | None = None
        # Renewing and settling on one receiver while it is being reopened is what the SDK does not survive.
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        async with self._one_at_a_time:
            try:
                await self._opened()
            except _BROKEN as error:
                await self._forget()
                raise _translated(error, f"open the queue {self._queue!r}") from error

    async def receive(self) -> Message | None:
        """The next message, locked for us; None after a poll without one. Cancelling loses nothing."""
        try:
            receiver = await self._opened()
            received = await receiver.receive_messages(max_message_count=1, max_wait_time=_POLL_SECONDS)
        except _BROKEN as error:
            await self._forget()
            raise _translated(error, f"receive from the queue {self._queue!r}") from error
        return _message(received[0]) if received else None

    async def renew(self, message: Message) -> None:
        """Prolong the lock; raises Unreachable, or LockLost."""
        bound = max(1.0, min(10.0, message.lock_left.total_seconds() / 2))
        async with self._one_at_a_time:
            try:
                receiver = await self._reopened()
                await receiver.renew_message_lock(message.received, timeout=bound)
            except MessageLockLostError as error:
                raise LockLost("The lock of the message was lost.") from error
            except _BROKEN as error:
                raise _translated(error, "renew the lock of the message") from error

    async def settle(self, message: Message, settlement: Settlement) -> None:
        """Do with the message what was decided; the only place that completes, reschedules or dead-letters.

        Tried until the lock is gone: then the message comes again, finds its checkpoints, and nothing is lost.
        """
        act: _Act
        match settlement:
            case Complete():
                act = self._complete
            case RetryLater(delay=delay) if delay <= timedelta():
                act = self._abandon
            case RetryLater(delay=delay):
                await self._sender.send(_copy_for_later(message, delay))
                act = self._complete
            case DeadLetter():
                act = _dead_lettering(settlement)
        await self._until_the_lock_is_gone(message, act)

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._forget()

    async def _until_the_lock_is_gone(self, message: Message, act: _Act) -> None:
        while True:
            try:
                async with self._one_at_a_time:
                    await act(await self._reopened(), message.received)
            except MessageAlreadySettled:
                return
            except MessageLockLostError:
                # Either it was settled and the answer was lost, or it will be delivered again: both are well.
                log.warning("message.lock_lost_at_settlement", message=message.id)
                return
            except _BROKEN as error:
                log.warning("message.settlement_repeated", message=message.id, error=type(error).__name__)
                if message.lock_left <= timedelta():
                    return
                await asyncio.sleep(_PAUSE)
            else:
                return

    @staticmethod
    async def _complete(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
        await receiver.complete_message(message)

    @staticmethod
    async def _abandon(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
        await receiver.abandon_message(message)

    async def _opened(self) -> ServiceBusReceiver:
        if self._receiver is None:
            self._receiver = self._client.get_queue_receiver(
                self._queue, prefetch_count=0, client_identifier=self._name
            )
            await self._receiver.__aenter__()
        return self._receiver

    async def _reopened(self) -> ServiceBusReceiver:
        """The receiver, running: after a long outage the SDK leaves it shut, and refuses to settle with ValueError."""
        receiver = await self._opened()
        if not receiver._running:  # noqa: SLF001 (there is no public way to ask)
            await receiver.__aenter__()
        return receiver

    async def _forget(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            with suppress(*_BROKEN):
                await receiver.close()


class LockLost(TocsinError):
    """Another worker may have the message by now."""


class Queue:
    """One client for all of a process's links to one queue."""

    def __init__(self, client: ServiceBusClient, name: str) -> None:
        self._client = client
        self._name = name
        self.sender = Sender(client, name)

    def slot(self, name: str) -> Slot:
        return Slot(self._client, self._name, self.sender, name)


@asynccontextmanager
async def open_queue(settings: Settings) -> AsyncIterator[Queue]:
    """The queue of these settings; connects at its first use."""
    settings.require("servicebus_connection_string|servicebus_namespace")
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(await _client(settings, stack))
        queue = Queue(client, settings.servicebus_queue)
        stack.push_async_callback(queue.sender.close)
        yield queue


async def _client(settings: Settings, stack: AsyncExitStack) -> ServiceBusClient:
    if settings.servicebus_connection_string is not None:
        connection = settings.servicebus_connection_string.get_secret_value()
        return ServiceBusClient.from_connection_string(connection, **_CLIENT)
    credential = azure_credential(settings)
    if credential is None:
        raise Misconfigured("TOCSIN_SERVICEBUS_NAMESPACE needs TOCSIN_CREDENTIAL=default; anonymous is for stand-ins.")
    await stack.enter_async_context(credential)
    return ServiceBusClient(settings.servicebus_namespace or "", credential, **_CLIENT)


def _message(received: ServiceBusReceivedMessage) -> Message:
    sequence = received.sequence_number
    return Message(
        body=_body(received),
        id=_text(received.message_id) or f"sequence:{sequence}",
        enqueued_at=received.enqueued_time_utc or datetime.now(UTC),
        deliveries=(received.delivery_count or 0) + 1,
        received=received,
    )


def _body(received: ServiceBusReceivedMessage) -> bytes:
    try:
        return b"".join(received.body)
    except TypeError:
        # A value or sequence body, as some AMQP clients send text: its text is what was meant.
        return str(received).encode()


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")


def _copy_for_later(message: Message, delay: timedelta) -> ServiceBusMessage:
    """The same message with a new id, or duplicate detection drops it; the same id however often it is sent."""
    root = _COPY.sub("", message.id)[: _ID_LIMIT - 24]
    received = message.received
    return ServiceBusMessage(
        message.body,
        message_id=f"{root}:a{received.sequence_number}",
        correlation_id=received.correlation_id,
        content_type=received.content_type,
        subject=received.subject,
        application_properties={_text(name): value for name, value in (received.application_properties or {}).items()},
        scheduled_enqueue_time_utc=datetime.now(UTC) + delay,
    )


def _dead_lettering(decided: DeadLetter) -> _Act:
    async def act(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
        await receiver.dead_letter_message(
            message, reason=decided.reason[:_REASON_LIMIT], error_description=decided.description
        )

    return act


def _translated(error: Exception, what: str) -> TocsinError:
    text = " ".join(str(error).split())[:300]
    match error:
        case ServiceBusAuthenticationError() | ServiceBusAuthorizationError():
            return Forbidden(f"Service Bus refused to {what}: check the connection string, or grant this identity.")
        case MessagingEntityNotFoundError() | MessagingEntityDisabledError():
            return Misconfigured(f"Service Bus could not {what}: the queue does not exist or is disabled.")
        case MessageSizeExceededError():
            return Rejected(f"Service Bus could not {what}: the message is larger than the queue takes.")
        case ServiceBusServerBusyError() | ServiceBusQuotaExceededError():
            return Throttled(f"Service Bus is too busy to {what}: {text}", retry_after=timedelta(seconds=10))
        case _:
            return Unreachable(f"Service Bus could not {what} ({type(error).__name__}): {text}")
