"""How steps are taken: repeated, parked, waited for no longer than it is worth, or left where nothing is to be done."""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from patience import LIMIT
from pydantic import BaseModel

from worker.domain import page as domain_page
from worker.domain.errors import Unknown, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import OnUndecided, Timing, respond
from worker.engine.journal import Journal
from worker.engine.launcher import Launcher
from worker.engine.step import Fan, KeyedPart, Opening, Step
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
        # Whoever goes on after a death waits until the lease ends.
        short = settings.model_copy(update={"lease_seconds": timedelta(seconds=4)})
        store = await stack.enter_async_context(open_stores(short, owner="one"))
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


class Slow(Step[Made]):
    """Ends when it is let."""

    name = "slow"
    result = Made

    def __init__(self):
        self.let = asyncio.Event()

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        await self.let.wait()
        return Made(id=7)


class Impatient(Step[Made]):
    """Wants the slow one, for a moment; and lets it go on."""

    name = "impatient"
    wants = (Slow,)
    patience = timedelta(milliseconds=50)
    contingent = True
    result = Made

    def __init__(self, slow, *, needed=True, content=False):
        self.slow, self.needed, self.content = slow, needed, content
        self.saw = []

    def has_enough(self, done):
        return self.content

    def without_effect(self, incident, done):
        return None if self.needed else Made(id=0)

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        self.saw.append(done.wanted(Slow))
        self.slow.let.set()
        return Made(id=8)


async def taken(store, *steps):
    """The history of an incident with these steps, and what was decided."""
    incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))
    launcher = Launcher(steps, store, TIMING, timedelta(hours=1))
    async with asyncio.timeout(LIMIT):
        decided = await launcher.launch(incident, asyncio.Event())
    return await store.incidents.history(incident.id), decided


async def test_a_step_waits_no_longer_than_its_patience(bench):
    """The one that it wants hangs, and is done afterwards all the same."""
    slow = Slow()
    impatient = Impatient(slow)
    history, decided = await taken(bench.stores, slow, impatient)
    assert decided == Complete()
    assert impatient.saw == [None]
    assert history.step("slow").result == {"id": 7}


async def test_a_step_that_has_enough_waits_for_nothing(bench):
    """However long it would wait."""
    slow = Slow()
    content = Impatient(slow, content=True)
    content.patience = None
    _, decided = await taken(bench.stores, slow, content)
    assert (decided, content.saw) == (Complete(), [None])


async def test_a_step_without_anything_to_do_leaves_no_trace(bench):
    """No beginning, no row, and it is not shown among those to come."""
    slow = Slow()
    slow.let.set()
    idle = Impatient(slow, needed=False)
    history, decided = await taken(bench.stores, slow, idle)
    assert (decided, idle.saw) == (Complete(), [])
    assert [step.name for step in history.steps] == ["slow"]


class Sms(KeyedPart[Made]):
    """Sent again with the same key; `sent` is when each of them says that it was sent first."""

    label = "ada"
    result = Made

    def __init__(self, window, *ends):
        self.window, self.ends, self.sent = window, list(ends), []

    async def send(self, incident, done, first_sent):
        self.sent.append(first_sent)
        if self.ends:
            raise self.ends.pop(0)
        return Made(id=9)


class Page(Fan[Made]):
    name = "page"
    result = Made

    def __init__(self, part):
        self.part = part

    def parts(self, incident, done):
        return [self.part]

    def gather(self, made):
        return made[0]


@pytest.mark.parametrize(("window", "times"), [(timedelta(hours=1), 1), (timedelta(), 2)])
async def test_a_keyed_part_is_sent_again_as_the_same_request_while_that_is_known(bench, window, times):
    """It waits out no quarantine, and names the moment of the first try until the other side has forgotten it."""
    part = Sms(window, LOST)
    _, decided = await taken(bench.stores, Page(part))
    assert isinstance(decided, RetryLater)
    _, decided = await taken(bench.stores, Page(part))
    assert decided == Complete()
    assert (len(part.sent), len(set(part.sent))) == (2, times)


async def test_a_step_sees_who_was_told_by_parts_of_others(bench):
    """While other parts of the same step are still on their way."""

    class Watches(Step[Made]):
        name = "watches"
        result = Made

        async def find(self, incident, done):
            return None

        async def run(self, incident, done):
            await done.pages.told.wait()
            return Made(id=[page.name for page in done.pages].index("Ada"))

    class Tells(KeyedPart[domain_page.Page]):
        label, result, window = "ada", domain_page.Page, timedelta()

        async def send(self, incident, done, first_sent):
            return domain_page.Page(person="a", name="Ada", by="sms", told=True, answer="", why="")

    history, decided = await taken(bench.stores, Page(Tells()), Watches())
    assert decided == Complete()
    assert history.step("watches").result == {"id": 0}


