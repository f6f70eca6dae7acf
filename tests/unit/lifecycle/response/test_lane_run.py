"""Lanes: each effect once, in its order, none waiting for another lane, and none lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from lane_bench import INCIDENT, LaneBench, Make, OpenRoom
from patience import LIMIT

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held, Interrupted, Rejected, Transient, Unknown
from worker.domain.lease import Release
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import CLOCK
from worker.domain.states import StepState
from worker.engine.lane import Lane, LaneOrder
from worker.lifecycle.response.lane_run import NotThereYet

EACH, IN_ORDER, NEWEST = LaneOrder.EACH, LaneOrder.IN_ORDER, LaneOrder.NEWEST


@pytest.fixture
def bench():
    return LaneBench()


async def run(bench, lane, entries, **effects):
    return await bench.run_of().run(lane, entries, bench.effects(**effects))


@pytest.mark.parametrize(
    ("order", "made"), [(EACH, ["words-1", "words-2"]), (IN_ORDER, ["words-1", "words-2"]), (NEWEST, ["words-2"])]
)
async def test_each_effect_is_brought_about_once(bench, order, made):
    """However often the lane is run; of what shows how it stands the newest does for all."""
    entries = await bench.record("note", "note")
    for _ in range(2):
        assert await run(bench, bench.lane(order), entries) == {}
    assert sorted(bench.world.made) == made
    assert bench.world.looked == []


async def test_the_lane_says_which_entry_stands_for_all_that_are_owed(bench):
    """And none of the others is owed any more."""
    await bench.record("note")
    (last,) = await bench.record("note")
    shown = bench.lane(NEWEST, stands_for_all=lambda entries: entries[0])
    lane = replace(shown, playbook=lambda entry, _: [Make(bench.world, "show", f"words-{entry.seq}")])
    for _ in range(2):
        assert await run(bench, lane, [last]) == {}
    assert bench.world.made == ["words-1"]


async def test_a_lane_that_is_done_costs_a_look_and_no_lease(bench):
    """What comes a second time is in nobody's way."""
    entries = await bench.record("note")
    await run(bench, bench.lane(IN_ORDER), entries)
    await bench.owned_by("two").lanes.lease(INCIDENT, "words")
    assert await run(bench, bench.lane(IN_ORDER), entries) == {}


@pytest.mark.parametrize("order", [IN_ORDER, NEWEST])
async def test_what_is_owed_of_earlier_entries_comes_with_the_later(bench, order):
    """In their order: a worker that died before them is made up for by whoever comes next."""
    await bench.record("note", "silent")
    (last,) = await bench.record("note")
    assert await run(bench, bench.lane(order), [last]) == {}
    assert bench.world.made == (["words-1", "words-3"] if order is IN_ORDER else ["words-3"])


async def test_what_comes_later_does_for_what_came_before(bench):
    """The message of an entry that another one went past finds everything done."""
    first, *_ = await bench.record("note", "note")
    entries = await bench.stores.responses.entries(INCIDENT.id)
    await run(bench, bench.lane(IN_ORDER), entries[-1:])
    assert await run(bench, bench.lane(IN_ORDER), [first]) == {}
    assert bench.world.made == ["words-1", "words-2"]


@pytest.mark.parametrize("error", [Transient("Not now."), Unknown("Perhaps.")])
async def test_in_order_nothing_goes_past_what_failed_for_now(bench, error):
    """And each by itself all others go on."""
    entries = await bench.record("note", "note")
    bench.world.trouble["words-1"] = error
    for order, made in ((IN_ORDER, []), (EACH, ["words-2"])):
        assert await run(bench, bench.lane(order), entries) == {"words-1": error}
        assert bench.world.made == made


async def test_what_never_succeeds_stops_nothing(bench):
    """It is said in the log, and the next entry has its turn."""
    entries = await bench.record("note", "note")
    bench.world.trouble["words-1"] = Rejected("Never.")
    assert await run(bench, bench.lane(IN_ORDER), entries) == {}
    assert bench.world.made == ["words-2"]


async def test_a_fault_of_a_lane_is_its_own(bench):
    """It costs no message its settlement for good, and no other lane anything."""
    entries = await bench.record("note")

    def playbook(entry, response):
        raise KeyError(entry.seq)

    broken = Lane("broken", IN_ORDER, lambda _: True, playbook)
    failures = await run(bench, broken, entries)
    assert isinstance(failures["broken"], Unknown)
    assert await run(bench, bench.lane(IN_ORDER), entries) == {}


async def test_a_hung_effect_holds_up_its_own_lane_alone(bench):
    """Other lanes, and with each by itself other entries, are done meanwhile; who wants the same lane is told so."""
    entries = await bench.record("note", "note")
    bench.world.hangs.add("slow-1")
    slow = asyncio.create_task(run(bench, bench.lane(EACH, "slow"), entries))
    await asyncio.wait_for(bench.world.reached.wait(), LIMIT)
    assert await run(bench, bench.lane(IN_ORDER), entries) == {}
    failures = await run(bench, bench.lane(EACH, "slow"), entries)
    assert {name: type(error) for name, error in failures.items()} == {"slow-1": Held}
    assert sorted(bench.world.made) == ["slow-2", "words-1", "words-2"]
    slow.cancel()
    await asyncio.gather(slow, return_exceptions=True)


async def test_an_effect_waits_for_what_it_builds_on(bench):
    """Until the launch has made it; then it has its result."""
    entries = await bench.record("note")
    lane = bench.lane(IN_ORDER, needs=(OpenRoom,))
    failures = await run(bench, lane, entries)
    assert {name: type(error) for name, error in failures.items()} == {"words": NotThereYet}
    await bench.launch()
    assert await run(bench, lane, entries) == {}
    assert bench.world.made == ["words-1"]


