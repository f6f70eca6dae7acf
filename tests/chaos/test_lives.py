"""Whole lives of incidents while workers die: each act counts once, and the world is as after a quiet life."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest
import pytest_asyncio
from house import House, eventually
from lives import LIFE, is_quiet, launch, live, open_sender, remains

from worker.domain.incident import Incident, incident_id
from worker.domain.response.response import fold
from worker.lifecycle.response.deciding import opened

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

SETTINGS = {"lease_seconds": 2, "call_timeout_seconds": 3, "lookup_lag_seconds": 1, "slots": 6}
KILL_EVERY = 2.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    async with House(tmp_path_factory.mktemp("lives"), nursery=nursery, **SETTINGS) as running:
        yield running


@pytest.mark.parametrize(("incidents", "kills"), [(3, 4), pytest.param(100, 60, marks=pytest.mark.soak)])
async def test_a_life_among_dying_workers_leaves_what_a_quiet_one_does(house, incidents, kills):
    """Each act is sent twice and counts once; each message is there once; the state is the fold of its entries."""
    workers = [await house.work(), await house.work()]
    keys = [f"life-{incidents}-{number}" for number in range(incidents)]
    async with open_sender(house) as sender:
        await launch(house, sender, f"quiet-{incidents}", *keys, limit=120)
        await live(sender, f"quiet-{incidents}")
        await eventually(lambda: is_quiet(house))
        wanted = await remains(house, f"quiet-{incidents}")
        lives = asyncio.gather(*(live(sender, key, times=2) for key in keys))
        await strike(house, workers, lives, kills)
        for outcomes in await lives:
            assert [outcome.verdict for outcome in outcomes] == ["done"] * len(LIFE)
        await eventually(lambda: is_quiet(house), limit=120, every=0.3)
        assert not any((found := await settled(house, keys, wanted)).values()), found
        for key in keys:
            await check_record(sender, key)
    for worker in workers:
        assert await worker.stop() == 0


async def strike(house, workers, lives, kills):
    """Every so often one of the workers dies, and another is born, as long as the lives last."""
    for _ in range(kills):
        await asyncio.wait([lives], timeout=KILL_EVERY)
        if lives.done():
            break
        victim = workers.pop(random.randrange(len(workers)))
        await victim.kill()
        workers.append(await house.work())


async def differences(house, keys, wanted):
    """What is there too often, what is missing, and in which other states the work items are."""
    found = [await remains(house, key) for key in keys]
    more = sum((each.too_many(wanted) for each in found), Counter())
    less = sum((wanted.messages - each.messages + (wanted.written - each.written) for each in found), Counter())
    return {"more": more, "less": less, "states": {each.state for each in found} - {wanted.state}}


async def settled(house, keys, wanted):
    """The last differences: once there are none, or no time is left for them to go."""
    with suppress(AssertionError):
        await eventually(lambda: alike(house, keys, wanted), limit=60, every=0.5)
    return await differences(house, keys, wanted)


async def alike(house, keys, wanted):
    return not any((await differences(house, keys, wanted)).values())


async def check_record(sender, key):
    entries, response = await sender.entries(key), await sender.stands(key)
    summary = await sender.stores.incidents.summary(incident_id(key))
    incident = Incident(key=summary.key, event=summary.event, received_at=summary.received_at)
    assert fold(opened(incident, incident.received_at, 60.0), entries) == response
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    by_act = {entry.act_id: [each.kind for each in entries if each.act_id == entry.act_id] for entry in entries}
    assert all(len(kinds) == len(set(kinds)) for act_id, kinds in by_act.items() if act_id.startswith("act-")), by_act
