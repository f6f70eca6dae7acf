"""A remote world that takes no idempotency key and shows late what it has, and a playbook that acts on it."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from model_fates import CALL, REMOTE_READ, REMOTE_WRITE, Kind
from pydantic import BaseModel
from virtual_time import TrueTime

from worker.clients import calls
from worker.clients.outcomes import RemoteCall
from worker.clients.system import System
from worker.engine.step import Fan, Lookup, Part, Step
from worker.resilience import send_deadline

EFFECTS = ("item", "room", "assign:first", "assign:second", "tell")
WORLD = System("world", "the world")
CHECKPOINTS = (*EFFECTS, "on-call", "assign")

# How a request comes to the world: its sort, its name, and what happens there when it arrives.
Through = Callable[[Kind, str, Callable[[], object]], Awaitable[object]]


class Made(BaseModel, frozen=True):
    number: int


class People(BaseModel, frozen=True):
    shift: int


@dataclass
class World:
    """Everything that was made, in order. `lag`: how long the look-ups miss what is new."""

    time: TrueTime
    lag: timedelta
    made: list[tuple[str, float]] = field(default_factory=list)
    shift: int = 0

    def make(self, what: str) -> Made:
        self.made.append((what, self.time.seconds))
        return Made(number=len(self.made))

    def find(self, what: str) -> Made | None:
        latest = self.time.seconds - self.lag.total_seconds()
        numbers = [number for number, (name, at) in enumerate(self.made, 1) if name == what and at <= latest]
        return Made(number=numbers[0]) if numbers else None

    def people(self) -> People:
        """Whoever is on call now: at each look somebody else, so that only what was stored keeps a launch to one."""
        self.shift += 1
        return People(shift=self.shift)

    def counts(self) -> Counter[str]:
        """How often each effect is there, whoever it was done for."""
        return Counter(what.partition("@")[0] for what, _ in self.made)

    def shifts(self) -> set[str]:
        return {what.partition("@")[2] for what, _ in self.made if "@" in what}


class Client:
    """A worker's way to the world, through the very code that bounds and translates the calls of the real clients."""

    def __init__(self, world: World, through: Through) -> None:
        self._world = world
        self._through = through

    async def make(self, what: str) -> Made:
        async def send() -> object:
            send_deadline.check(CALL)
            return await self._through(REMOTE_WRITE, what, lambda: self._world.make(what))

        return await self._carried_out(what, send, writes=True)

    async def find(self, what: str) -> Made | None:
        async def send() -> object:
            return await self._through(REMOTE_READ, what, lambda: self._world.find(what))

        return await self._carried_out(what, send, writes=False)

    async def people(self) -> People:
        async def send() -> object:
            return await self._through(REMOTE_READ, "people", self._world.people)

        return await self._carried_out("people", send, writes=False)

    @staticmethod
    async def _carried_out(what: str, send: Callable[[], Awaitable[object]], *, writes: bool) -> object:
        return await calls.carry_out(RemoteCall(f"do {what}", WORLD, writes), send, time_out=CALL, breaker=None)


class WorldStep(Step[Made]):
    result = Made

    def __init__(self, client: Client) -> None:
        self.client = client

    async def find(self, incident, done):
        return await self.client.find(self.name)

    async def run(self, incident, done):
        return await self.client.make(self.name)


class Item(WorldStep):
    name = "item"


class Room(WorldStep):
    name = "room"


class OnCall(Lookup[People]):
    name = "on-call"
    result = People

    def __init__(self, client: Client) -> None:
        self.client = client

    async def run(self, incident, done):
        return await self.client.people()


class One(Part[Made]):
    """One person's part; the second one reads before it writes, as a patch of a work item does."""

    result = Made

    def __init__(self, client: Client, label: str, shift: int) -> None:
        self.client = client
        self.label = label
        self.what = f"assign:{label}@{shift}"

    async def find(self, incident, done):
        return await self.client.find(self.what)

    async def run(self, incident, done):
        if self.label == "second":
            await self.client.find("item")
        return await self.client.make(self.what)


class Assign(Fan[Made]):
    name = "assign"
    needs = (Item, OnCall)
    result = Made

    def __init__(self, client: Client) -> None:
        self.client = client

    def parts(self, incident, done):
        return [One(self.client, label, done[OnCall].shift) for label in ("first", "second")]

    def gather(self, made):
        return Made(number=len(made))


class Tell(WorldStep):
    name = "tell"
    needs = (Item, Room)
    wants = (OnCall,)


def playbook(client: Client) -> list[Step | Fan]:
    return [step(client) for step in (Item, Room, OnCall, Assign, Tell)]
