"""Stopping and scaling in, with real processes and their exit codes."""

import asyncio
import re
import signal
import time

import pytest
import pytest_asyncio
from chaos_oracle import is_timer
from house import House, eventually
from patience import LIMIT
from unattended import all_launched, queue_of, raise_burst
from wire import Wire

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

SETTINGS = {"lease_seconds": 2, "call_timeout_seconds": 10, "lookup_lag_seconds": 1}
PLATFORM_KILLS_AFTER = 30


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    async with House(tmp_path_factory.mktemp("shutdown"), nursery=nursery, **SETTINGS) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def intake(house):
    return await house.intake()


async def in_flight(house, incident_ids):
    """Whether some of them are begun and none of them is done."""
    world = await house.world()
    effects = [world.effects(incident) for incident in incident_ids]
    return any(each["work item"] for each in effects) and not any(each["announcement"] for each in effects)


async def test_a_stop_under_load_ends_running_steps_and_hands_the_rest_back(house, intake):
    """Exit code 0 in time, no lock left behind, and another worker ends the launches, once each."""
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="delay", seconds=LIMIT, times=4)
    worker = await house.work(call_timeout_seconds=75, lease_seconds=30)  # neither ends before it is stopped
    raised = await raise_burst(intake, 8, titled="Handed over")
    await eventually(lambda: in_flight(house, raised))
    began = time.monotonic()
    stopping = asyncio.create_task(worker.stop())
    await worker.said("worker.draining")
    await house.behave()
    assert await stopping == 0
    assert time.monotonic() - began < PLATFORM_KILLS_AFTER
    left = (await queue_of(house))["messages"]
    assert [message["locked_until"] for message in left] == [None] * len(left)
    assert '"step.done"' in worker.log.split('"worker.draining"')[1]
    heir = await house.work()
    await all_launched(house, raised)
    assert await heir.stop() == 0


async def test_a_second_signal_stops_at_once(house, intake):
    """Exit code 1 and a sentence; the message comes again once its lock is over."""
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="hang", times=1)
    worker = await house.work(call_timeout_seconds=10)  # for so long its call could still be applied
    raised = await raise_burst(intake, 1, titled="Twice")
    await eventually(lambda: in_flight(house, raised))
    worker.send(signal.SIGTERM)
    await worker.said("worker.draining")
    worker.send(signal.SIGTERM)
    assert await asyncio.wait_for(worker.process.wait(), 15) == 1
    assert "A second signal came" in worker.log
    await house.behave()
    heir = await house.work()
    await all_launched(house, raised)
    assert await heir.stop() == 0


async def test_a_worker_that_hears_nothing_any_more_ends_with_a_sentence(house):
    """The watchdog's exit code is 1, so that the platform starts another one."""
    name = "TOCSIN_SERVICEBUS_CONNECTION_STRING"
    async with Wire(int(re.search(r"127\.0\.0\.1:(\d+)", house.env[name]).group(1))) as wire:
        connection = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{wire.port}", house.env[name])
        worker = await house.work(servicebus_connection_string=connection, watchdog_seconds=3)
        await wire.cut()
        assert await asyncio.wait_for(worker.process.wait(), 60) == 1
    assert "No poll of the queue has succeeded for 3 s" in worker.log


async def test_scaling_in_under_load_loses_and_doubles_nothing(house, intake):
    """Of three workers two are stopped during fifty launches, and each incident is there once in the end."""
    workers = [await house.work() for _ in range(3)]
    raised = await raise_burst(intake, 50, titled="Scaled")
    codes = []
    for worker, at_least in zip(workers[:2], (5, 20), strict=True):
        await eventually(lambda at_least=at_least: announced(house, raised, at_least))
        codes.append(await worker.stop())
    await all_launched(house, raised)
    codes.append(await workers[2].stop())
    assert codes == [0, 0, 0]


# The last one: what it leaves would be waited for by the next worker, for as long as the calls could still be applied.
async def test_calls_that_hang_do_not_hold_up_a_stop(house, intake):
    """Boards' threads and Graph hang far beyond the grace of a platform; the worker hands back and is gone in time."""
    await house.fault(system="boards", method="POST", path=r"\$Issue$", behaviour="hang", times=2)
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="hang", times=2)
    worker = await house.work(call_timeout_seconds=75)
    raised = await raise_burst(intake, 2, titled="Hanging")
    await eventually(lambda: hanging(house, "boards", 2))
    began = time.monotonic()
    assert await worker.stop() == 0
    assert time.monotonic() - began < PLATFORM_KILLS_AFTER
    left = [message for message in (await queue_of(house))["messages"] if not is_timer(message)]
    assert [message["locked_until"] for message in left] == [None, None]
    await house.behave()
    assert set(raised) <= set(re.findall(r"inc-\w+", worker.log))


async def hanging(house, system, count):
    requests = [each for each in await house.requests() if each["system"] == system]
    return sum(each["fault"] == "hang" and each["end"] is None for each in requests) == count


async def announced(house, incident_ids, at_least):
    world = await house.world()
    return sum(world.effects(incident)["announcement"] for incident in incident_ids) >= at_least