async def test_a_step_whose_need_is_not_in_the_playbook_is_left_out(bench):
    """As of a launch's steps only those that are done follow an incident: nobody waits for the others."""
    slow = Slow()
    slow.let.set()

    class Needy(Impatient):
        name = "needy"
        needs = (Impatient,)

    incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))
    lease = await bench.stores.incidents.lease(incident, ())
    async with Journal(bench.stores.incidents, lease) as journal:
        failures = await respond(lease, (slow, Needy(slow)), journal, TIMING, asyncio.Event())
    assert failures == {}


async def test_a_stop_is_not_held_up_by_a_step_that_has_lost_its_patience(bench):
    """What is at work may end, and the processor rests meanwhile: other incidents are to be handed back in time."""
    slow, stopping = Slow(), asyncio.Event()
    impatient = Impatient(slow)
    incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime.now(UTC))
    lease = await bench.stores.incidents.lease(incident, ())
    async with Journal(bench.stores.incidents, lease) as journal:
        responding = asyncio.create_task(respond(lease, (slow, impatient), journal, TIMING, stopping))
        await asyncio.sleep(0)
        stopping.set()
        await asyncio.sleep(2 * impatient.patience.total_seconds())
        began = time.process_time()
        await asyncio.sleep(0.5)
        used = time.process_time() - began
        slow.let.set()
        failures = await responding
    assert (list(failures), impatient.saw) == (["impatient"], [])
    assert used < 0.4


class Place(BaseModel, frozen=True):
    name: str


class Decide(Opening[Place]):
    """Where the incident goes; the place moves with each look."""

    name = "decide"
    result = Place

    def __init__(self):
        self.places = ["first", "second", "third"]
        self.failure = None

    async def run(self, incident, done):
        if self.failure:
            raise self.failure
        return Place(name=self.places.pop(0))


class Go(Step[Place]):
    name = "go"
    result = Place

    def __init__(self, ends):
        self.ends = ends
        self.went = []

    async def find(self, incident, done):
        self.went.append(done.wanted(Decide))

    async def run(self, incident, done):
        self.went.append(done.wanted(Decide))
        if self.ends:
            raise self.ends.pop(0)
        return Place(name="there")


@pytest.fixture
def decide(bench):
    """A launch whose first step goes where the opening says, and fails once."""
    opening, go = Decide(), Go([AWAY])
    launcher = replace(bench.launcher, playbook=(opening, go), on_undecided=OnUndecided.REPEAT)
    bench.launcher = launcher
    return opening, go


async def rows_of(bench):
    return {step.name: step for step in (await bench.stores.incidents.history(bench.incident.id)).steps}


async def test_an_opening_is_decided_once_for_all_attempts(bench, decide):
    """What is looked up while the incident is opened holds for every later attempt, whatever it would say then."""
    _, go = decide
    assert await bench.until_settled() == Complete()
    assert set(go.went) == {Place(name="first")}
    assert len(go.went) >= 2
    rows = await rows_of(bench)
    assert list(rows) == ["decide", "go"]
    assert rows["decide"].result == {"name": "first"}


async def test_an_opening_is_stored_with_the_lease_and_costs_no_transaction(bench, decide, monkeypatch):
    """The rows that open an incident hold its result beside the first beginnings."""
    written = []
    store = bench.stores.incidents
    before = store._write

    async def noted(incident_id, change, guard, steps, **options):
        written.append([row["RowKey"] for _, row, *_ in steps])
        return await before(incident_id, change, guard, steps, **options)

    monkeypatch.setattr(store, "_write", noted)
    decide[1].ends.clear()
    assert await bench.until_settled() == Complete()
    assert written[0] == ["step:decide", "step:go"]
    assert len(written) == 2


async def test_an_incident_that_was_opened_without_it_goes_on_without_it(bench, decide):
    """As one that was under way while the worker was replaced: it keeps to what it began with."""
    opening, go = decide
    bench.launcher = replace(bench.launcher, playbook=(go,))
    assert isinstance(await bench.launcher.launch(bench.incident, asyncio.Event()), RetryLater)
    bench.launcher = replace(bench.launcher, playbook=(opening, go))
    assert await bench.until_settled() == Complete()
    assert set(go.went) == {None}
    assert list(await rows_of(bench)) == ["go"]


@pytest.mark.parametrize("failure", [AWAY, KeyError("ours")], ids=["a failure", "a fault of ours"])
async def test_an_opening_that_fails_keeps_nobody_waiting(bench, decide, failure):
    """The launch goes on without it, in this attempt and in all others."""
    opening, go = decide
    opening.failure = failure
    first = await bench.launcher.launch(bench.incident, asyncio.Event())
    opening.failure = None
    assert isinstance(first, RetryLater)
    assert await bench.until_settled() == Complete()
    assert set(go.went) == {None}


async def test_a_stop_before_the_first_step_takes_no_opening_back(bench, decide):
    """It was looked up for good; only what had begun is begun anew."""
    stopping = asyncio.Event()
    opening, go = decide
    original = opening.run

    async def then_stop(incident, done):
        stopping.set()
        return await original(incident, done)

    opening.run = then_stop
    assert isinstance(await bench.launcher.launch(bench.incident, stopping), RetryLater)
    opening.run = original
    assert await bench.until_settled() == Complete()
    assert set(go.went) == {Place(name="first")}
