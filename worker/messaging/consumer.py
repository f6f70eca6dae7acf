"""Receive slots under supervision: each takes one message at a time, until the worker is told to stop."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.messaging.concurrency import Seat, Seats
from worker.messaging.delivery import Handler, InHand
from worker.messaging.message import Message
from worker.messaging.poll_status import Doing, Polls
from worker.messaging.receiver import Slot
from worker.messaging.watchdog import watch
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import State
from worker.resilience.race import unless

log = structlog.get_logger()

# Long enough not to press a broker that comes back, short enough not to be what people wait for.
_LONGEST_PAUSE = timedelta(seconds=30)

# Together with closing the clients this stays within twenty-five seconds; platforms kill after thirty.
_DRAIN = timedelta(seconds=15)
_HANDING_BACK = timedelta(seconds=4)
_CLOSING = timedelta(seconds=3)


class Consumer:
    """`seats` of the slots receive at once; the others stand by for those whose message waits."""

    def __init__(
        self,
        slots: Sequence[Slot],
        handler: Handler,
        *,
        seats: int,
        patience: timedelta,
        drain: timedelta = _DRAIN,
    ) -> None:
        self.polls = tuple(Polls(slot.name) for slot in slots)
        self._slots = slots
        self._handler = handler
        self._seats = Seats(seats, len(slots) - seats)
        self._patience = patience
        self._drain = drain
        self._stopping = asyncio.Event()
        self._endings: set[asyncio.Event] = set()

    @property
    def draining(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Receive nothing more, let running steps end, hand back what is not finished."""
        self._stopping.set()
        for ending in self._endings:
            ending.set()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Until stopped; raises PollsStopped when the queue stays silent. `ready` is called when a slot listens."""
        once = _Once(ready)
        serving = [
            asyncio.create_task(self._serve(slot, polls, once), name=f"slot {slot.name}")
            for slot, polls in zip(self._slots, self.polls, strict=True)
        ]
        watching = asyncio.create_task(watch(self.polls, self._patience))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
            self.stop()
            log.info("worker.draining", messages=len(self._endings), seconds=self._drain.total_seconds())
            await asyncio.wait(serving, timeout=self._drain.total_seconds())
        finally:
            await _ended([*serving, stopping], within=_HANDING_BACK)
            await self._close()
            barked = watching.done()
            watching.cancel()
        if barked:
            watching.result()

    async def _close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING.total_seconds()):
                await asyncio.gather(*(slot.close() for slot in self._slots))

    async def _serve(self, slot: Slot, polls: Polls, ready: "_Once") -> None:
        seat = self._seats.seat()
        while not self._stopping.is_set():
            try:
                message = await self._next(slot, polls, seat, ready)
                if message is not None:
                    await self._handle(InHand(slot, message, self._handler, seat, polls, asyncio.Event()))
            except TocsinError as error:
                log.warning("queue.failed", slot=slot.name, error=str(error), failures=polls.failures)
                await self._pause(polls, error)
            except Exception as error:
                # The outer edge: a fault of ours costs this message its lock, never the slot.
                polls.failed()
                log.exception("worker.crashed", slot=slot.name)
                await self._pause(polls, error)

    async def _next(self, slot: Slot, polls: Polls, seat: Seat, ready: "_Once") -> Message | None:
        if not seat.taken:
            polls.doing = Doing.IDLE
            # A connection is counted, also one that nobody uses.
            await slot.close()
            await unless(self._stopping.wait(), seat.take())
        if self._handler.tables.state is not State.CLOSED:
            # An open link would go on taking messages, one for each poll that was broken off.
            await slot.close()
        polls.doing = Doing.PAUSED
        await unless(self._stopping.wait(), self._handler.store_answers())
        return None if self._stopping.is_set() else await self._poll(slot, polls, ready)

    async def _poll(self, slot: Slot, polls: Polls, ready: "_Once") -> Message | None:
        polls.doing = Doing.POLLING
        try:
            polling = unless(self._handler.tables.opened(), _received(slot, ready))
            message = await unless(self._stopping.wait(), polling)
        except TocsinError:
            polls.failed()
            raise
        if message is None and self._stopping.is_set():
            return None
        if polls.failures:
            log.info("queue.answers", slot=slot.name, failures=polls.failures)
        polls.succeeded()
        return message

    async def _handle(self, in_hand: InHand) -> None:
        self._endings.add(in_hand.ending)
        if self._stopping.is_set():
            in_hand.ending.set()
        try:
            await in_hand.settled()
        except asyncio.CancelledError:
            # The time to drain is over, and a remote call still hangs.
            with suppress(TimeoutError):
                async with asyncio.timeout(_HANDING_BACK.total_seconds()):
                    await in_hand.hand_back()
            raise
        finally:
            self._endings.discard(in_hand.ending)

    async def _pause(self, polls: Polls, error: Exception) -> None:
        asked = getattr(error, "retry_after", None) or timedelta()
        pause = max(asked, min(backoff(max(polls.failures, 1)), _LONGEST_PAUSE))
        await unless(self._stopping.wait(), asyncio.sleep(pause.total_seconds()))


class _Once:
    """Says that the worker is ready when the first of its slots is."""

    def __init__(self, ready: Callable[[], None]) -> None:
        self._ready: Callable[[], None] | None = ready

    def __call__(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            log.info("worker.ready")
            ready()


async def _received(slot: Slot, ready: _Once) -> Message | None:
    await slot.open()
    ready()
    return await slot.receive()


async def _ended(tasks: Sequence[asyncio.Task[object]], *, within: timedelta) -> None:
    """Cancelled, and waited for as long as there is time: the process ends soon, with or without them."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=within.total_seconds() + 0.5)
