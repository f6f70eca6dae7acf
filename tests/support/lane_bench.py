"""Lanes over a table in memory: entries that are recorded at will, and what their effects come to."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.response.actor import CLOCK, Source
from worker.domain.states import LaunchState, StepState
from worker.engine.executor import Timing
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Step
from worker.lifecycle.response.deciding import opened
from worker.lifecycle.response.lane_run import EffectsOf, LaneRun
from worker.lifecycle.response.log import Log
from worker.storage.stores import Stores

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=NOW)
_LEASE = timedelta(seconds=30)


class Room(BaseModel, frozen=True):
    name: str = "room"


class OpenRoom(Step[Room]):
    """A step of the launch."""

    name = "room"
    result = Room

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        raise AssertionError("No lane takes a step of the launch.")


@dataclass
class World:
    """What was made, and what stands in the way: `trouble` is raised by whoever makes that, `hangs` never ends."""

    made: list[str] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    trouble: dict[str, Exception] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(self, what):
        if what in self.hangs:
            self.reached.set()
            await asyncio.Event().wait()
        if what in self.trouble:
            raise self.trouble[what]
        self.made.append(what)
        return Room(name=what)


class Make(Step[Room]):
    result = Room

    def __init__(self, world, name, what="", needs=()):
        self.world, self.name, self.what, self.needs = world, name, what or name, needs

    async def find(self, incident, done):
        self.world.looked.append(self.what)
        return Room(name=self.what) if self.what in self.world.made else None

    async def run(self, incident, done):
        return await self.world.make(self.what)


class LaneBench:
    def __init__(self, through=straight):
        self.world = World()
        self.table = MemoryTable(utc_now)
        with suppress(Exception):
            self.table.create()
        self.stores = self.owned_by("one", through)
        self.recorded = []
        self.shown_again = []
        self.stopping = asyncio.Event()
        self.launched = {}

    def owned_by(self, owner, through=straight):
        return Stores.of(MemoryTableClient(self.table, through), owner=owner, lease_duration=_LEASE)

    def run_of(self, stores=None):
        stores = stores or self.stores
        timing = Timing(allowance=timedelta(seconds=60), lookup_lag=timedelta())
        return LaneRun(stores.lanes, stores.responses, [OpenRoom()], timing)

    async def launch(self):
        """With its room."""
        lease = await self.stores.incidents.lease(INCIDENT, [])
        room = Checkpoint("room", StepState.DONE, 1, NOW, NOW, Room().model_dump_json())
        await self.stores.incidents.commit(lease, [room], Closing(LaunchState.LAUNCHED))
        self.launched = await self.stores.incidents.checkpoints(INCIDENT.id)

    async def record(self, *kinds):
        """The entries, one of each kind."""
        stored = await self.stores.responses.read(INCIDENT.id)
        before = stored.response if stored else opened(INCIDENT, NOW, 60.0)
        log = Log(before, now=NOW, at=NOW, actor=CLOCK, source=Source.CLOCK)
        for kind in kinds:
            log.enter(kind, kind)
        await self.stores.responses.append(stored, log.response, log.entries)
        return log.entries

    def effects(self, *, anew=False):
        async def record(act):
            self.recorded.append(act.id)

        async def show_again(at):
            self.shown_again.append(at)

        return EffectsOf(INCIDENT, self.launched, record, show_again, self.stopping, anew=anew)

    def lane(self, order, name="words", *, needs=(), **more):
        def playbook(entry, response):
            if order is LaneOrder.NEWEST:
                return [Make(self.world, "show", f"{name}-{response.seq}", needs)]
            return [Make(self.world, f"{name}-{entry.seq}", needs=needs)]

        return Lane(name, order, lambda entry: entry.kind != "silent", playbook, **more)
