"""Workers that delete on their own: one of them on a day, and whatever happens to a run."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from aged_incidents import KEEP, AgedIncidents
from patience import LIMIT

from worker.domain.errors import Unreachable
from worker.retention.schedule import retain_by_turns, retain_if_it_is_our_turn
from worker.storage.turns import RETENTION_DONE

SHORT = timedelta(seconds=0.02)


@pytest.fixture
async def aged():
    made = AgedIncidents()
    await made.raised("a", KEEP + timedelta(days=5))
    return made


async def test_of_several_workers_one_runs_on_a_day(aged, tmp_path):
    """However many ask at once; and when it was and what it came to is known from then on."""
    asked = (retain_if_it_is_our_turn(aged.retention(), aged.stores.turns, tmp_path) for _ in range(3))
    assert sorted(await asyncio.gather(*asked)) == [False, False, True]
    assert len(list(tmp_path.iterdir())) == 1
    _, facts = await aged.stores.turns.last(RETENTION_DONE)
    assert (facts["incidents"], facts["rows"]) == (1, 6)


@pytest.mark.parametrize("failure", [KeyError("surprise"), Unreachable("The queue was silent.")])
async def test_a_run_that_fails_is_not_the_last(aged, failure):
    """Neither a refusal nor a fault of ours ends the task, and nothing is deleted before one succeeds."""
    failures, runs = [failure], []
    retention = aged.retention()
    before = aged.table.versions()

    class Failing:
        async def run(self, export, *, delete):
            runs.append(delete)
            if failures:
                raise failures.pop()
            assert aged.table.versions() == before
            return await retention.run(export, delete=delete)

    class EveryTime:
        async def take(self, work, every):
            return every if work == "retention" and len(runs) < 2 else None

    running = asyncio.create_task(retain_by_turns(Failing(), EveryTime(), None, look_every=SHORT))
    async with asyncio.timeout(LIMIT):
        while await aged.stores.turns.last(RETENTION_DONE) is None:
            await asyncio.sleep(0.01)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert runs == [True, True]
