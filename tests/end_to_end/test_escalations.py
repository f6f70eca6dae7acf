"""Escalations with real workers and a quick clock: who is told, in which order, and when."""

import asyncio

import pytest
from driven_escalation import told_in
from house import House, eventually
from lived_escalations import Installation, as_it_went, ended, is_paged, lines, stores_of
from own_escalations import OWN, PUBLIC
from patience import LIMIT

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# Of one minute: a busy machine is late by many of them, and never early.
SECONDS = 0.5
SETTINGS = {"minute_seconds": SECONDS, "slots": 8, "last_resort": "", "sweep_every_seconds": 0}
# The others are driven without workers.
LIVED = [*PUBLIC["escalations"], *(each for each in OWN if each["name"] in {"time-runs-out-twice", "worse-at-night"})]


@pytest.fixture(name="installed")
async def _installed(tmp_path, nursery):
    async with House(tmp_path, nursery=nursery, **SETTINGS) as house:
        yield house


async def test_two_workers_tell_whom_the_vectors_name(installed):
    """Each level once, in its order, at its distance from the one before; and how it stands at the end."""
    lived = Installation(installed, LIVED)
    await lived.define()
    await installed.work()
    await installed.work()
    async with stores_of(lived) as stores:
        await lived.raise_all()
        await lived.act_all(stores)
        await asyncio.gather(*(lives_as_expected(installed, stores, each) for each in lived.lived))


async def test_a_worker_that_dies_between_timers_is_followed_by_another(installed):
    """Nobody is told twice, and nobody is forgotten."""
    lived = Installation(installed, LIVED[:1])
    await lived.define()
    worker = await installed.work()
    async with stores_of(lived) as stores:
        await lived.raise_all()
        [only] = lived.lived

        async def escalated():
            return len(told_in(await stores.responses.entries(only.id))) >= 2

        await eventually(escalated, limit=2 * LIMIT)
        await worker.kill()
        await installed.work()
        _, entries, _ = await eventually(lambda: ended(stores, only), limit=2 * LIMIT)
        assert order(told_in(entries)) == order(only.vector["expect"])
        await eventually(lambda: is_paged(installed, only, told_in(entries)), limit=2 * LIMIT)


async def lives_as_expected(house, stores, lived):
    response, entries, state = await eventually(lambda: ended(stores, lived), limit=2 * LIMIT)
    told, after = as_it_went(lived, response, entries)
    assert lines(entries) == told, lived.name
    assert (state.status, state.owner, state.due) == (after.status, after.owner, after.due), lived.name
    assert [entry.seq for entry in entries] == [*range(1, len(entries) + 1)]
    if not lived.vector["events"]:
        assert order(told_in(entries)) == order(lived.vector["expect"])
    await eventually(lambda: is_paged(house, lived, told_in(entries)), limit=2 * LIMIT)


def order(told):
    return [{name: value for name, value in each.items() if name != "at"} for each in told]
