"""An outage of each system that lasts longer than any incident would be tried for: all are launched, none is lost."""

import asyncio
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from house import House, eventually
from unattended import all_launched, queue_of, raise_burst
from wire import wire_before

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# An hour and four hours, compressed: the outage is longer than the time after which a launch is given up.
OUTAGE = 13
SETTINGS = {
    "lease_seconds": 3,
    "call_timeout_seconds": 2,
    "lookup_lag_seconds": 1,
    "probe_seconds": 1,
    "give_up_after_seconds": 12,
}
# A delivery is burnt here by nothing but an outage: not by a busy machine that misses a renewal.
LOCK = "PT15S"
BURST = 6
# Where it is only to be seen that an outage is survived.
SHORT = 3


class Unattended:
    """A house with one worker that nobody touches from here on."""

    def __init__(self, house, worker, intake, wires):
        self.house = house
        self.worker = worker
        self.intake = intake
        self.wires = wires


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def unattended(tmp_path_factory, nursery):
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            House(tmp_path_factory.mktemp("outages"), nursery=nursery, lock=LOCK, **SETTINGS)
        )
        wires, strings = {}, {}
        for system in ("servicebus", "tables"):
            wires[system], setting = await wire_before(stack, house, system)
            strings |= setting
        yield Unattended(house, await house.work(**strings), await house.intake(), wires)


async def lasts(seconds):
    """An outage's length is what it is: there is nothing in it to wait for."""
    await asyncio.sleep(seconds)


@pytest.mark.parametrize(
    ("system", "seconds", "fault"),
    [
        ("boards", OUTAGE, {"behaviour": "drop-before"}),
        ("graph", SHORT, {"behaviour": "status", "status": 503}),
        ("bot", SHORT, {"behaviour": "drop-before"}),
    ],
)
async def test_a_system_that_is_down_stops_only_its_own_steps(unattended, system, seconds, fault):
    """Its breaker opens, the other steps go on, and when it is back every launch ends by itself."""
    house = unattended.house
    await house.fault(system=system, times=None, **fault)
    raised = await raise_burst(unattended.intake, BURST, titled=f"Without {system}")
    await unattended.worker.said(f'"system": "{system}"')
    others = {"boards": "channel", "graph": "work item", "bot": "link"}
    await eventually(lambda: have(house, others[system], raised))
    await lasts(seconds)
    during = await queue_of(house)
    await house.behave()
    await all_launched(house, raised)
    assert during["dead_letters"] == []
    assert max(message["delivery_count"] for message in during["messages"]) == 0


async def have(house, effect, incident_ids):
    world = await house.world()
    return all(world.effects(incident)[effect] == 1 for incident in incident_ids)


async def test_without_its_table_a_worker_receives_nothing_and_burns_nothing(unattended):
    """What is in hand is held, what comes stays in the queue untouched, and all is launched when it is back."""
    house = unattended.house
    earlier = await raise_burst(unattended.intake, BURST, titled="Before the table")
    await unattended.wires["tables"].cut()
    await unattended.worker.said('"system": "tables"')
    later = await raise_burst(unattended.intake, BURST, titled="Without the table")
    await lasts(OUTAGE)  # as long as the time to give up: nothing of it counts
    during = await queue_of(house)
    await unattended.wires["tables"].mend()
    await all_launched(house, [*earlier, *later])
    assert during["dead_letters"] == []
    assert max(message["delivery_count"] for message in during["messages"]) == 0
    assert sum(message["locked_until"] is None for message in during["messages"]) >= BURST - 4


async def test_without_its_broker_a_worker_waits_and_says_so(unattended):
    """Launches that are under way are ended, the log says what it waits for, and the rest comes when it is back."""
    house = unattended.house
    await house.fault(system="graph", method="POST", path="/channels$", behaviour="delay", seconds=1, times=BURST)
    earlier = await raise_burst(unattended.intake, BURST, titled="Before the broker")
    await eventually(lambda: some_are_begun(house, earlier))
    await unattended.wires["servicebus"].cut()
    later = await raise_burst(unattended.intake, BURST, titled="Without the broker")
    await unattended.worker.said("ServiceBusConnectionError")
    await lasts(SHORT)
    await unattended.wires["servicebus"].mend()
    await all_launched(house, [*earlier, *later])


async def some_are_begun(house, incident_ids):
    world = await house.world()
    return any(world.effects(incident)["work item"] for incident in incident_ids)


async def test_after_all_that_it_stops_in_order(unattended):
    """The same process that went through every outage ends with code 0."""
    assert await unattended.worker.stop() == 0
