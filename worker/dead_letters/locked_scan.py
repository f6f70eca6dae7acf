"""Lock all dead letters up to the chosen ones, act on each of those, and only then take it out.

A queue has no way to lock one chosen message: whoever wants it receives everything before it, keeps that locked, or it
would come again at once, and gives it back in the end. Whatever the broker takes back meanwhile is met again.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from worker.dead_letters.operation import CarryOut
from worker.dead_letters.outcome import ItemOutcome, ItemResult
from worker.domain.errors import Forbidden, Held, Misconfigured, TocsinError, Transient
from worker.domain.settlement import Complete, RetryLater
from worker.messaging.dead_letter_receiver import DeadLetterReceiver
from worker.messaging.message import Message
from worker.messaging.sdk_errors import LockLost
from worker.resilience.retrying import retry_transient

log = structlog.get_logger()

# What became of one of them; and what an operator who waits should know meanwhile.
Report = Callable[[ItemOutcome], None]
Notify = Callable[[str], None]

# The first wanted one is often among the first; whoever has to go far, goes faster and faster.
_FIRST_BATCH = 10
_LARGEST_BATCH = 250
# What is locked together has its turn within this time, under the shortest usual lock.
_BATCH_LASTS = timedelta(seconds=10)
# The longest lock that a queue can have is five minutes.
PATIENCE = timedelta(minutes=5, seconds=30)
_GIVING_BACK = timedelta(seconds=15)
_ATTEMPTS = 5


class Pace:
    """At most so many a second; without a rate, as fast as it goes."""

    def __init__(self, rate: float | None) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = time.monotonic()
        in_time = max(1, int(rate * _BATCH_LASTS.total_seconds())) if rate else _LARGEST_BATCH
        self.largest_batch = min(in_time, _LARGEST_BATCH)

    async def wait_for_turn(self, stopping: asyncio.Event) -> None:
        """Return when it is time for the next one, or to stop."""
        wait = self._next - time.monotonic()
        if wait > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), wait)
        self._next = max(time.monotonic(), self._next + self._gap)


class LockedScan:
    def __init__(
        self,
        receiver: DeadLetterReceiver,
        carry_out: CarryOut,
        *,
        pace: Pace,
        stopping: asyncio.Event,
        report: Report,
        notify: Notify,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._receiver = receiver
        self._carry_out = carry_out
        self._pace = pace
        self._stopping = stopping
        self._report = report
        self._notify = notify
        self._patience = patience
        self._wanted: set[int] = set()
        self._held: dict[int, Message] = {}
        # Acted upon, but the broker did not say that it is out of the dead letters.
        self._acted: dict[int, ItemOutcome] = {}
        self._batch = _FIRST_BATCH
        self._locked_for = timedelta()
        self._last_met = time.monotonic()
        self._waited_for = 0

    async def run(self, sequences: Iterable[int]) -> None:
        """Every one of them is reported exactly once; can be stopped between two of them."""
        self._wanted = set(sequences)
        try:
            while self._wanted and not self._stopping.is_set():
                batch = await self._receive()
                self._held.update({message.sequence: message for message in batch})
                self._locked_for = max((message.lock_left for message in batch), default=timedelta())
                for message in batch:
                    await self._meet(message)
                if not batch and not self._stopping.is_set():
                    await self._find_out_about_the_rest()
            self._report_untouched("Its turn did not come: the run was stopped.")
        except TocsinError as error:
            self._report_untouched(f"Its turn did not come: {error}")
        finally:
            await self._give_back()

    async def _receive(self) -> list[Message]:
        size = min(self._batch, self._pace.largest_batch)
        self._batch = min(2 * self._batch, _LARGEST_BATCH)
        receiving = partial(self._receiver.receive_many, size)
        return await retry_transient(receiving, attempts=_ATTEMPTS, on_retry=_log_retry)

    async def _meet(self, message: Message) -> None:
        if message.sequence not in self._wanted or self._stopping.is_set():
            return
        self._last_met = time.monotonic()
        if message.sequence in self._acted:
            await self._take_out(message, self._acted[message.sequence])
            return
        await self._pace.wait_for_turn(self._stopping)
        if not self._stopping.is_set() and await self._ensure_locked(message):
            await self._act_on(message)

    async def _ensure_locked(self, message: Message) -> bool:
        """Whether for long enough to act; a lock that was lost is had again when the message is met again."""
        if message.lock_left > self._locked_for / 2:
            return True
        try:
            await self._receiver.renew(message)
        except LockLost:
            del self._held[message.sequence]
            return False
        except TocsinError as error:
            log.warning("message.renewal_failed", error=str(error))
        return message.lock_left > timedelta()

    async def _act_on(self, message: Message) -> None:
        try:
            outcome = await self._carry_out(message)
        except TocsinError as error:
            self._end(ItemOutcome(sequence_number=message.sequence, result=ItemResult.FAILED, sentence=str(error)))
            if _concerns_all(error):
                raise
            return
        if outcome.result is ItemResult.DONE:
            await self._take_out(message, outcome)
        else:
            self._end(outcome)

    async def _take_out(self, message: Message, outcome: ItemOutcome) -> None:
        del self._held[message.sequence]
        if await self._receiver.settle(message, Complete()):
            self._end(outcome)
        else:
            self._acted[message.sequence] = outcome

    async def _find_out_about_the_rest(self) -> None:
        there = {message.sequence async for message in self._receiver.browse()}
        for sequence in sorted(self._wanted - there):
            gone = ItemOutcome(
                sequence_number=sequence, result=ItemResult.GONE, sentence="Somebody else has taken it out."
            )
            self._end(self._acted.get(sequence, gone))
        if not self._wanted:
            return
        if time.monotonic() - self._last_met > self._patience.total_seconds():
            self._give_up_on_the_rest()
        elif len(self._wanted) != self._waited_for:
            self._waited_for = len(self._wanted)
            self._notify(
                f"Waiting for {self._waited_for} that somebody else has locked: another run, or one that was killed. "
                "A lock lasts for some minutes at most."
            )

    def _give_up_on_the_rest(self) -> None:
        for sequence in sorted(self._wanted):
            acted = self._acted.get(sequence)
            what = "It was acted upon, and is still there" if acted else "Somebody else has locked or deferred it"
            sentence = f"{what}, for longer than a lock lasts. Run the same again later: nothing is done twice."
            self._end(ItemOutcome(sequence_number=sequence, result=ItemResult.FAILED, sentence=sentence))

    def _report_untouched(self, sentence: str) -> None:
        for sequence in sorted(self._wanted):
            if sequence in self._acted:
                acted = "It was acted upon, and is still there. Run the same again: nothing is done twice."
                self._end(ItemOutcome(sequence_number=sequence, result=ItemResult.FAILED, sentence=acted))
            else:
                self._end(ItemOutcome(sequence_number=sequence, result=ItemResult.LEFT, sentence=sentence))

    def _end(self, outcome: ItemOutcome) -> None:
        self._wanted.discard(outcome.sequence_number)
        self._report(outcome)

    async def _give_back(self) -> None:
        """So that the next run need not wait for the locks; what is not given back in time comes back by itself."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVING_BACK.total_seconds()):
                for message in self._held.values():
                    if message.lock_left > timedelta():
                        await self._receiver.settle(message, RetryLater(timedelta(), "It was not meant."))
                if self._held:
                    # A batch that was not full leaves the link ready for more, and what is given back comes to it
                    # again, locked: only its end lets go of that.
                    await self._receiver.close()


def _log_retry(error: TocsinError, attempt: int) -> None:
    log.warning("dead_letters.unreachable", error=str(error), attempt=attempt)


def _concerns_all(error: TocsinError) -> bool:
    """Whether the next one would fail as well."""
    return isinstance(error, Transient | Forbidden | Misconfigured) and not isinstance(error, Held)
