"""A look that all who ask for it at the same time share."""

import asyncio
from itertools import count

import pytest

from worker.resilience.single_flight import SingleFlight


class Looks:
    """Numbered looks, each of which ends when it is let."""

    def __init__(self):
        self._numbers = count(1)
        self.begun = 0
        self.cancelled = 0
        self._may_end = asyncio.Event()
        self._has_begun = asyncio.Event()

    async def look(self):
        self.begun = next(self._numbers)
        number = self.begun
        self._has_begun.set()
        try:
            await self._may_end.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        self._may_end.clear()
        return number

    def end_one(self):
        self._has_begun.clear()
        self._may_end.set()

    async def until_begun(self):
        await asyncio.wait_for(self._has_begun.wait(), 5)


@pytest.fixture
def looks():
    return Looks()


@pytest.fixture
def shared(looks):
    return SingleFlight(looks.look)


async def ask(shared, times=1):
    """Tasks that have asked already."""
    asked = [asyncio.create_task(shared.share()) for _ in range(times)]
    await asyncio.sleep(0)
    return asked


async def test_all_who_ask_before_it_begins_share_one(looks, shared):
    """However many they are, it is looked once."""
    asked = await ask(shared, 16)
    await looks.until_begun()
    looks.end_one()
    assert await asyncio.gather(*asked) == [1] * 16
    assert looks.begun == 1


async def test_who_asks_while_one_is_under_way_shares_the_next(looks, shared):
    """What began before the question answers nothing; one look more is for all of them, and comes after it."""
    (first,) = await ask(shared)
    await looks.until_begun()
    later = await ask(shared, 16)
    assert looks.begun == 1
    looks.end_one()
    assert await first == 1
    await looks.until_begun()
    looks.end_one()
    assert await asyncio.gather(*later) == [2] * 16
    assert looks.begun == 2


async def test_each_question_later_is_a_look_of_its_own(looks, shared):
    """Nothing is kept."""
    for number in (1, 2):
        asked = await ask(shared)
        await looks.until_begun()
        looks.end_one()
        assert await asyncio.gather(*asked) == [number]


async def test_what_it_raises_reaches_everybody(shared, looks):
    """And the next look is not the worse for it."""

    async def refuse():
        raise ValueError("refused")

    refused = SingleFlight(refuse)
    for _ in range(2):
        asked = await ask(refused, 3)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert [str(answer) for answer in answers] == ["refused"] * 3


async def test_one_who_goes_away_takes_nothing_from_the_others(looks, shared):
    """Not even the one who asked first."""
    first, second = await ask(shared, 2)
    await looks.until_begun()
    first.cancel()
    await asyncio.wait([first])
    looks.end_one()
    assert await second == 1


@pytest.mark.parametrize("under_way", [True, False])
async def test_a_look_for_nobody_ends(looks, shared, under_way):
    """Whether it has begun or waits for one before it; whoever asks afterwards is answered."""
    first = await ask(shared)
    await looks.until_begun()
    asked = first if under_way else await ask(shared)
    for task in asked:
        task.cancel()
    await asyncio.wait(asked)
    if not under_way:
        looks.end_one()
        assert await asyncio.gather(*first) == [1]
    again = await ask(shared)
    await looks.until_begun()
    looks.end_one()
    assert await asyncio.gather(*again) == [2]
    assert looks.cancelled == (1 if under_way else 0)
