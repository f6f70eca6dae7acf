"""Receive slots: each takes one message at a time, keeps its lock, launches its incident and settles it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import structlog

from worker import telemetry
from worker.errors import TocsinError, Undecodable
from worker.incident import Event, Incident, decode, derived_key
from worker.launch import Launcher
from worker.retry import RetryLater, Settlement, backoff, dead_letter
from worker.service_bus import LockLost, Message, Slot

log = structlog.get_logger()

Result = TypeVar("Result")

# Up to here a slot waits under a renewed lock; a longer wait would keep it from those that need it.
_LONGEST_WAIT_IN_PLACE = timedelta(seconds=60)
# The launch in hand may end its step; what is left then is handed back. Platforms kill after thirty.
_DRAIN = timedelta(seconds=20)
_SHORTEST_RENEWAL = 0.5


class Consumer:
    def __init__(self, slots: list[Slot], launcher: Launcher) -> None:
        self._slots = slots
        self._launcher = launcher
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Receive nothing more, let running steps end, hand back what is not finished."""
        self._stopping.set()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Until stopped. `ready` is called when the first slot listens."""
        tasks = [
            asyncio.create_task(self._serve(slot, ready if slot is self._slots[0] else None)) for slot in self._slots
        ]
        try:
            await self._stopping.wait()
            log.info("worker.draining", seconds=_DRAIN.total_seconds())
            await asyncio.wait(tasks, timeout=_DRAIN.total_seconds())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(slot.close() for slot in self._slots))

    async def _serve(self, slot: Slot, ready: Callable[[], None] | None) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                await slot.open()
                if ready is not None:
                    log.info("worker.ready", slots=len(self._slots))
                    ready()
                    ready = None
                message = await self._unless_stopping(slot.receive())
                failures = 0
                if message is not None:
                    await self._handle(slot, message)
            except TocsinError as error:
                failures += 1
                log.warning("queue.failed", error=str(error), failures=failures)
                await self._unless_stopping(asyncio.sleep(backoff(failures).total_seconds()))
            except Exception:
                # The outer edge: a fault of ours costs this message its lock, never the slot.
                failures += 1
                log.exception("worker.crashed")
                await self._unless_stopping(asyncio.sleep(backoff(failures).total_seconds()))

    async def _handle(self, slot: Slot, message: Message) -> None:
        told = structlog.contextvars.bound_contextvars(message=message.id, delivery=message.deliveries)
        with told, telemetry.handling(slot.delivery(message)):
            handling = asyncio.create_task(self._settlement(message))
            losing = asyncio.create_task(_keep_lock(slot, message))
            try:
                await asyncio.wait({handling, losing}, return_when=asyncio.FIRST_COMPLETED)
                if not handling.done():
                    log.warning("message.lock_lost")
                    telemetry.lock_lost()
                    return
            finally:
                handling.cancel()
                losing.cancel()
                await asyncio.gather(handling, losing, return_exceptions=True)
            decided = handling.result()
            confirmed = await slot.settle(message, decided)
            log.info("message.settled", settlement=type(decided).__name__, confirmed=confirmed)
            telemetry.settled(decided, confirmed=confirmed)

    async def _settlement(self, message: Message) -> Settlement:
        try:
            incident = incident_of(message)
        except Undecodable as error:
            log.error("message.undecodable", error=str(error))
            return dead_letter("Undecodable", str(error))
        with telemetry.launching(incident.id):
            return await self._launch(incident)

    async def _launch(self, incident: Incident) -> Settlement:
        while True:
            decided = await self._launcher.launch(incident, self._stopping)
            if not isinstance(decided, RetryLater) or not timedelta() < decided.delay <= _LONGEST_WAIT_IN_PLACE:
                return decided
            await self._unless_stopping(asyncio.sleep(decided.delay.total_seconds()))
            if self._stopping.is_set():
                return RetryLater(timedelta(), "The worker is stopping.")

    async def _unless_stopping(self, work: Awaitable[Result]) -> Result | None:
        """The work's result, or None when the worker is told to stop first; the work is cancelled then."""
        doing, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            stopping.cancel()
            if not doing.done():
                doing.cancel()
                with suppress(asyncio.CancelledError):
                    await doing


async def _keep_lock(slot: Slot, message: Message) -> None:
    """Renew at half of what is left; returns once the lock is lost."""
    while message.lock_left > timedelta():
        await asyncio.sleep(max(message.lock_left.total_seconds() / 2, _SHORTEST_RENEWAL))
        try:
            await slot.renew(message)
        except LockLost:
            return
        except TocsinError as error:
            log.warning("message.renewal_failed", error=str(error))


def incident_of(message: Message) -> Incident:
    """The incident that a message is about; one that names no key is known by its message from here on."""
    return incident_from(decode(message.body), message)


def incident_from(event: Event, message: Message) -> Incident:
    key = derived_key(event) or f"message:{message.origin}"
    received_at = event.received_at or message.enqueued_at
    keyed: Event = event.model_copy(update={"key": key, "received_at": received_at})
    return Incident(key=key, event=keyed, received_at=received_at)
