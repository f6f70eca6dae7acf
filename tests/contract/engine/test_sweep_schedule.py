"""Workers that sweep on their own: in turns, and whatever happens to a sweep."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

import pytest
from launched_house import launched

from worker.engine.sweep_schedule import sweep_by_turns, sweep_if_it_is_our_turn
from worker.storage.stores import open_stores

LONG = timedelta(hours=1)
SHORT = timedelta(seconds=1)


@pytest.fixture
async def stores(settings):
    """Three workers' views of one table."""
    async with AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(open_stores(settings, owner=owner)) for owner in ("one", "two", "three")
        ]
        await opened[0].table.prepare()
        yield opened


class Looked:
    """A sweep that only counts, and fails when it is told to."""

    def __init__(self, *failures):
        self.back = []
        self.failures = list(failures)

    async def run(self, since, *, repair):
        self.back.append(since)
        if self.failures:
            raise self.failures.pop()


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.02)


async def test_of_several_workers_one_takes_the_turn(stores):
    """However many ask at once, one of them sweeps, and none again before the time is over."""
    looked = Looked()
    turns = await asyncio.gather(*(sweep_if_it_is_our_turn(looked, store.turns, LONG) for store in stores))
    assert sum(turns) == 1
    assert not await sweep_if_it_is_our_turn(looked, stores[0].turns, LONG)
    assert looked.back == [LONG]


async def test_a_sweep_that_fails_is_not_the_last(stores):
    """Neither a refusal nor a fault of ours ends the task."""
    looked = Looked(KeyError("surprise"))
    sweeping = asyncio.create_task(sweep_by_turns(looked, stores[0].turns, SHORT))
    await until(lambda: len(looked.back) == 2)
    sweeping.cancel()
    with suppress(asyncio.CancelledError):
        await sweeping


async def test_a_worker_heals_on_its_own(settings):
    """Left to itself, a worker finds the second work item and closes it."""
    async with launched(settings) as house:
        twin = await house.twin()
        sweeping = asyncio.create_task(sweep_by_turns(house.sweeper, house.stores.turns, SHORT))
        await until(lambda: twin.id not in house.open_items())
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping
