"""One run of several workers on one incident, in which every fate of every request is chosen from outside."""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any, Protocol

from memory_table import MemoryTable
from model_fates import (
    ALLOWANCE,
    LAG,
    LEASE,
    NOT_READ,
    NOT_STORED,
    REMOTE_WRITE,
    SETTLE,
    STORE_READ,
    STORE_WRITE,
    Fate,
    Kind,
    Request,
    Then,
)
from model_oracle import Oracle, Violation, WatchedTable
from model_worker import Worker
from model_world import Client, World, playbook
from scenarios import HORIZON, Scenario
from virtual_time import Running, TrueTime, WorkerClock, WorkerLoop, engine_under

from worker.domain.errors import TocsinError
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.settlement import RetryLater, Settlement
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.storage.stores import Stores

_RESTART = 1.0
_NAMES = ("one", "two")
_WHILE_AWAY = {STORE_WRITE: NOT_STORED, STORE_READ: NOT_READ}
_GIVE_UP_AFTER = HORIZON + timedelta(hours=1)
_MOST_REQUESTS = 2_000


class Chooser(Protocol):
    def choose(self, where: str, options: Sequence[str]) -> int:
        """The number of one of the options; 0 is what ordinarily happens."""


class Run:
    """Use `play` for a whole run, or the single moves; `check` says what must hold at the end."""

    def __init__(self, scenario: Scenario, chooser: Chooser, tell: Callable[[str], None] = lambda _: None) -> None:
        self.scenario = scenario
        self.chooser = chooser
        self.tell = tell
        self.time = TrueTime()
        self.world = World(self.time, scenario.lag)
        self.table = MemoryTable(self.time.now)
        self.table.create()
        self.running = Running()
        self.undecided: list[Request] = []
        self.later: list[tuple[float, int, Callable[[], None]]] = []
        self.workers: dict[int, Worker] = {}
        self.incident = Incident(key="k", event=Event(title="Down", key="k"), received_at=self.time.now())
        self.story: list[str] = []
        self.tally: Counter[str] = Counter()
        self.oracle = Oracle(self.world, self.table, self.incident.id)
        self.table_away_until = 0.0
        self._order = itertools.count()

    # The whole.

    def play(self) -> None:
        with engine_under(self.running):
            try:
                for number in range(self.scenario.workers):
                    self.start(number)
                while not self.all_settled:
                    self.step()
                self.let_everything_land()
                self.check()
            finally:
                self.dispose()

    def step(self) -> None:
        """Decide what becomes of one request, or let time pass to the next thing that happens by itself."""
        if self.undecided:
            self.decide(self._next_request())
        elif not self.pass_time():
            raise Violation("Nobody goes on, and the message is not settled.")
        if self.time.seconds > HORIZON.total_seconds() or self.tally["requests"] > _MOST_REQUESTS:
            raise Violation("The launch does not come to an end.")

    def let_everything_land(self) -> None:
        while self.undecided:
            self.decide(self.undecided[0])
        while self.later:
            self.pass_time()

    def dispose(self) -> None:
        for worker in self.workers.values():
            self._end(worker)

    @property
    def all_settled(self) -> bool:
        return all(worker.settlement is not None for worker in self.workers.values())

    # Moves.

    def start(self, number: int, life: int = 1) -> Worker:
        # Each process has a monotonic clock of its own: a value of one means nothing to another.
        clock = WorkerClock(self.time, self.scenario.wall_errors[number], monotonic_start=1000.0 * (number + 2 * life))
        worker = Worker(_NAMES[number], number, life, WorkerLoop(clock))
        self.workers[number] = worker
        self._serve(worker)
        return worker

    def deliver_again(self) -> None:
        """The settled message comes once more, to everybody."""
        for worker in [worker for worker in self.workers.values() if worker.alive]:
            worker.settlement = None
            self._serve(worker)

    def decide(self, request: Request, fate: Fate | None = None) -> None:
        self.undecided.remove(request)
        fate = fate or self._choose_fate(request)
        if fate.then is not Then.LIVES:
            self.tally[fate.then.value] += 1
        if fate.then is Then.DIES:
            self.kill(request.worker)
        if fate.then in {Then.PAUSES, Then.SLEEPS} and request.worker.alive:
            self.pause(request.worker, fate.pause)
        if fate.then is Then.SLEEPS:
            request.worker.loop.clock.slept += fate.pause.total_seconds()
        self._carry_out(request, fate)
        self._disturb(request.worker, fate)
        self._let_run(request.worker)

    def pass_time(self) -> bool:
        """Go to the next moment at which something happens by itself; False when there is none."""
        moments = [worker_due for worker in self.workers.values() if (worker_due := self._due(worker)) is not None]
        moments += [self.later[0][0]] if self.later else []
        if not moments:
            return False
        self.time.seconds = max(min(moments), self.time.seconds)
        while self.later and self.later[0][0] <= self.time.seconds:
            heapq.heappop(self.later)[2]()
        for worker in list(self.workers.values()):
            self._let_run(worker)
        return True

    def check(self) -> None:
        self.oracle.check_end(self.scenario.within)

    # A worker's life.

    def _serve(self, worker: Worker) -> None:
        worker.stopping = asyncio.Event()
        launcher = self._launcher(worker)
        worker.task = worker.loop.create_task(self._launch_until_settled(worker, launcher))
        self._let_run(worker)

    def _launcher(self, worker: Worker) -> Launcher:
        async def to_table(kind: str, name: str, happen: Callable[[], Any]) -> Any:
            return await self._send(worker, STORE_WRITE if kind == "write" else STORE_READ, name, happen)

        async def to_world(kind: Kind, name: str, happen: Callable[[], Any]) -> Any:
            return await self._send(worker, kind, name, happen)

        table = WatchedTable(self.table, to_table, self.oracle, worker)
        stores = Stores.of(table, owner=worker.owner, lease_duration=LEASE)
        steps = playbook(Client(self.world, to_world))
        timing = Timing(allowance=ALLOWANCE, lookup_lag=LAG)
        return Launcher(steps, stores, timing, give_up_after=_GIVE_UP_AFTER)

    async def _launch_until_settled(self, worker: Worker, launcher: Launcher) -> None:
        while worker.settlement is None:
            decided = await self._launched(worker, launcher)
            if not isinstance(decided, RetryLater):
                await self._settle(worker, decided)
            elif worker.stopping.is_set():
                # The process has ended; another one is started in its place.
                self._at(_RESTART, lambda: self._restart(worker))
                return
            else:
                await asyncio.sleep(decided.delay.total_seconds())

    async def _launched(self, worker: Worker, launcher: Launcher) -> Settlement:
        try:
            return await launcher.launch(self.incident, worker.stopping)
        except Exception as error:  # noqa: BLE001 (nothing but a decision may come out of a launch)
            self.oracle.note(f"A launch ended in {type(error).__name__}: {error}")
            return RetryLater(timedelta(seconds=_RESTART), "crashed")

    async def _settle(self, worker: Worker, decided: Settlement) -> None:
        try:
            await self._send(worker, SETTLE, type(decided).__name__, lambda: self.oracle.check_settled(decided))
        except TocsinError:
            return  # the queue delivers the message again
        worker.settlement = decided

    def kill(self, worker: Worker) -> None:
        if worker.alive:
            self._end(worker)
            self._at(_RESTART, lambda: self._restart(worker))

    def _end(self, worker: Worker) -> None:
        if worker.alive:
            worker.alive = False
            self.running.clock = worker.loop.clock
            worker.loop.dispose()

    def _restart(self, worker: Worker) -> None:
        if self.workers[worker.number] is worker:
            self._end(worker)
            self.start(worker.number, worker.life + 1)

    def pause(self, worker: Worker, pause: timedelta) -> None:
        worker.paused_until = max(worker.paused_until, self.time.seconds + pause.total_seconds())
        self._at(pause.total_seconds(), lambda: None)

    def _disturb(self, worker: Worker, fate: Fate) -> None:
        then = fate.then
        if then is Then.FINDS_TABLE_AWAY:
            self.table_away_until = self.time.seconds + fate.pause.total_seconds()
        if then is Then.STOPS and worker.alive:
            worker.stopping.set()
        if then is Then.LOSES_LOCK and worker.alive and worker.task and not worker.task.done():
            worker.task.cancel()
            self._at(_RESTART, lambda: self._redeliver(worker))

    def _redeliver(self, worker: Worker) -> None:
        if not worker.alive or worker.settlement is not None or worker.task is None:
            return
        if worker.task.done():
            self._serve(worker)
        else:
            self._at(_RESTART, lambda: self._redeliver(worker))

    def _let_run(self, worker: Worker) -> None:
        if worker.alive and worker.paused_until <= self.time.seconds:
            self.oracle.turn += 1
            self.running.clock = worker.loop.clock
            worker.loop.run_what_is_due()
        self.oracle.check_turn()

    def _due(self, worker: Worker) -> float | None:
        if not worker.alive:
            return None
        due = worker.loop.next_due()
        return None if due is None else max(due, worker.paused_until)

    # Requests.

    async def _send(self, worker: Worker, kind: Kind, name: str, happen: Callable[[], Any]) -> Any:
        if not worker.alive:
            raise asyncio.CancelledError
        request = Request(worker, kind, name, happen, worker.loop.create_future())
        if kind.name == "make":
            self.oracle.check_right_to_send(worker, name)
        self.tally["requests"] += 1
        self.undecided.append(request)
        return await request.answer

    def _next_request(self) -> Request:
        return self.undecided[self._choose("next", [str(request) for request in self.undecided])]

    def _choose_fate(self, request: Request) -> Fate:
        fates = [fate for fate in self._fates(request.kind) if request.worker.alive or fate.then is Then.LIVES]
        return fates[self._choose(str(request), [fate.name for fate in fates])]

    def _fates(self, kind: Kind) -> Iterator[Fate]:
        if kind in _WHILE_AWAY and self.time.seconds < self.table_away_until:
            yield _WHILE_AWAY[kind]
            return
        only = self.scenario.only
        ordinary, *others = kind.fates
        yield ordinary
        yield from (fate for fate in others if only is None or fate.name in only)
        yield from self.scenario.beyond if kind is REMOTE_WRITE else ()

    def _choose(self, where: str, options: Sequence[str]) -> int:
        if len(options) == 1:
            return 0
        self.tally["choice points"] += 1
        chosen = self.chooser.choose(where, options)
        told = f"{self.time.seconds:8.1f}  {where} -> {options[chosen]}"
        self.story.append(told)
        self.tell(told)
        return chosen

    def _carry_out(self, request: Request, fate: Fate) -> None:
        outcome: list[Any] = []

        def land() -> None:
            outcome.append(_outcome(request.happen))

        def answer() -> None:
            if not request.answer.done():
                _tell(request, fate.error() if fate.error else outcome[0])

        for delay, event in ((fate.lands, land), (fate.answers, answer)):
            if delay is not None:
                self._at(delay.total_seconds(), event)

    def _at(self, delay: float, event: Callable[[], None]) -> None:
        if delay:
            heapq.heappush(self.later, (self.time.seconds + delay, next(self._order), event))
        else:
            event()


def _outcome(happen: Callable[[], Any]) -> Any:
    try:
        return happen()
    except Violation:
        raise
    except Exception as error:  # noqa: BLE001 (whatever the system refuses is its answer)
        return error


def _tell(request: Request, outcome: Any) -> None:
    if isinstance(outcome, Exception):
        request.answer.set_exception(outcome)
    else:
        request.answer.set_result(outcome)
