"""The time of the model, its loops and its workers' deaths: what the explorations stand on."""

import asyncio
from datetime import timedelta

import pytest
from exploration import Prescribed
from model_fates import REMOTE_WRITE, Fate, Then
from model_run import Run
from scenarios import SCENARIOS
from virtual_time import TrueTime, WorkerClock, WorkerLoop, engine_under


@pytest.fixture
def loop():
    loop = WorkerLoop(WorkerClock(TrueTime(), wall_error=timedelta(minutes=5), monotonic_start=1_000.0))
    yield loop
    loop.dispose()


@pytest.fixture
def run():
    """One worker that has just been started."""
    run = Run(SCENARIOS["one-worker"], Prescribed({}))
    with engine_under(run.running):
        run.start(0)
        yield run
        run.dispose()


def until_the_world_is_asked(run, what):
    while not any(request.name == what for request in run.undecided):
        run.decide(run.undecided[0], run.undecided[0].kind.fates[0])
    return next(request for request in run.undecided if request.name == what)


def test_time_passes_only_when_it_is_told_to(loop):
    """A timer waits for its moment, and what is due then goes as far as it can."""
    woken = []

    async def sleep_twice():
        for _ in range(2):
            await asyncio.sleep(3)
            woken.append(loop.clock.true.seconds)

    loop.create_task(sleep_twice())
    loop.run_what_is_due()
    assert (loop.next_due(), woken) == (3.0, [])
    for moment in (3.0, 6.0):
        loop.clock.true.seconds = moment
        loop.run_what_is_due()
    assert woken == [3.0, 6.0]


def test_each_process_has_clocks_of_its_own():
    """The wall clock is wrong by what it is told to be; the monotonic one began somewhere, and does not count sleep."""
    true = TrueTime()
    clock = WorkerClock(true, wall_error=timedelta(minutes=-5), monotonic_start=50.0, slept=2.0)
    true.seconds = 10.0
    assert true.now() - clock.now(true.now().tzinfo) == timedelta(minutes=5)
    assert clock.monotonic() == 58.0


def test_the_dead_send_nothing(run):
    """With a worker's death everything of it ends, whatever was to follow; another life begins later."""
    worker = run.workers[0]
    request = until_the_world_is_asked(run, "item")
    run.decide(request, Fate("dies", timedelta(), None, then=Then.DIES))
    asked = run.tally["requests"]
    assert not worker.alive
    assert worker.loop.is_closed()
    assert run.tally["requests"] == asked
    run.pass_time()
    assert run.workers[0].life == 2


def test_the_paused_send_nothing_until_they_go_on(run):
    """An answer that came meanwhile waits with them."""
    request = until_the_world_is_asked(run, "item")
    run.decide(request, Fate("pauses", then=Then.PAUSES, pause=timedelta(seconds=40)))
    asked = run.tally["requests"]
    while run.undecided:
        run.decide(run.undecided[0], run.undecided[0].kind.fates[0])
    assert run.tally["requests"] == asked
    run.pass_time()
    assert run.time.seconds == 40.0
    assert run.tally["requests"] > asked


def test_what_lands_late_lands_all_the_same(run):
    """A request whose worker is dead is carried out when its time has come."""
    request = until_the_world_is_asked(run, "item")
    late = next(fate for fate in REMOTE_WRITE.fates if fate.then is Then.DIES and fate.lands)
    run.decide(request, late)
    assert run.world.counts()["item"] == 0
    while run.time.seconds < late.lands.total_seconds():
        run.step()
    assert run.world.counts()["item"] == 1
