"""The queue: send, receive, settle; the only importer of azure.servicebus."""

import asyncio
import hashlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender
from azure.servicebus.amqp import AmqpMessageBodyType
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

from worker import telemetry
from worker.alert_severities import UNCHANGED, Severities
from worker.credentials import azure_credential
from worker.errors import Forbidden, Misconfigured, Rejected, Throttled, TocsinError, Transient, Unreachable
from worker.incident import Event, encode, incident_id
from worker.message_lock import LockTimes, MessageLock
from worker.retry import Complete, DeadLetter, RetryLater, Settlement, Split, backoff
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
# The SDK keeps the time of a poll itself; a poll that outlasts it by as much as this hangs.
_POLL_HANGS_AFTER = _POLL_SECONDS + 30
# The SDK waits a minute for the answer to a settlement before it asks in another way: longer than a lock lasts.
_OUTCOME_SECONDS = 4
_CLOSE_SECONDS = 5
_PAUSE, _LONGEST_PAUSE = 0.25, 3.0
_LOOK_AGAIN_SECONDS = 5.0

# On every copy of a message: the id of the first, by which an incident without a key is known for its whole life.
_ORIGIN = "tocsin-origin"
_ID_LIMIT = 128
_COPY_SUFFIX_LIMIT = 24
_REASON_LIMIT = 128

_NEVER = datetime.max.replace(tzinfo=UTC)

# Of the dead letter that was replayed, or of the trace in which it failed: on a copy they would be untrue.
_OF_THE_ORIGINAL = frozenset(
    {
        "DeadLetterReason",
        "DeadLetterErrorDescription",
        "Diagnostic-Id",
        "traceparent",
        "tracestate",
        telemetry.RETRY_OF,
    }
)
# Enough for a link that is open; the end of the dead letters is found by waiting for one more.
_DEAD_LETTER_POLL_SECONDS = 3
_PEEK_SECONDS = 30

# Everything the SDK is known to raise when a link or a connection breaks: it turns some of it into ValueError
# ("handler has already been shutdown") and lets some of its own confusion through.
_BROKEN = (ServiceBusError, ValueError, RuntimeError, AttributeError, OSError, TimeoutError)

