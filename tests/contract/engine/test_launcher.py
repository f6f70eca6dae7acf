"""Launches of a small playbook against a real table store; the world they act on is counted, never our own rows."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import BaseModel

from worker.domain.errors import Rejected, Unknown, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.page import Page, Paged
from worker.domain.settlement import Complete, DeadLetter, RetryLater
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.engine.step import Fan, Lookup, Part, Step
from worker.resilience import send_deadline
from worker.storage.incident_store import IncidentStore
from worker.storage.stores import open_stores

CALL = timedelta(seconds=1)
# Where nothing is waited for, a machine that stands still for seconds is to make no difference.
PATIENT = Timing(allowance=timedelta(minutes=1), lookup_lag=timedelta(seconds=1))
LONG = timedelta(seconds=30)
TIMING = Timing(allowance=timedelta(seconds=3), lookup_lag=timedelta(seconds=1))


class Made(BaseModel, frozen=True):
    id: int


class People(BaseModel, frozen=True):
    names: tuple[str, ...]


class World:
    """What the steps made, by step; and how the next requests are to end."""

    def __init__(self):
        self.made = []
        self.asked = Counter()
        self.order = []
        self.find_crashes_at = {}
        self.reading = {}
        self.before = {}
        self.after = {}

    def count(self, what):
        return self.made.count(what)

    async def make(self, what):
        await self._happen(self.reading, what)
        send_deadline.check(CALL)
        self.order.append(what)
        await self._happen(self.before, what)
        self.made.append(what)
        await self._happen(self.after, what)
        return Made(id=len(self.made))

    def find(self, what):
        self.asked[what] += 1
        if self.asked[what] in self.find_crashes_at.get(what, ()):
            raise KeyError("surprise")
        return Made(id=self.made.index(what)) if what in self.made else None

    @staticmethod
    async def _happen(incidents, what):
        event = incidents.pop(what, None)
        if isinstance(event, Exception):
            raise event
        if event is not None:
            await event.wait()


class WorldStep(Step[Made]):
    result = Made

    def __init__(self, world):
        self.world = world

    async def find(self, incident, done):
        return self.world.find(self.name)

    async def run(self, incident, done):
        return await self.world.make(self.name)


class Item(WorldStep):
    name = "item"


class Room(WorldStep):
    name = "room"


class LookUp(Lookup[People]):
    name = "look-up"
    result = People

    def __init__(self, world):
        self.world = world

    async def run(self, incident, done):
        await self.world.make(self.name)
        return People(names=("ada", "grace"))


class OnePart(Part[Made]):
    result = Made

    def __init__(self, world, label):
        self.world = world
        self.label = label

    async def find(self, incident, done):
        return self.world.find(f"assign:{self.label}")

    async def run(self, incident, done):
        return await self.world.make(f"assign:{self.label}")


class Assign(Fan[People]):
    name = "assign"
    needs = (Item, LookUp)
    result = People

    def __init__(self, world):
        self.world = world

    def parts(self, incident, done):
        return [OnePart(self.world, name) for name in done[LookUp].names]

    def gather(self, made):
        return People(names=tuple(str(one.id) for one in made))


class Link(WorldStep):
    name = "link"
    needs = (Item, Room)
    wants = (Assign,)


class Tell(WorldStep):
    name = "tell"
    needs = (Item, Room)
    wants = (LookUp,)

    async def run(self, incident, done):
        people = done.wanted(LookUp)
        return await self.world.make("tell" if people else "tell: nobody was found")


ALL = ("item", "room", "look-up", "assign:ada", "assign:grace", "link", "tell")


def steps(world):
    return [step(world) for step in (Item, Room, LookUp, Assign, Link, Tell)]


class CountingStore(IncidentStore):
    """The real store, counting its transactions."""

    commits = 0

    async def _write(self, *arguments, **options):
        self.commits += 1
        return await super()._write(*arguments, **options)


class Bench:
    """Several workers on one table and one world."""

    def __init__(self, stack, settings, *, timing=TIMING, key="k"):
        self.stack = stack
        self.settings = settings
        self.timing = timing
        self.world = World()
        self.incident = Incident(key=key, event=Event(title="Down", key=key), received_at=datetime.now(UTC))
        self.stopping = asyncio.Event()
        self.stores = []

    async def worker(self, owner="one"):
        stores = await self.stack.enter_async_context(open_stores(self.settings, owner=owner))
        store = CountingStore(stores.incidents._table, owner=owner, lease_duration=self.settings.lease_seconds)
        await stores.table.prepare()
        self.stores.append(store)
        return Launcher(
            steps(self.world), replace(stores, incidents=store), self.timing, give_up_after=timedelta(hours=1)
        )

    async def launch(self, worker):
        return await worker.launch(self.incident, self.stopping)

    async def let_doubts_pass(self):
        """As if it were so late that no request of an earlier attempt can still be on its way."""
        table = self.stores[0]._table
        found = table.query_entities("PartitionKey eq @pk", parameters={"pk": self.incident.id})
        for row in [row async for row in found]:
            if row["RowKey"].startswith("step:"):
                await table.upsert_entity({**row, "clear_at": self.incident.received_at - LONG})

    async def launch_until_settled(self, worker):
        while isinstance(decided := await self.launch(worker), RetryLater):
            await asyncio.sleep(decided.delay.total_seconds())
        return decided


@pytest.fixture
async def bench(settings):
    async with AsyncExitStack() as stack:
        yield Bench(stack, settings.model_copy(update={"lease_seconds": LONG}), timing=PATIENT)


@pytest.fixture
async def hasty(hasty_settings):
    """With leases and quarantines that a test can wait for."""
    async with AsyncExitStack() as stack:
        yield Bench(stack, hasty_settings)


@pytest.fixture
async def brief(settings):
    """With steps that must send at once, or not at all."""
    async with AsyncExitStack() as stack:
        yield Bench(stack, settings)


async def test_a_launch_makes_every_effect_once_in_four_transactions(bench):
    """Nothing is looked for on a first attempt, and what is due together is stored together."""
    worker = await bench.worker()
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)
    assert not bench.world.asked
    assert bench.stores[0].commits <= 4


async def test_independent_steps_run_at_the_same_time(bench):
    """Each of two steps that need nothing waits for the other to have begun."""
    both = asyncio.Barrier(2)

    class Meeting:
        async def wait(self):
            await both.wait()

    bench.world.before = {"item": Meeting(), "room": Meeting()}
    assert await bench.launch(await bench.worker()) == Complete()


async def test_a_step_waits_for_what_it_wants(bench):
    """The link is patched only after the assignments, which touch the same item."""
    await bench.launch(await bench.worker())
    order = bench.world.order
    assert max(order.index("assign:ada"), order.index("assign:grace")) < order.index("link")


async def test_a_want_that_is_not_in_the_playbook_is_done_without(bench):
    """Where a step's system is not configured the step is left out, and who wants it waits for nothing."""
    whole = await bench.worker()
    worker = replace(whole, playbook=[step for step in whole.playbook if step.name not in {"look-up", "assign"}])
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(("item", "room", "link", "tell: nobody was found"))


async def test_a_step_whose_words_fail_is_done_all_the_same(bench, monkeypatch):
    """The effect is there: a fault in the words for it costs the words alone."""

    def fail(step, result):
        raise KeyError("name")

    monkeypatch.setattr(Item, "describe", fail)
    assert await bench.launch(await bench.worker()) == Complete()
    history = await bench.stores[0].history(bench.incident.id)
    assert history.step("item").made == ""
    assert history.step("room").made == str(history.step("room").result["id"])
    assert Counter(bench.world.made) == Counter(ALL)


async def test_a_failed_want_is_done_without(bench):
    """When the look-up fails for good, the message says that nobody was found, and the rest is there."""
    bench.world.before["look-up"] = Rejected("The table has no column.")
    decided = await bench.launch(await bench.worker())
    assert decided == DeadLetter("Rejected:look-up", "look-up: The table has no column.")
    assert Counter(bench.world.made) == Counter(("item", "room", "link", "tell: nobody was found"))


async def test_a_failing_step_stops_only_what_needs_it(bench):
    """Without the item there is a room all the same, and nothing that needs the item."""
    bench.world.before["item"] = Rejected("No such type.")
    decided = await bench.launch(await bench.worker())
    assert decided.reason == "Rejected:item"
    assert Counter(bench.world.made) == Counter(("room", "look-up"))


async def test_a_second_attempt_takes_only_what_is_missing(bench):
    """After a failure that was not applied, the next attempt finishes the launch and repeats nothing."""
    bench.world.before["room"] = Unreachable("Nobody answered.")
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def test_a_launch_that_is_tried_again_says_when(bench):
    """What failed may yet succeed: whoever looks reads when it is taken again, by what the message waits for."""
    bench.world.before["room"] = Unreachable("Nobody answered.")
    before = datetime.now(UTC)
    decided = await bench.launch(await bench.worker())
    history = await bench.stores[0].history(bench.incident.id)
    assert before + decided.delay <= history.next_try_at <= datetime.now(UTC) + decided.delay
    assert history.step("room").permanent is False


async def test_an_error_that_no_attempt_mends_is_stored_as_such(bench):
    """Of two failed steps, the one that was refused for good is told apart until it is mended."""
    bench.world.before |= {"item": Rejected("No such type."), "room": Unreachable("Nobody answered.")}
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    history = await bench.stores[0].history(bench.incident.id)
    assert (history.step("item").permanent, history.step("room").permanent) == (True, False)
    assert await bench.launch(worker) == Complete()
    assert (await bench.stores[0].history(bench.incident.id)).step("item").permanent is False


async def test_one_part_that_fails_does_not_repeat_the_others(bench):
    """Each part of a fan has a checkpoint of its own."""
    bench.world.before["assign:grace"] = Unreachable("Nobody answered.")
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def test_an_answer_that_was_lost_after_applying_is_found(bench):
    """A step that was applied without our seeing it is adopted, not repeated."""
    bench.world.after["room"] = Unknown("The connection was reset.")
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def test_an_unknown_outcome_that_was_not_applied_waits_out_its_quarantine(bench):
    """A step that cannot be found is repeated only when its request cannot be on its way any more."""
    bench.world.before["room"] = Unknown("The connection was reset.")
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    waiting = await bench.launch(worker)
    assert isinstance(waiting, RetryLater)
    assert timedelta() < waiting.delay <= PATIENT.allowance + PATIENT.lookup_lag + timedelta(seconds=2)
    assert bench.world.count("room") == 0
    await bench.let_doubts_pass()
    assert await bench.launch_until_settled(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def finished_by_another(bench, step, *, applied):
    """What is there after the first worker died in this step and a second one has finished the launch."""
    (bench.world.after if applied else bench.world.before)[step] = asyncio.Event()
    dying = asyncio.create_task(bench.launch_until_settled(await bench.worker("one")))
    while step not in bench.world.order:
        await asyncio.sleep(0.01)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    assert await bench.launch_until_settled(await bench.worker("two")) == Complete()
    return Counter(made for made in bench.world.made if made != "look-up")


@pytest.mark.parametrize("applied", [True, False])
async def test_another_worker_finishes_what_a_dead_one_began(hasty_settings, applied):
    """Whether or not the dead worker's request was applied, at whichever step, every effect is there once."""
    async with AsyncExitStack() as stack:
        benches = [Bench(stack, hasty_settings, key=f"died in {step}") for step in ALL]
        pairs = zip(benches, ALL, strict=True)
        # All deaths at once, each in a launch of its own: what takes its time is that leases and quarantines end.
        there = await asyncio.gather(*(finished_by_another(bench, step, applied=applied) for bench, step in pairs))
    assert dict(zip(ALL, there, strict=True)) == {step: Counter(set(ALL) - {"look-up"}) for step in ALL}


async def test_two_workers_on_one_incident_make_every_effect_once(hasty):
    """The same message delivered to two workers at the same time is one launch."""
    workers = [await hasty.worker(owner) for owner in ("one", "two")]
    settled = await asyncio.gather(*(hasty.launch_until_settled(worker) for worker in workers))
    assert settled == [Complete(), Complete()]
    assert Counter(hasty.world.made) == Counter(ALL)


async def test_a_request_that_would_leave_late_does_not_leave(brief):
    """A step that stood still until its deadline sends nothing, and begins anew."""
    brief.world.reading["room"] = asyncio.Event()
    asyncio.get_running_loop().call_later(
        (TIMING.allowance - CALL).total_seconds() + 0.1, brief.world.reading["room"].set
    )
    worker = await brief.worker()
    decided = await brief.launch(worker)
    assert isinstance(decided, RetryLater)
    assert "was not sent" in decided.because
    assert brief.world.count("room") == 0
    assert await brief.launch_until_settled(worker) == Complete()
    assert Counter(brief.world.made) == Counter(ALL)


async def test_a_worker_whose_lease_was_taken_stops_and_settles_nothing(hasty):
    """Once another worker has the lease, the first one's steps are cancelled and its message is left alone."""
    held_up = asyncio.Event()
    hasty.world.after["item"] = held_up
    first = await hasty.worker("one")
    losing = asyncio.create_task(hasty.launch(first))
    while "item" not in hasty.world.made:
        await asyncio.sleep(0.01)
    await first.stores.incidents._table.upsert_entity(
        {"PartitionKey": hasty.incident.id, "RowKey": "lease", "owner": "two", "token": "other"}
    )
    assert isinstance(await losing, RetryLater)
    assert hasty.world.count("link") == 0


async def test_a_stop_lets_running_steps_end_and_hands_the_rest_back(bench):
    """What runs is checkpointed; what had not begun is left to another worker, at once."""
    going_on = asyncio.Event()
    bench.world.after["room"] = going_on
    launching = asyncio.create_task(bench.launch(await bench.worker("one")))
    while "room" not in bench.world.made:
        await asyncio.sleep(0.01)
    bench.stopping.set()
    going_on.set()
    assert await launching == RetryLater(timedelta(), "The worker is stopping.")
    assert bench.world.count("tell") == 0
    bench.stopping.clear()
    assert await bench.launch(await bench.worker("two")) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)
    assert not bench.world.asked


async def test_a_stop_right_after_the_lease_leaves_nothing_in_doubt(bench):
    """What the lease began and nobody started is taken back, so that the next worker need not wait for it."""
    worker = await bench.worker("one")
    lease = worker.stores.incidents.lease

    async def lease_and_be_told_to_stop(*arguments, **options):
        leased = await lease(*arguments, **options)
        bench.stopping.set()
        return leased

    worker.stores.incidents.lease = lease_and_be_told_to_stop
    assert await bench.launch(worker) == RetryLater(timedelta(), "The worker is stopping.")
    assert bench.world.made == []
    bench.stopping.clear()
    assert await bench.launch(await bench.worker("two")) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def test_a_worker_that_is_stopping_leases_nothing(bench):
    """A message that was received just before the stop goes back untouched."""
    bench.stopping.set()
    assert await bench.launch(await bench.worker()) == RetryLater(timedelta(), "The worker is stopping.")
    assert await bench.stores[0].history(bench.incident.id) is None


async def test_an_error_that_a_step_does_not_know_is_looked_into_again(bench):
    """A fault in a step's code counts as an unknown outcome, never as the end of the worker."""
    bench.world.after["room"] = KeyError("surprise")
    worker = await bench.worker()
    decided = await bench.launch(worker)
    assert isinstance(decided, RetryLater)
    assert "KeyError" in decided.because
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


async def test_an_error_while_looking_for_a_trace_is_tried_again(bench):
    """A fault in a step's look-up leaves its doubt as it was, and stops neither the other steps nor the worker."""
    bench.world.after["room"] = Unknown("The connection was reset.")
    bench.world.find_crashes_at["room"] = {1}
    worker = await bench.worker()
    assert isinstance(await bench.launch(worker), RetryLater)
    decided = await bench.launch(worker)
    assert isinstance(decided, RetryLater)
    assert "KeyError" in decided.because
    assert await bench.launch(worker) == Complete()
    assert Counter(bench.world.made) == Counter(ALL)


class Call(Lookup[Paged]):
    name = "call"
    wants = (Room,)
    result = Paged

    def __init__(self, world):
        self.world = world

    async def run(self, incident, done):
        await self.world.make("call")
        page = Page(person="ada@contoso.example", name="Ada", by="mention", told=True, answer="", why="")
        return Paged(pages=(page,))


class CallSomebodyElse(Lookup[Paged]):
    """Nothing to do where somebody was told."""

    name = "call-somebody-else"
    result = Paged

    def __init__(self, world):
        self.world = world

    def without_effect(self, incident, done):
        return Paged() if done.pages.told.is_set() else None

    async def run(self, incident, done):
        await self.world.make("call somebody else")
        return Paged()


async def test_whoever_was_told_in_an_earlier_attempt_is_told(bench):
    """The step that told somebody has its turn late in the next attempt, and nobody else is called meanwhile."""
    world, whole = bench.world, await bench.worker()
    first = replace(whole, playbook=[Room(world), Call(world)])
    world.before["room"] = Unreachable("Nobody answered.")
    assert isinstance(await bench.launch(first), RetryLater)
    then = replace(whole, playbook=[Room(world), Call(world), CallSomebodyElse(world)])
    assert await bench.launch(then) == Complete()
    assert Counter(world.made) == Counter(("call", "room"))
