"""The queue: send, receive, settle; the only importer of azure.servicebus."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

import structlog
from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver
from azure.servicebus.exceptions import (
    MessageAlreadySettled,
    MessageLockLostError,
)

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Transient
from worker.domain.settlement import Complete, DeadLetter, RetryLater, Settlement, Split
from worker.messaging.copies import copy_for_later
from worker.messaging.lock import LockTimes
from worker.messaging.message import Message, leave_expiry_to_the_broker, read_message
from worker.messaging.sdk_errors import BROKEN, LockLost, close_link, translated
from worker.messaging.sender import Sender
from worker.observability import telemetry

log = structlog.get_logger()

# Long: the same time bounds a reconnect, and a short wait never gets through one.
_POLL_SECONDS = 25
# The SDK keeps the time of a poll itself; a poll that outlasts it by as much as this hangs.
_POLL_HANGS_AFTER = _POLL_SECONDS + 30
# The SDK waits a minute for the answer to a settlement before it asks in another way: longer than a lock lasts.
_OUTCOME_SECONDS = 4
_PAUSE, _LONGEST_PAUSE = 0.25, 3.0

_REASON_LIMIT = 128


_Settle = Callable[[ServiceBusReceiver, ServiceBusReceivedMessage], Awaitable[None]]


class Receiver:
    """One receiver of its own: polls, renews and settles one message at a time."""

    def __init__(
        self, client: ServiceBusClient, queue: str, sender: Sender, name: str, times: LockTimes | None = None
    ) -> None:
        self.name = name
        self._client = client
        self._queue = queue
        self._sender = sender
        self._times = times or LockTimes()
        self._receiver: ServiceBusReceiver | None = None
        # Renewing and settling on one receiver while it is being reopened is what the SDK does not survive.
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        async with self._one_at_a_time:
            try:
                await self._ensure_open()
            except BROKEN as error:
                await self._forget()
                raise translated(error, f"open the queue {self._queue!r}") from error

    async def receive(self) -> Message | None:
        """The next message, locked for us; None after a poll without one. Cancelling loses nothing."""
        try:
            async with asyncio.timeout(_POLL_HANGS_AFTER):
                receiver = await self._ensure_open()
                received = await receiver.receive_messages(max_message_count=1, max_wait_time=_POLL_SECONDS)
        except BROKEN as error:
            telemetry.link_broke()
            await self._forget()
            raise translated(error, f"receive from the queue {self._queue!r}") from error
        telemetry.polled()
        return self._read(received[0]) if received else None

    def received(self, message: Message) -> telemetry.ReceivedMessage:
        return telemetry.ReceivedMessage(
            self._queue, message.id, message.enqueued_at, message.deliveries, message.properties
        )

    async def renew(self, message: Message) -> None:
        """Prolong the lock; raises Unreachable, or LockLost."""
        bound = max(1.0, min(10.0, message.lock.duration.total_seconds() / 2))
        async with self._one_at_a_time:
            try:
                receiver = await self._ensure_running()
                asked = time.monotonic()
                await receiver.renew_message_lock(message.received, timeout=bound)
            except MessageAlreadySettled:
                return
            except MessageLockLostError as error:
                raise LockLost("The lock of the message was lost.") from error
            except BROKEN as error:
                telemetry.lock_renewal_failed()
                raise translated(error, "renew the lock of the message") from error
        message.lock.renewed(asked)
        leave_expiry_to_the_broker(message.received)
        telemetry.lock_renewed()

    async def settle(self, message: Message, settlement: Settlement) -> bool:
        """Do with the message what was decided; the only place that completes, reschedules or dead-letters.

        Tried until the lock is gone: then the message comes again, finds its checkpoints, and nothing is lost.
        Whether the broker said that it is done.
        """
        match settlement:
            case RetryLater(delay=delay) if delay > timedelta():
                # The copy first: a message that comes twice is one launch, one that never comes is none.
                copy = copy_for_later(message, delay)
                sent = await self._retry_until_lock_is_gone(message, lambda: self._sender.send(copy))
                return sent and await self._settle(message, _complete)
            case RetryLater():
                return await self._settle(message, _abandon)
            case Split(parts=parts):
                # As above: split twice, the parts have the same ids.
                return await self._send_all(message, parts) and await self._settle(message, _complete)
            case Complete():
                return await self._settle(message, _complete)
            case DeadLetter():
                return await self._settle(message, _dead_lettering(settlement))

    async def close(self) -> None:
        async with self._one_at_a_time:
            await self._forget()

    async def _send_all(self, message: Message, parts: Sequence[EncodedEvent]) -> bool:
        for part in parts:
            send = partial(self._sender.publish, part)
            if not await self._retry_until_lock_is_gone(message, send):
                return False
        return True

    async def _settle(self, message: Message, act: _Settle) -> bool:
        async def once() -> None:
            async with self._one_at_a_time:
                await act(await self._ensure_running(), message.received)

        return await self._retry_until_lock_is_gone(message, once)

    async def _retry_until_lock_is_gone(self, message: Message, act: Callable[[], Awaitable[None]]) -> bool:
        for trial in itertools.count():
            try:
                await act()
            except MessageAlreadySettled:
                return True
            except MessageLockLostError:
                # Either it was settled and the answer was lost, or it will be delivered again: both are well.
                log.warning("message.lock_lost_at_settlement", message=message.id)
                return False
            except (*BROKEN, Transient) as error:
                log.warning("message.settlement_repeated", message=message.id, error=f"{type(error).__name__}: {error}")
                telemetry.settlement_repeated()
                if message.lock.is_surely_gone:
                    return False
                await asyncio.sleep(min(_PAUSE * 2**trial, _LONGEST_PAUSE))
            else:
                return True
        return False

    def _read(self, received: ServiceBusReceivedMessage) -> Message:
        return read_message(received, self._times)

    async def _ensure_open(self) -> ServiceBusReceiver:
        if self._receiver is None:
            self._receiver = self._attached()
            await self._receiver.__aenter__()
        return self._receiver

    def _attached(self) -> ServiceBusReceiver:
        return self._client.get_queue_receiver(
            self._queue, prefetch_count=0, client_identifier=self.name, timeout=_OUTCOME_SECONDS
        )

    async def _ensure_running(self) -> ServiceBusReceiver:
        """The receiver, running: after a long outage the SDK leaves it shut, and refuses to settle with ValueError."""
        receiver = await self._ensure_open()
        if not receiver._running:  # noqa: SLF001 (there is no public way to ask)
            await receiver.__aenter__()
        return receiver

    async def _forget(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            await close_link(receiver)


async def _complete(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
    await receiver.complete_message(message)


async def _abandon(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
    await receiver.abandon_message(message)


def _dead_lettering(decided: DeadLetter) -> _Settle:
    async def act(receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
        await receiver.dead_letter_message(
            message, reason=decided.reason[:_REASON_LIMIT], error_description=decided.description
        )

    return act
