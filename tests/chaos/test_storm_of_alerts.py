"""Storms of alerts against real workers that are killed meanwhile: incidents, counts and objects are exact."""

import asyncio
import random
import re

import pytest
import pytest_asyncio
from alert_storm import alerts, send
from chaos_oracle import falls_due_later
from house import House, eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

SETTINGS = {
    "lease_seconds": 2,
    "call_timeout_seconds": 3,
    "lookup_lag_seconds": 1,
    "grouping_tell_seconds": 2,
    "slots": 8,
}
COUNTED = re.compile(r"([\d,]+) alerts? of (?:one fault|([\d,]+) faults)")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    async with House(tmp_path_factory.mktemp("alerts"), nursery=nursery, **SETTINGS) as running:
        yield running


@pytest.mark.parametrize(
    ("count", "services", "resources", "kills"),
    [
        pytest.param(150, 1, 40, 2, id="one-fault"),
        pytest.param(120, 3, 4, 1, id="three-faults"),
        pytest.param(10_000, 1, 500, 8, id="ten-thousand-of-one-fault", marks=pytest.mark.soak),
        pytest.param(10_000, 100, 5, 8, id="ten-thousand-of-a-hundred", marks=pytest.mark.soak),
    ],
)
async def test_a_storm_is_one_incident_for_each_fault_and_none_is_dropped(house, count, services, resources, kills):
    """However many alerts come at once, and whoever dies: each fault has one incident, which has counted them all."""
    storm = list(alerts(count, services=services, resources=resources, named=f"storm-{count}-{services}"))
    workers = [await house.work(), await house.work()]
    sending = asyncio.create_task(send(house, storm))
    for _ in range(kills):
        await half_done(house, workers)
        victim = workers.pop(random.randrange(len(workers)))
        await victim.kill()
        workers.append(await house.work())
    await sending
    wanted = {event.service: 0 for event in storm}
    for event in storm:
        wanted[event.service] += 1
    await eventually(lambda: told(house, wanted), limit=max(120, count / 20), every=0.5)
    await settled(house)
    for worker in workers:
        assert await worker.stop() == 0


async def half_done(house, workers):
    """Until somebody has placed some alerts since this was asked, or nothing is left to place."""
    goal = placed(workers) + 20

    async def far_enough():
        queue = (await house.world()).queues["incidents"]
        return placed(workers) >= goal or (queue["active"] == 0 and placed(workers) > 0)

    await eventually(far_enough)


def placed(workers):
    return sum(worker.log.count('"alert.placed"') for worker in workers)


async def told(house, wanted):
    """Whether each fault has one work item and one note that has counted all of its alerts, and one message as well."""
    world = await house.world()
    queue = world.queues["incidents"]
    assert queue["dead_letters"] == [], queue["dead_letters"][:3]
    return all(of_service(world, service) == (1, [count], [count]) for service, count in wanted.items())


def of_service(world, service):
    items = [item for item in world.work_items if item["fields"]["System.Title"].endswith(f" is down in {service}")]
    issues = [item for item in items if item["type"] != "Task"]
    notes = [number for item in issues for comment in item["comments"] if (number := counted(comment["text"]))]
    ids = {re.search(r"inc-\w{10}", item["fields"]["System.Title"]).group() for item in issues}
    channels = [channel for channel in world.channels if channel["displayName"][:14] in ids]
    messages = [message for channel in channels for message in channel["messages"]]
    bodies = [number for message in messages if (number := counted(str(message)))]
    assert len(messages) <= 2 * max(len(issues), 1), "One announcement, and one message that changes."
    return len(issues), notes, bodies


def counted(text):
    found = COUNTED.search(text)
    return int(found[1].replace(",", "")) if found else None


async def settled(house):
    async def empty():
        queue = (await house.world()).queues["incidents"]
        return all(map(falls_due_later, queue["messages"]))

    await eventually(empty, limit=90, every=0.3)
