"""A lock that those who are urgent get first, and those who are equally urgent by turns of their senders."""

import asyncio
import itertools
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from worker.resilience.urgency import Urgency, current_urgency

# One turn in so many is for whoever has waited longest, so that nobody waits for ever.
_SHARE_OF_THE_LONGEST = 4
_SENDERS_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Waiter:
    urgency: Urgency
    number: int
    turn: asyncio.Future[None]


class FairLock:
    def __init__(self) -> None:
        self._is_held = False
        self._waiting: list[_Waiter] = []
        self._numbers = itertools.count()
        self._turns = 0
        # When a sender had its last turn, of those that had one lately.
        self._last_turns: OrderedDict[str, int] = OrderedDict()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """By the current urgency."""
        urgency = current_urgency()
        if self._is_held:
            await self._wait(urgency)
        self._is_held = True
        self._note_turn(urgency.sender)
        try:
            yield
        finally:
            self._pass_on()

    def ahead_of(self, urgency: Urgency) -> int:
        """How many would have their turn before one that asked now; the one that has it is counted."""
        waiting = Counter(waiter.urgency for waiter in self._waiting if waiter.urgency.rank <= urgency.rank)
        own = waiting[urgency]
        # Of an equal rank each sender has no more turns before it than its own sender has.
        before = (
            min(count, own + 1) if other.rank == urgency.rank and other != urgency else count
            for other, count in waiting.items()
        )
        return sum(before) + self._is_held

    async def _wait(self, urgency: Urgency) -> None:
        waiter = _Waiter(urgency, next(self._numbers), asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                # It had its turn in the moment in which it was given up.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        self._is_held = False
        waiting = [waiter for waiter in self._waiting if not waiter.turn.done()]
        if not waiting:
            return
        following = self._next_of(waiting)
        self._waiting.remove(following)
        # From here on, lest somebody who comes before it has woken takes its turn.
        self._is_held = True
        following.turn.set_result(None)

    def _next_of(self, waiting: list[_Waiter]) -> _Waiter:
        self._turns += 1
        if self._turns % _SHARE_OF_THE_LONGEST == 0:
            return min(waiting, key=lambda waiter: waiter.number)
        return min(waiting, key=self._precedence)

    def _precedence(self, waiter: _Waiter) -> tuple[int, int, int]:
        return waiter.urgency.rank, self._last_turns.get(waiter.urgency.sender, 0), waiter.number

    def _note_turn(self, sender: str) -> None:
        self._last_turns[sender] = next(self._numbers) + 1
        self._last_turns.move_to_end(sender)
        if len(self._last_turns) > _SENDERS_REMEMBERED:
            self._last_turns.popitem(last=False)