async def test_a_stopping_worker_begins_no_effect(bench):
    """What is left goes to another one."""
    entries = await bench.record("note")
    bench.stopping.set()
    failures = await run(bench, bench.lane(IN_ORDER), entries)
    assert [type(error) for error in failures.values()] == [Interrupted]
    assert bench.world.made == []


async def test_what_an_effect_came_to_is_recorded_before_it_is_done_with(bench):
    """A worker that dies over the recording comes back to it."""
    entries = await bench.record("note")

    def follow(entry, made):
        return [Act(act=ActKind.OUTCOME, id=f"told-{entry.seq}-{made['words-1'].state}", actor=CLOCK)]

    lane = bench.lane(IN_ORDER, follow=follow)
    effects = bench.effects()

    async def fails(_act):
        raise Transient("The store is away.")

    failures = await bench.run_of().run(lane, entries, type(effects)(INCIDENT, {}, fails, None, bench.stopping))
    assert list(failures) == ["words"]
    assert await run(bench, lane, entries) == {}
    assert bench.recorded == ["told-1-done"]
    assert bench.world.made == ["words-1"]


async def test_an_effect_in_doubt_is_looked_for(bench):
    """What a worker that died has begun is found, and not made a second time."""
    entries = await bench.record("note")
    await begun(bench, "words", "words-1", timedelta())
    bench.world.made.append("words-1")
    assert await run(bench, bench.lane(IN_ORDER), entries) == {}
    assert (bench.world.made, bench.world.looked) == (["words-1"], ["words-1"])


async def begun(bench, lane, step, allowance):
    """By a worker that died."""
    lease = await bench.owned_by("dead").lanes.lease(INCIDENT, lane)
    checkpoint = Checkpoint(step, StepState.BEGUN, 1, lease.first_attempt_at, allowance=allowance)
    await bench.owned_by("dead").lanes.store.commit(lease, [checkpoint], Release())


# What shows how it stands.


@pytest.mark.parametrize("trouble", [{}, {"words-2": Transient("Not now.")}], ids=["done", "fails for now"])
@pytest.mark.parametrize("order", [NEWEST, IN_ORDER])
async def test_what_is_written_meanwhile_is_done_by_whoever_has_the_lane(bench, order, trouble):
    """It is not taken for shown with what was shown; its own message finds it done, or comes again for it."""
    made = ["words-1", "words-2"]
    entries = await bench.record("note")

    async def meanwhile(kind, name, happen):
        found = happen()
        if kind == "read" and name == "rows" and found.rows and found.rows[0]["RowKey"] == "state" and not later:
            later.extend(await bench.record("note"))
        return found

    later = []
    through = bench.owned_by("one", meanwhile)
    # The lane's lease first, whose read has no state.
    bench.world.trouble |= trouble
    assert await bench.run_of(through).run(bench.lane(order), entries, bench.effects()) == {}
    assert bench.world.made == (made[:1] if trouble else made)
    bench.world.trouble.clear()
    assert await run(bench, bench.lane(order), later) == {}
    assert bench.world.made == made


@pytest.mark.parametrize("order", [NEWEST, IN_ORDER])
async def test_while_another_has_the_lane_only_the_newest_message_waits_for_it(bench, order):
    """It ends with all that came before; an entry that concerns others is none of these."""
    first, second, silent = await bench.record("note", "note", "silent")
    held = await bench.owned_by("two").lanes.lease(INCIDENT, "words")
    assert await run(bench, bench.lane(order), [first]) == {}
    *waiting, anew = await asyncio.gather(
        *(run(bench, bench.lane(order), [entry]) for entry in (second, silent)),
        run(bench, bench.lane(order), [first], anew=True),
    )
    assert [type(failures["words"]) for failures in waiting] == [Held, Held]
    assert (anew == {}) is (order is IN_ORDER)
    await bench.stores.lanes.store.commit(held, [], Release())
    assert await run(bench, bench.lane(order), [second]) == {}
    assert bench.world.made == (["words-1", "words-2"] if order is IN_ORDER else ["words-3"])


async def test_what_a_worker_that_died_may_yet_show_is_shown_over(bench):
    """Before anything is shown it is noted until when; and then the newest is shown once more."""
    entries = await bench.record("note")
    await begun(bench, "words", "show", timedelta(seconds=50))
    bench.world.trouble["words-1"] = Transient("Not now.")
    assert list(await run(bench, bench.lane(NEWEST), entries)) == ["show"]
    assert len(bench.shown_again) == 1
    bench.world.trouble.clear()
    assert await run(bench, bench.lane(NEWEST), entries) == {}
    assert bench.world.made == ["words-1"]
    assert await run(bench, bench.lane(NEWEST), entries, anew=True) == {}
    assert bench.world.made == ["words-1", "words-1"]
    assert len(bench.shown_again) == 1


@pytest.mark.parametrize("order", [EACH, IN_ORDER])
async def test_nothing_else_is_done_anew(bench, order):
    """Only what shows how it stands may be done twice."""
    entries = await bench.record("note")
    for anew in (False, True):
        assert await run(bench, bench.lane(order), entries, anew=anew) == {}
    assert bench.world.made == ["words-1"]


async def test_the_steps_of_two_entries_are_two(bench):
    """Each has the name of its entry, by which its checkpoint is kept."""
    entries = await bench.record("note", "note")
    await run(bench, bench.lane(IN_ORDER), entries)
    stored = await bench.stores.lanes.lease(INCIDENT, "words")
    assert set(stored.checkpoints) == {"words-1", "words-2", "through"}
    assert Make(bench.world, "words-1").name == "words-1"