_Act = Callable[[ServiceBusReceiver, ServiceBusReceivedMessage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, locked or only looked at; `origin` is the id of the first of all its copies."""

    body: bytes
    id: str
    origin: str
    enqueued_at: datetime
    deliveries: int
    received: ServiceBusReceivedMessage
    lock: MessageLock
    severities: Severities = UNCHANGED  # what the words of an alert in it mean here

    @property
    def sequence(self) -> int:
        return self.received.sequence_number or 0

    @property
    def reason(self) -> str:
        """Of a dead letter: the code it was dead-lettered with; empty when whoever did it gave none."""
        return _text(self.received.dead_letter_reason)

    @property
    def description(self) -> str:
        return _text(self.received.dead_letter_error_description)

    @property
    def properties(self) -> dict[str, Any]:
        """The sender's own, as text where AMQP carries bytes."""
        return {
            _text(name): _text(value) if isinstance(value, bytes) else value
            for name, value in (self.received.application_properties or {}).items()
        }

    @property
    def headers(self) -> dict[str, str]:
        """What the sender wrote on the message, of that which a copy of it is to keep."""
        names = ("content_type", "correlation_id", "subject", "to", "reply_to", "reply_to_session_id", "session_id")
        given = {name: getattr(self.received, name) for name in (*names, "partition_key")}
        return {name: _text(value) for name, value in given.items() if value is not None}

    @property
    def lock_left(self) -> timedelta:
        return self.lock.left


class Sender:
    """Opened once and shared: a cold sender costs half a second, and two sends on a cold one fail."""

    def __init__(self, client: ServiceBusClient, queue: str) -> None:
        self._client = client
        self._queue = queue
        self._sender: ServiceBusSender | None = None
        self._one_at_a_time = asyncio.Lock()
        self.trouble: str | None = "The queue has not been reached yet."

    async def publish(self, event: Event, *, message_id: str | None = None, at: datetime | None = None) -> None:
        """Return once the broker has acknowledged; raises a Transient, Forbidden, Misconfigured or Rejected.

        `at`: to be delivered then, by the broker's clock.
        """
        message = ServiceBusMessage(
            encode(event),
            message_id=message_id or event.id,
            correlation_id=incident_id(event.key) if event.key else None,
            content_type="application/json",
            subject=event.type.value,
        )
        message.scheduled_enqueue_time_utc = at
        await self.send(message)

    async def send(self, message: ServiceBusMessage) -> None:
        about = message.correlation_id or ""
        with telemetry.sending(self._queue, str(message.message_id), incident=about) as trace:
            # A copy goes on with the trace that it has.
            properties: dict[Any, Any] = {**trace, **(message.application_properties or {})}
            message.application_properties = properties
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
            await _close(sender)


class Slot:
    """One receiver of its own: polls, renews and settles one message at a time."""

    def __init__(
        self,
        client: ServiceBusClient,
        queue: str,
        sender: Sender,
        name: str,
        times: LockTimes | None = None,
        *,
        severities: Severities = UNCHANGED,
    ) -> None:
        self.name = name
        self._client = client
        self._queue = queue
        self._sender = sender
        self._times = times or LockTimes()
        self._severities = severities
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
            async with asyncio.timeout(_POLL_HANGS_AFTER):
                receiver = await self._opened()
                received = await receiver.receive_messages(max_message_count=1, max_wait_time=_POLL_SECONDS)
        except _BROKEN as error:
            telemetry.link_broke()
            await self._forget()
            raise _translated(error, f"receive from the queue {self._queue!r}") from error
        telemetry.polled()
        return self._read(received[0]) if received else None

    def delivery(self, message: Message) -> telemetry.Delivery:
        return telemetry.Delivery(self._queue, message.id, message.enqueued_at, message.deliveries, message.properties)

    async def renew(self, message: Message) -> None:
        """Prolong the lock; raises Unreachable, or LockLost."""
        bound = max(1.0, min(10.0, message.lock.duration.total_seconds() / 2))
        async with self._one_at_a_time:
            try:
                receiver = await self._reopened()
                asked = time.monotonic()
                await receiver.renew_message_lock(message.received, timeout=bound)
            except MessageAlreadySettled:
                return
            except MessageLockLostError as error:
                raise LockLost("The lock of the message was lost.") from error
            except _BROKEN as error:
                telemetry.lock_renewal_failed()
                raise _translated(error, "renew the lock of the message") from error
        message.lock.renewed(asked)
        _leave_expiry_to_the_broker(message.received)
        telemetry.lock_renewed()

    async def settle(self, message: Message, settlement: Settlement) -> bool:
        """Do with the message what was decided; the only place that completes, reschedules or dead-letters.

        Tried until the lock is gone: then the message comes again, finds its checkpoints, and nothing is lost.
        Whether the broker said that it is done.
        """
        match settlement:
            case RetryLater(delay=delay) if delay > timedelta():
                # The copy first: a message that comes twice is one launch, one that never comes is none.
                copy = _copy_for_later(message, delay)
                sent = await self._until_the_lock_is_gone(message, lambda: self._sender.send(copy))
                return sent and await self._settled(message, _complete)
            case RetryLater():
                return await self._settled(message, _abandon)
            case Split(parts=parts):
                # As above: cut twice, the parts have the same ids.
                return await self._all_sent(message, parts) and await self._settled(message, _complete)
            case Complete():
                return await self._settled(message, _complete)
            case DeadLetter():
                return await self._settled(message, _dead_lettering(settlement))

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._forget()

    async def _all_sent(self, message: Message, parts: Sequence[Event]) -> bool:
        for number, part in enumerate(parts):
            send = partial(self._sender.publish, part, message_id=part_id(message, number))
            if not await self._until_the_lock_is_gone(message, send):
                return False
        return True

    async def _settled(self, message: Message, act: _Act) -> bool:
        async def once() -> None:
            async with self._one_at_a_time:
                await act(await self._reopened(), message.received)

        return await self._until_the_lock_is_gone(message, once)

    async def _until_the_lock_is_gone(self, message: Message, act: Callable[[], Awaitable[None]]) -> bool:
        for trial in itertools.count():
            try:
                await act()
            except MessageAlreadySettled:
                return True
            except MessageLockLostError:
                # Either it was settled and the answer was lost, or it will be delivered again: both are well.
                log.warning("message.lock_lost_at_settlement", message=message.id)
                return False
            except (*_BROKEN, Transient) as error:
                log.warning("message.settlement_repeated", message=message.id, error=f"{type(error).__name__}: {error}")
                telemetry.settlement_repeated()
                if message.lock.is_surely_gone:
                    return False
                await asyncio.sleep(min(_PAUSE * 2**trial, _LONGEST_PAUSE))
            else:
                return True
        return False

    def _read(self, received: ServiceBusReceivedMessage) -> Message:
        return replace(_message(received, self._times), severities=self._severities)

    async def _opened(self) -> ServiceBusReceiver:
        if self._receiver is None:
            self._receiver = self._attached()
            await self._receiver.__aenter__()
        return self._receiver

    def _attached(self) -> ServiceBusReceiver:
        return self._client.get_queue_receiver(
            self._queue, prefetch_count=0, client_identifier=self.name, timeout=_OUTCOME_SECONDS
        )

    async def _reopened(self) -> ServiceBusReceiver:
        """The receiver, running: after a long outage the SDK leaves it shut, and refuses to settle with ValueError."""
        receiver = await self._opened()
        if not receiver._running:  # noqa: SLF001 (there is no public way to ask)
            await receiver.__aenter__()
        return receiver

    async def _forget(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            await _close(receiver)


class DeadLetterSlot(Slot):
    """The dead letters beside the queue: looked at without a lock, or locked many at a time."""

    async def peek(self, sequence: int, count: int) -> list[Message]:
        """The next ones from this sequence number on, locked by somebody or not; empty only at the end."""
        async with self._one_at_a_time:
            try:
                receiver = await self._reopened()
                # Without a number the receiver goes on from what it peeked last.
                peeked = await receiver.peek_messages(count, sequence_number=max(1, sequence), timeout=_PEEK_SECONDS)
            except _BROKEN as error:
                await self._forget()
                raise _translated(error, f"look at the dead letters of the queue {self._queue!r}") from error
        return [self._read(received) for received in peeked]

    async def receive_many(self, count: int) -> list[Message]:
        """Up to so many that nobody holds, locked for us; empty after a short wait without one."""
        async with self._one_at_a_time:
            try:
                receiver = await self._reopened()
                received = await receiver.receive_messages(count, max_wait_time=_DEAD_LETTER_POLL_SECONDS)
            except _BROKEN as error:
                await self._forget()
                raise _translated(error, f"receive from the dead letters of the queue {self._queue!r}") from error
        return [self._read(each) for each in received]

    def _attached(self) -> ServiceBusReceiver:
        return self._client.get_queue_receiver(
            self._queue,
            sub_queue=ServiceBusSubQueue.DEAD_LETTER,
            prefetch_count=0,
            client_identifier=self.name,
        )


class LockLost(TocsinError):
    """Another worker may have the message by now."""


class Queue:
    """One client for all of a process's links to one queue."""

    def __init__(self, client: ServiceBusClient, name: str, severities: Severities = UNCHANGED) -> None:
        self._client = client
        self._name = name
        self.sender = Sender(client, name)
        self._times = LockTimes()
        self._severities = severities

    def slot(self, name: str) -> Slot:
        return Slot(self._client, self._name, self.sender, name, self._times, severities=self._severities)

    def dead_letters(self, name: str) -> DeadLetterSlot:
        return DeadLetterSlot(self._client, self._name, self.sender, name, self._times, severities=self._severities)


@asynccontextmanager
async def open_queue(settings: Settings) -> AsyncIterator[Queue]:
    """The queue of these settings; connects at its first use."""
    settings.require("servicebus_connection_string|servicebus_namespace")
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(await _client(settings, stack))
        queue = Queue(client, settings.servicebus_queue, settings.severities)
        stack.push_async_callback(queue.sender.close)
        yield queue


async def _client(settings: Settings, stack: AsyncExitStack) -> ServiceBusClient:
    if settings.servicebus_connection_string is not None:
        connection = settings.servicebus_connection_string.get_secret_value()
        try:
            return ServiceBusClient.from_connection_string(connection, **_CLIENT)
        except ValueError as error:
            raise Misconfigured(f"TOCSIN_SERVICEBUS_CONNECTION_STRING cannot be used: {error}") from None
    credential = azure_credential(settings)
    if credential is None:
        raise Misconfigured("TOCSIN_SERVICEBUS_NAMESPACE needs TOCSIN_CREDENTIAL=default; anonymous is for stand-ins.")
    await stack.enter_async_context(credential)
    return ServiceBusClient(settings.servicebus_namespace or "", credential, **_CLIENT)


async def _close(link: ServiceBusReceiver | ServiceBusSender) -> None:
    """Whatever comes of it: the broker notices by itself that somebody is gone."""
    with suppress(*_BROKEN):
        async with asyncio.timeout(_CLOSE_SECONDS):
            await link.close()


async def _complete(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
    await receiver.complete_message(message)


async def _abandon(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
    await receiver.abandon_message(message)


def _leave_expiry_to_the_broker(received: ServiceBusReceivedMessage) -> None:
    """The SDK refuses to settle what this machine's clock takes for expired, without asking; clocks can be wrong.

    There is no setting for it; what it compares with the clock is this field, which each renewal sets anew.
    """
    received._expiry = _NEVER  # noqa: SLF001 (as above)


def _message(received: ServiceBusReceivedMessage, times: LockTimes | None = None) -> Message:
    lock = (times or LockTimes()).lock(received.enqueued_time_utc, received.locked_until_utc)
    if received.locked_until_utc is not None:
        _leave_expiry_to_the_broker(received)
    body = _body(received)
    enqueued_at = received.enqueued_time_utc or datetime.now(UTC)
    given = _text(received.message_id) or _unnamed(body, enqueued_at)
    origin = (received.application_properties or {}).get(_ORIGIN.encode())
    return Message(
        body=body,
        id=given,
        origin=_text(origin) or given,
        enqueued_at=enqueued_at,
        deliveries=(received.delivery_count or 0) + 1,
        received=received,
        lock=lock,
    )


def _unnamed(body: bytes, enqueued_at: datetime) -> str:
    """An id for a message whose sender gave none; a sequence number would change on the way to the dead letters."""
    content = hashlib.sha256(body).hexdigest()[:32]
    return f"unnamed:{int(enqueued_at.timestamp() * 1000)}:{content}"


def _body(received: ServiceBusReceivedMessage) -> bytes:
    """The bytes; of a value or sequence, as AMQP clients without bytes send, the text or the JSON that was meant."""
    if received.body_type is AmqpMessageBodyType.DATA:
        return b"".join(received.body)
    if received.body_type is AmqpMessageBodyType.SEQUENCE:
        return json.dumps(_readable(list(received.body))).encode()
    value = _readable(received.body)
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _readable(value: object) -> object:
    match value:
        case Mapping():
            return {_text(name): _readable(part) for name, part in value.items()}
        case list() | tuple():
            return [_readable(part) for part in value]
        case bool() | int() | float() | None:
            return value
        case _:
            return _text(value)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return "" if value is None else str(value)


def _copy_for_later(message: Message, delay: timedelta) -> ServiceBusMessage:
    """Sent to come back after the delay."""
    properties = message.properties | telemetry.retry_properties()
    copy = _copy(message, message.body, suffix=f"a{message.sequence}", properties=properties)
    # By the broker's clock: by ours, when it is wrong, a copy would come at once, or after many minutes.
    copy.scheduled_enqueue_time_utc = message.lock.broker_time() + delay
    return copy


def part_id(message: Message, number: int) -> str:
    return _copy_id(message, f"s{number}")


def replay_id(message: Message) -> str:
    return _copy_id(message, f"r{message.sequence}")


def replay_of(message: Message, body: bytes, *, properties: Mapping[str, str], **headers: str) -> ServiceBusMessage:
    """A new message in the place of a dead letter, without what only the old one was, its time to live included."""
    kept = {name: value for name, value in message.properties.items() if name not in _OF_THE_ORIGINAL}
    return _copy(message, body, suffix=f"r{message.sequence}", properties=kept | dict(properties), **headers)


def _copy(
    message: Message, body: bytes, *, suffix: str, properties: dict[str, Any], **headers: str
) -> ServiceBusMessage:
    """With a new id, or duplicate detection drops it; the same id however often it is sent."""
    written: dict[str, Any] = message.headers | headers
    written["application_properties"] = properties | {_ORIGIN: message.origin}
    return ServiceBusMessage(body, message_id=_copy_id(message, suffix), **written)


def _copy_id(message: Message, suffix: str) -> str:
    root = message.origin
    if len(root) > _ID_LIMIT - _COPY_SUFFIX_LIMIT:
        root = hashlib.sha256(root.encode()).hexdigest()
    return f"{root}:{suffix}"


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
