"""A step whose end nobody saw and that is not to be found: repeated, or parked for a person, as the setting says."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from worker.domain.errors import Unknown, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import OnUndecided, Timing
from worker.engine.launcher import Launcher
from worker.engine.step import Step
from worker.storage.stores import open_stores

TIMING = Timing(allowance=timedelta(seconds=1), lookup_lag=timedelta())


class Made(BaseModel, frozen=True):
    id: int


class World:
    """What was made, what shows, how the next requests end, and what keeps the next looks from seeing anything."""

    def __init__(self):
        self.made = []
        self.shows = True
        self.hides = {}
        self.ends = {}

    async def make(self, what):
        end = self.ends.get(what, [])
        error = end.pop(0) if end else None
        if error is None or error is LOST:
            self.made.append(what)
        if error is not None:
            raise error
        return Made(id=len(self.made))


LOST = Unknown("The connection was reset after sending.")
NEVER = Unknown("The connection was reset before anything was read.")
AWAY = Unreachable("Nobody answered.")


class InWorld(Step[Made]):
    result = Made

    def __init__(self, world):
        self.world = world

    async def find(self, incident, done):
        if self.world.hides.get(self.name):
            raise self.world.hides[self.name].pop(0)
        found = self.world.shows and self.name in self.world.made
        return Made(id=1 + self.world.made.index(self.name)) if found else None

    async def run(self, incident, done):
        return await self.world.make(self.name)


class Announce(InWorld):
    name = "announce"


class Assign(InWorld):
    name = "assign"


class Bench:
    """A worker on a table of its own; the queue is whoever calls."""

    def __init__(self, store, on_undecided):
        self.world = World()
        self.stores = store
        self.incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))
        steps = [Announce(self.world), Assign(self.world)]
        self.launcher = Launcher(steps, store, TIMING, timedelta(hours=1), on_undecided=on_undecided)

    async def until_settled(self):
        while isinstance(decided := await self.launcher.launch(self.incident, asyncio.Event()), RetryLater):
            await asyncio.sleep(min(decided.delay.total_seconds(), 0.5))
        return decided


@pytest.fixture
def on_undecided():
    return OnUndecided.PARK


@pytest.fixture
async def bench(settings, on_undecided):
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_stores(settings, owner="one"))
        await store.table.prepare()
        yield Bench(store, on_undecided)


async def test_what_cannot_be_decided_is_parked(bench):
    """The quarantine is over and nothing shows: a person is told what to look for, and nothing is sent again."""
    bench.world.ends = {"announce": [NEVER]}
    decided = await bench.until_settled()
    assert isinstance(decided, DeadLetter)
    assert decided.reason == "Undecided:announce"
    assert f"Look for {bench.incident.id}" in decided.description
    assert "replay" in decided.description
    assert bench.world.made == ["assign"]
    assert (await bench.stores.incidents.history(bench.incident.id)).state is LaunchState.FAILED


async def test_a_replay_does_the_parked_step(bench):
    """Whoever replays has decided: the step is looked for once more, then done."""
    bench.world.ends = {"announce": [NEVER]}
    await bench.until_settled()
    assert await bench.until_settled() == Complete()
    assert sorted(bench.world.made) == ["announce", "assign"]


async def test_a_replay_that_cannot_look_at_once_does_the_parked_step_later(bench):
    """The person's decision is not lost with the attempt that it came with."""
    bench.world.ends = {"announce": [NEVER]}
    await bench.until_settled()
    bench.world.hides = {"announce": [AWAY, AWAY]}
    assert await bench.until_settled() == Complete()
    assert sorted(bench.world.made) == ["announce", "assign"]


async def test_a_replay_whose_worker_dies_does_the_parked_step_later(bench):
    """Whoever goes on after it knows that a person has decided."""
    bench.world.ends = {"announce": [NEVER]}
    await bench.until_settled()
    bench.world.hides = {"announce": [asyncio.CancelledError()]}
    with pytest.raises(asyncio.CancelledError):
        await bench.until_settled()
    assert await bench.until_settled() == Complete()
    assert sorted(bench.world.made) == ["announce", "assign"]


async def test_a_replay_adopts_what_shows_by_now(bench):
    """What was made after all is found by the replay and not made again."""
    bench.world.ends, bench.world.shows = {"announce": [LOST]}, False
    assert (await bench.until_settled()).reason == "Undecided:announce"
    bench.world.shows = True
    assert await bench.until_settled() == Complete()
    assert bench.world.made.count("announce") == 1


async def test_a_replay_that_is_lost_again_is_parked_again(bench):
    """One replay is leave for one more request, not for all that may follow."""
    bench.world.ends = {"announce": [NEVER, NEVER]}
    await bench.until_settled()
    assert (await bench.until_settled()).reason == "Undecided:announce"
    assert "announce" not in bench.world.made


async def test_attempts_for_other_steps_leave_a_parked_one_alone(bench):
    """While another step is still worth trying, the attempts go on without the parked one."""
    bench.world.ends = {"announce": [NEVER], "assign": [AWAY] * 5}
    assert (await bench.until_settled()).reason == "Undecided:announce"
    assert bench.world.made == ["assign"]


async def test_a_known_refusal_is_never_parked(bench):
    """What was certainly not applied is simply tried again."""
    bench.world.ends = {"announce": [AWAY]}
    assert await bench.until_settled() == Complete()


class TestRepeating:
    """The default."""

    @pytest.fixture
    def on_undecided(self):
        return OnUndecided.REPEAT

    async def test_what_cannot_be_decided_is_repeated(self, bench):
        """After its quarantine the step is done again, without anybody being asked."""
        bench.world.ends = {"announce": [NEVER]}
        assert await bench.until_settled() == Complete()
        assert sorted(bench.world.made) == ["announce", "assign"]
