"""Receivers under supervision: each takes one message at a time, until the worker is stopped."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.messaging.concurrency import ConcurrencyLimit, Permit
from worker.messaging.decoding import Decoder
from worker.messaging.delivery import Delivery, MessageHandler
from worker.messaging.mark import Marks
from worker.messaging.message import Message
from worker.messaging.poll_status import Activity, ReceiverStatus
from worker.messaging.receiver import Receiver
from worker.messaging.watchdog import watch
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import State
from worker.resilience.race import run_until

log = structlog.get_logger()

# Long enough not to press a broker that comes back, short enough not to be what people wait for.
_LONGEST_PAUSE = timedelta(seconds=30)

# Together with closing the clients this stays within twenty-five seconds; platforms kill after thirty.
_DRAIN = timedelta(seconds=15)
_ABANDONING = timedelta(seconds=4)
_CLOSING = timedelta(seconds=3)


class Consumer:
    """`limit` of the receivers receive at once; the others stand by for those whose message waits."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        decoder: Decoder,
        handler: MessageHandler,
        *,
        limit: int,
        patience: timedelta,
        marks: Marks,
        drain: timedelta = _DRAIN,
    ) -> None:
        self.statuses = tuple(ReceiverStatus(receiver.name) for receiver in receivers)
        self._receivers = receivers
        self._decoder = decoder
        self._handler = handler
        self._limit = ConcurrencyLimit(limit, len(receivers) - limit)
        self._patience = patience
        self._marks = marks
        self._drain = drain
        self._stopping = asyncio.Event()
        self._endings: set[asyncio.Event] = set()

    @property
    def draining(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Receive nothing more, let running steps end, abandon what is not finished."""
        self._stopping.set()
        for ending in self._endings:
            ending.set()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Until stopped; raises PollsStopped when the queue stays silent. `ready` is called when a receiver listens."""
        signal = _ReadySignal(ready)
        serving = [
            asyncio.create_task(self._serve(receiver, status, signal), name=f"receiver {receiver.name}")
            for receiver, status in zip(self._receivers, self.statuses, strict=True)
        ]
        watching = asyncio.create_task(watch(self.statuses, self._patience))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            log.info("worker.draining", messages=len(self._endings), seconds=self._drain.total_seconds())
            await asyncio.wait(serving, timeout=self._drain.total_seconds())
        finally:
            await _cancel_all([*serving, stopping], within=_ABANDONING)
            await self._close()
            is_silent = watching.done()
            watching.cancel()
        if is_silent:
            watching.result()

    async def _close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING.total_seconds()):
                await asyncio.gather(*(receiver.close() for receiver in self._receivers))

    async def _serve(self, receiver: Receiver, status: ReceiverStatus, ready: "_ReadySignal") -> None:
        permit = self._limit.permit()
        while not self._stopping.is_set():
            try:
                message = await self._receive_next(receiver, status, permit, ready)
                if message is not None:
                    await self._handle(self._delivery(receiver, message, permit, status))
            except TocsinError as error:
                log.warning("queue.failed", receiver=receiver.name, error=str(error), failures=status.failures)
                await self._pause(status, error)
            except Exception as error:
                # The outer edge: a fault of ours costs this message its lock, never the receiver.
                status.failed()
                log.exception("worker.crashed", receiver=receiver.name)
                await self._pause(status, error)

    def _delivery(self, receiver: Receiver, message: Message, permit: Permit, status: ReceiverStatus) -> Delivery:
        ending = asyncio.Event()
        return Delivery(receiver, message, self._decoder, self._handler, permit, status, ending, self._marks)

    async def _receive_next(
        self, receiver: Receiver, status: ReceiverStatus, permit: Permit, ready: "_ReadySignal"
    ) -> Message | None:
        if not permit.taken:
            status.activity = Activity.IDLE
            # A connection is counted, also one that nobody uses.
            await receiver.close()
            await run_until(self._stopping.wait(), permit.take())
        if self._handler.tables.state is not State.CLOSED:
            # An open link would go on taking messages, one for each poll that was broken off.
            await receiver.close()
        status.activity = Activity.PAUSED
        await run_until(self._stopping.wait(), self._handler.wait_for_store())
        return None if self._stopping.is_set() else await self._poll(receiver, status, ready)

    async def _poll(self, receiver: Receiver, status: ReceiverStatus, ready: "_ReadySignal") -> Message | None:
        status.activity = Activity.POLLING
        try:
            polling = run_until(self._handler.tables.wait_until_open(), _receive(receiver, ready))
            message = await run_until(self._stopping.wait(), polling)
        except TocsinError:
            status.failed()
            raise
        if message is None and self._stopping.is_set():
            return None
        if status.failures:
            log.info("queue.answers", receiver=receiver.name, failures=status.failures)
        status.succeeded()
        return message

    async def _handle(self, delivery: Delivery) -> None:
        self._endings.add(delivery.ending)
        if self._stopping.is_set():
            delivery.ending.set()
        try:
            await delivery.process()
        except asyncio.CancelledError:
            # The time to drain is over, and a remote call still hangs.
            with suppress(TimeoutError):
                async with asyncio.timeout(_ABANDONING.total_seconds()):
                    await delivery.abandon()
            raise
        finally:
            self._endings.discard(delivery.ending)

    async def _pause(self, status: ReceiverStatus, error: Exception) -> None:
        asked = getattr(error, "retry_after", None) or timedelta()
        pause = max(asked, min(backoff(max(status.failures, 1)), _LONGEST_PAUSE))
        await run_until(self._stopping.wait(), asyncio.sleep(pause.total_seconds()))


class _ReadySignal:
    """Given once: the worker is ready when the first of its receivers is."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready: Callable[[], None] | None = ready

    def give(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            log.info("worker.ready")
            ready()


async def _receive(receiver: Receiver, ready: _ReadySignal) -> Message | None:
    await receiver.open()
    ready.give()
    return await receiver.receive()


async def _cancel_all(tasks: Sequence[asyncio.Task[object]], *, within: timedelta) -> None:
    """Cancelled, and waited for as long as there is time: the process ends soon, with or without them."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=within.total_seconds() + 0.5)
