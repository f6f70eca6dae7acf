"""An outage of each system in the middle of a life: people are told, act, and find all of it afterwards."""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from followed import check_record, wrongs
from house import House, eventually
from lives import is_quiet, open_sender
from patience import LIMIT
from wire import wire_before

from worker.domain.incident import incident_id

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# The clock of policies: the second level is due while the system is away, the third never.
MINUTE = 0.5
SETTINGS = {
    "minute_seconds": MINUTE,
    "slots": 8,
    "call_timeout_seconds": 3,
    "lookup_lag_seconds": 1,
    "lease_seconds": 3,
}
# As long as no lease, no send deadline and no patience of a client is.
OUTAGE = 12.0
PEOPLE = {"amara": "Amara Okafor", "bruno": "Bruno Costa", "dario": "Dario Rossi"}
PHONES = {key: f"+1425555010{number}" for number, key in enumerate(PEOPLE)}
PAGING = "1-5=mention+chat+sms+webhook:pager"
WAYS = {"pager", "sms", "chat", "mention"}
POLICY = {
    "levels": [
        {"notify": [f"person:{key}"], "wait": wait} for key, wait in zip(PEOPLE, ("20 min", "4 h"), strict=False)
    ],
    "last_resort": ["person:dario"],
}
AWAY = {
    "boards": ({"system": "boards", "behaviour": "drop-before"}, set()),
    "boards hangs": ({"system": "boards", "behaviour": "hang"}, set()),
    "graph": ({"system": "graph", "behaviour": "status", "status": 503}, set()),
    "bot": ({"system": "bot", "behaviour": "drop-before"}, {"chat", "mention"}),
    "sms": ({"system": "sms", "behaviour": "status", "status": 503}, {"sms"}),
    "pager": ({"system": "pager", "behaviour": "drop-before"}, {"pager"}),
}
DAILY = {"boards hangs"}


class Installation:
    def __init__(self, house, worker, intake, sender, wires):
        self.house, self.worker, self.intake, self.sender, self.wires = house, worker, intake, sender, wires

    async def act(self, key, kind, act_id, **given):
        body = {"act": kind, "id": act_id, **given}
        return await self.intake.post(f"/v1/incidents/{incident_id(key)}/acts", json=body)

    async def decided(self, key, kind, act_id, **given):
        """What it came to, from whoever sends it again as long as nobody has said it."""

        async def answer():
            found = await self.act(key, kind, act_id, **given)
            assert found.status_code in {200, 202, 503}, found.text
            return found.json() if found.status_code == 200 else None

        return await eventually(answer, limit=2 * LIMIT, every=0.3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installed(tmp_path_factory, nursery):
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp("outages-of-lives")
        house = await stack.enter_async_context(House(folder, nursery=nursery, lock="PT15S", **SETTINGS))
        await define(house)
        wires, strings = {}, {}
        for system in ("servicebus", "tables"):
            wires[system], setting = await wire_before(stack, house, system)
            strings |= setting
        worker, intake = await house.work(**strings), await house.intake()
        yield Installation(house, worker, intake, await stack.enter_async_context(open_sender(house)), wires)
        assert await worker.stop() == 0


async def define(house):
    people = {
        key: {"name": name, "email": f"{key}@contoso.example", "phone": PHONES[key], "paging": PAGING}
        for key, name in PEOPLE.items()
    }
    file = house.directory / "definitions.json"
    services = {"checkout": {"policies": ["calls"]}}
    file.write_text(json.dumps({"people": people, "services": services, "policies": {"calls": POLICY}}))
    program = await house.start("roster", "import", str(file), "--yes")
    assert await asyncio.wait_for(program.process.wait(), LIMIT) == 0, program.log


CELLS = [
    pytest.param(name, marks=() if name in DAILY else pytest.mark.soak, id=name.replace(" ", "-")) for name in AWAY
]


@pytest.mark.parametrize("away", CELLS)
async def test_people_are_told_and_act_while_a_system_is_away(installed, away):
    """The next level by all other ways, an acknowledgement at once; then everything is there once, and none parked."""
    house, key = installed.house, f"life without {away}"
    fault, missing = AWAY[away]
    await launch(installed, key)
    await house.fault(times=None, **fault)
    try:
        least = asyncio.get_running_loop().time() + OUTAGE
        await eventually(lambda: is_told(house, key, "bruno", WAYS - missing))
        assert (await installed.decided(key, "acknowledge", "1"))["verdict"] == "done"
        assert (await installed.decided(key, "update", "2", text="We look at the database."))["verdict"] == "done"
        await asyncio.sleep(max(least - asyncio.get_running_loop().time(), 0))
    finally:
        await house.behave()
    await caught_up(installed, key)
    told = await ways_by_which(house, key, "bruno")
    assert told == Counter(WAYS)


@pytest.mark.soak
@pytest.mark.parametrize("system", ["tables", "servicebus"])
async def test_what_is_done_while_nothing_can_be_recorded_is_recorded_afterwards(installed, system):
    """The act waits in the queue or in the spool; the level that fell due meanwhile is overtaken, or told once."""
    house, key = installed.house, f"life without {system}"
    await launch(installed, key)
    await installed.wires[system].cut()
    await installed.act(key, "note", "0", text="It goes on.")
    # How long it lasts is what it is: there is nothing in it to wait for.
    await asyncio.sleep(OUTAGE)
    await installed.wires[system].mend()
    assert (await installed.decided(key, "acknowledge", "1"))["verdict"] == "done"
    await caught_up(installed, key)
    assert set((await ways_by_which(house, key, "bruno")).values()) <= {1}
    kinds = Counter(entry.kind for entry in await installed.sender.entries(key))
    assert (kinds["note"], kinds["acknowledged"]) == (1, 1)


async def launch(installed, key):
    await installed.sender.raise_incident(key)

    async def is_launched():
        world = await installed.house.world()
        return world.effects(incident_id(key))["link"] == 1 and await is_told(installed.house, key, "amara", {"pager"})

    await eventually(is_launched, limit=LIMIT)


async def caught_up(installed, key):
    """Once the queue has nothing to do, everything is there exactly once, and nothing took a delivery too many."""

    async def is_all_there():
        return await is_quiet(installed.house) and not await wrongs(installed.house, installed.sender, key)

    await eventually(is_all_there, limit=90, every=0.5)
    await check_record(installed.sender, key)


async def is_told(house, key, person, ways):
    return ways <= set(await ways_by_which(house, key, person))


async def ways_by_which(house, key, person):
    """How often that person was called for it, by each way; what they are told besides calls nobody."""
    state = (await house.http.get("/sandbox/state")).json()
    name, incident = PEOPLE[person], incident_id(key)
    calls = [each["body"] for each in state["pager"]["calls"] if each["body"]["type"] == "incident.page"]
    found = Counter(pager=sum(each["incident"]["id"] == incident and each["person"]["name"] == name for each in calls))
    found["sms"] = sum(
        each["to"] == PHONES[person] and incident in each["message"] for each in state["sms"]["messages"]
    )
    chats = [each for each in state["graph"]["chats"] if each["email"] == f"{person}@contoso.example"]
    told = [json.dumps(each) for chat in chats for each in chat["messages"]]
    found["chat"] = sum(incident in each and "You are level" in each for each in told)
    channels = [each for each in state["graph"]["channels"] if each["displayName"].startswith(incident)]
    mentions = [each for channel in channels for each in channel["messages"] if "tell-" in json.dumps(each)]
    found["mention"] = sum(name in json.dumps(each["mentions"]) for each in mentions)
    return +found
