"""Workers take turns at looking, and no look that fails is the last."""

import asyncio
from datetime import UTC, datetime, timedelta

from patience import LIMIT

from worker.domain.errors import Unreachable
from worker.lifecycle.shift_message_turns import tell_if_it_is_our_turn, tell_shifts_by_turns

EVERY = timedelta(milliseconds=10)


class Turns:
    """Which of the looks it is the worker's turn for."""

    def __init__(self, *ours):
        self.ours = list(ours)

    async def take(self, work, every):
        return every if self.ours.pop(0) else None


class Messages:
    """Looks that are counted, and fail first as they are told to; the last one stops the worker."""

    def __init__(self, *failures, looks=1):
        self.failures, self.looks, self.seen = list(failures), looks, []

    async def tell(self, now, since, stopping):
        self.seen.append((now, since))
        if len(self.seen) == self.looks:
            stopping.set()
        if self.failures:
            raise self.failures.pop(0)


async def test_whose_turn_it_is_not_does_not_look():
    """Another worker has done so lately."""
    messages = Messages()
    assert not await tell_if_it_is_our_turn(messages, Turns(False), asyncio.Event(), EVERY)
    assert await tell_if_it_is_our_turn(messages, Turns(True), asyncio.Event(), EVERY)
    ((now, since),) = messages.seen
    assert since == EVERY
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=LIMIT)


async def test_a_look_that_fails_is_not_the_last():
    """Neither a refusal nor a fault of ours ends the task; being told to stop does."""
    messages = Messages(Unreachable("gone"), KeyError("surprise"), looks=3)
    async with asyncio.timeout(LIMIT):
        await tell_shifts_by_turns(messages, Turns(True, False, True, True), asyncio.Event(), every=EVERY)
    assert len(messages.seen) == 3
