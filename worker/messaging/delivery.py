"""What becomes of one message: decoded, launched, and launched again after a wait that is short enough."""

import asyncio
import time
from collections.abc import Awaitable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

import structlog

from worker.domain.errors import TocsinError, Undecodable
from worker.domain.event import INTERNAL_KINDS, EventType
from worker.domain.incident import Incident
from worker.domain.settlement import DeadLetter, RetryLater, Settlement, dead_letter
from worker.messaging.concurrency import Permit
from worker.messaging.decoding import Decoder, incident_from
from worker.messaging.lock import BrokerTime
from worker.messaging.mark import Marks
from worker.messaging.message import Message
from worker.messaging.poll_status import Activity, ReceiverStatus
from worker.messaging.receiver import Receiver
from worker.messaging.sdk_errors import LockLost
from worker.messaging.splitting import split
from worker.observability import telemetry
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import Breaker, State
from worker.resilience.race import Result, run_until

log = structlog.get_logger()


# A wait of up to a minute under a renewed lock spares a copy; in all, lest a message is never settled.
_LONGEST_WAIT_IN_PLACE = timedelta(seconds=60)
# Nobody misses a permit for so long.
_NOT_WORTH_RELEASING = timedelta(seconds=5)


class MessageHandler(Protocol):
    """What is done about an incident's event, and the table without which nothing can be."""

    @property
    def tables(self) -> Breaker: ...

    async def handle(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement: ...

    async def wait_for_store(self) -> None: ...


def _refuse(kind: EventType) -> DeadLetter:
    sentence = (
        f"The message says that it is a {kind}, which Tocsin sends to itself alone, and does not bear its mark. "
        "Discard it. If an earlier release sent it, what it reminds of is told with the incident's next alert."
    )
    log.error("message.not_ours", kind=kind)
    return dead_letter("NotOurs", sentence)


@dataclass(slots=True)
class Delivery:
    """One message from its receipt to its settlement; `ending` says that no further step may be begun."""

    receiver: Receiver
    message: Message
    decoder: Decoder
    handler: MessageHandler
    permit: Permit
    status: ReceiverStatus
    ending: asyncio.Event
    marks: Marks
    _waited: timedelta = field(default=timedelta(), init=False)

    async def process(self) -> None:
        """Return when the message is settled; a lost lock ends the launch between two steps and settles nothing."""
        context = structlog.contextvars.bound_contextvars(message=self.message.id, delivery=self.message.deliveries)
        with context, telemetry.handling(self.receiver.received(self.message)):
            keeping = asyncio.create_task(self._keep_lock(), name=f"lock {self.message.id}")
            try:
                decided = await self._decide()
                if keeping.done():
                    log.warning("message.lock_lost")
                    telemetry.lock_lost()
                    return
                await self._settle(decided)
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)

    async def abandon(self) -> None:
        """Where there is no time left to end what was begun: the next one to receive it goes on."""
        log.warning("message.abandoned", message=self.message.id)
        await self._settle(RetryLater(timedelta(), "The worker is stopping."))

    async def _settle(self, decided: Settlement) -> None:
        confirmed = await self.receiver.settle(self.message, decided)
        log.info("message.settled", settlement=type(decided).__name__, confirmed=confirmed)
        telemetry.settled(decided, confirmed=confirmed)

    async def _keep_lock(self) -> None:
        """Renew until the message is settled; ends only when the broker says that the lock is lost.

        What we think of its time is no reason to stop: while the broker cannot be reached nobody else gets the
        message, and the lease keeps others from acting in any case.
        """
        try:
            while True:
                await asyncio.sleep(self.message.lock.renew_in.total_seconds())
                await self._renew()
        except LockLost:
            self.ending.set()

    async def _renew(self) -> None:
        try:
            await self.receiver.renew(self.message)
        except LockLost:
            raise
        except TocsinError as error:
            log.warning("message.renewal_failed", error=str(error))

    async def _decide(self) -> Settlement:
        try:
            # Beside the loop, like what is made of it: a message may carry thousands of alerts.
            events = await asyncio.to_thread(self.decoder.events_of, self.message)
        except Undecodable as error:
            log.error("message.undecodable", error=str(error))
            return dead_letter("Undecodable", str(error))
        if len(events) != 1:
            return await asyncio.to_thread(split, self.message, events)
        incident = incident_from(events[0], self.message)
        telemetry.launching(incident.id)
        return await self._launch(incident)

    async def _launch(self, incident: Incident) -> Settlement:
        while True:
            self.status.activity = Activity.HANDLING
            decided = await self._handle(incident)
            if not isinstance(decided, RetryLater) or self.ending.is_set():
                return decided
            self.status.activity = Activity.WAITING
            remaining = await self._wait(decided)
            if remaining is not None:
                return remaining

    async def _handle(self, incident: Incident) -> Settlement:
        if incident.event.type in INTERNAL_KINDS:
            try:
                is_ours = await self._is_ours()
            except TocsinError as error:
                return RetryLater(error.retry_after or backoff(1), str(error), outage=True)
            if not is_ours:
                return _refuse(incident.event.type)
        return await self.handler.handle(incident, self.ending, self.message.lock.broker_time)

    async def _is_ours(self) -> bool:
        known = self.marks.at_once(self.message)
        if known is not None:
            # Not under the table's breaker, which would take it for an answer of the table.
            return known
        with self.handler.tables.guard():
            return await self.marks.is_borne_by(self.message)

    async def _wait(self, decided: RetryLater) -> RetryLater | None:
        """None after the wait; else what is left of it, for a copy to wait out."""
        if self.handler.tables.state is not State.CLOSED:
            # Without the table no copy could do better: the message stays locked here, and no delivery is used up.
            await self._run_until_ending(self.handler.wait_for_store())
            return decided if self.ending.is_set() else None
        if decided.crowded or not self._is_short(decided.delay):
            return decided
        started = time.monotonic()
        released = self.permit.released() if self.permit.can_be_released else nullcontext()
        with released:
            await self._run_until_ending(asyncio.sleep(decided.delay.total_seconds()))
        waited = timedelta(seconds=time.monotonic() - started)
        self._waited += waited
        return replace(decided, delay=decided.delay - waited) if self.ending.is_set() else None

    def _is_short(self, delay: timedelta) -> bool:
        if not timedelta() < delay or self._waited + delay > _LONGEST_WAIT_IN_PLACE:
            return False
        return delay <= _NOT_WORTH_RELEASING or not self.permit.taken or self.permit.can_be_released

    async def _run_until_ending(self, work: Awaitable[Result]) -> Result | None:
        return await run_until(self.ending.wait(), work)
