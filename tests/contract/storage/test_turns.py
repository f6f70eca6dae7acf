"""Turns at work that all workers share, against a real table store."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from worker.storage.stores import open_stores

LONG = timedelta(hours=1)
SHORT = timedelta(seconds=1)


@pytest.fixture
async def turns(settings):
    """Two workers' views of one table."""
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(open_stores(settings, owner=owner)) for owner in ("one", "two")]
        await opened[0].table.prepare()
        yield [stores.turns for stores in opened]


async def test_the_turn_comes_again(turns):
    """After the time another worker may take it."""
    assert await turns[0].take("sweep", LONG) is not None

    async def again():
        while (since := await turns[1].take("sweep", SHORT)) is None:
            await asyncio.sleep(0.05)
        return since

    assert await asyncio.wait_for(again(), 30) >= SHORT


async def test_turns_at_other_work_are_others(turns):
    """Each kind of work has its own turns."""
    assert await turns[0].take("sweep", LONG) is not None
    assert await turns[0].take("counting", LONG) is not None
