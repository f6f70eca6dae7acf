"""Who waits for a lock has it by urgency, by turns of the senders, and never waits for ever."""

import asyncio

import pytest

from worker.resilience.fair_lock import FairLock
from worker.resilience.urgency import Urgency, acting_with

A, B = Urgency(3, "a"), Urgency(3, "b")
URGENT, SECOND = Urgency(1, "a"), Urgency(2, "a")


class Line:
    """A lock that is held by the test, and the order in which those who wait for it have their turns."""

    def __init__(self):
        self.lock = FairLock()
        self.turns = []
        self.asking = []

    async def ask(self, *urgencies):
        for number, urgency in enumerate(urgencies, start=len(self.asking)):
            self.asking.append(asyncio.create_task(self._take(number, urgency)))
        await asyncio.sleep(0)

    async def end(self):
        await asyncio.gather(*self.asking, return_exceptions=True)
        return self.turns

    async def _take(self, number, urgency):
        with acting_with(urgency):
            async with self.lock.held():
                self.turns.append(number)


@pytest.fixture
def line():
    return Line()


@pytest.mark.parametrize(
    ("waiting", "turns"),
    [
        ([A, A, A], [0, 1, 2]),
        ([A, SECOND, URGENT], [2, 1, 0]),
        ([A, A, A, B], [0, 3, 1, 2]),
        ([URGENT, URGENT, URGENT, Urgency(1, "b")], [0, 3, 1, 2]),
    ],
    ids=["in the order of asking", "the urgent first", "by turns of senders", "by turns among the urgent"],
)
async def test_who_is_next(line, waiting, turns):
    """The urgent are first; those who are equally urgent take turns by sender, and each sender's own stay in order."""
    async with line.lock.held():
        await line.ask(*waiting)
    assert await line.end() == turns


async def test_one_turn_in_four_is_for_who_waits_longest(line):
    """However many urgent ones come, what is not urgent goes on."""
    async with line.lock.held():
        await line.ask(A, A, *[URGENT] * 8)
    turns = await line.end()
    assert [turns.index(0), turns.index(1)] == [3, 7]


async def test_who_gives_up_leaves_its_turn_to_the_next(line):
    """Before its turn, and in the very moment in which it has it."""
    async with line.lock.held():
        await line.ask(A, A, A)
        line.asking[0].cancel()
    line.asking[1].cancel()
    assert await asyncio.wait_for(line.end(), 1) == [2]


async def test_nobody_takes_a_turn_that_was_given(line):
    """Whoever asks before the next one has woken waits as well."""
    async with line.lock.held():
        await line.ask(A)
    async with line.lock.held():
        assert line.turns == [0]


@pytest.mark.parametrize(
    ("urgency", "ahead"),
    [(URGENT, 1), (Urgency(2, "new"), 2), (A, 1 + 1 + 5 + 1), (B, 1 + 1 + 1 + 2), (Urgency(3, "new"), 1 + 1 + 1 + 1)],
)
async def test_who_would_be_first_is_foreseen(line, urgency, ahead):
    """The holder, the more urgent, one's own, and of other senders no more than of one's own."""
    async with line.lock.held():
        await line.ask(SECOND, *[A] * 5, B)
        assert line.lock.ahead_of(urgency) == ahead
    await line.end()


async def test_nobody_is_ahead_in_an_empty_line(line):
    """Also after many have been there."""
    async with line.lock.held():
        await line.ask(A, B)
    await line.end()
    assert line.lock.ahead_of(A) == 0
