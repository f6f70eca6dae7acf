"""One cell of a matrix: an incident, its workers and its troubles, run until all is settled and then counted."""

import asyncio
import itertools
import json
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chaos_bench import Bench
from chaos_gate import Answer, Exchange, Forward, Gates
from chaos_moments import of_remote, of_table
from chaos_oracle import EXPECTED, Verdict, dead_letters, in_queue, verdict
from chaos_processes import Worker
from chaos_queue_gate import Passing, queue_gate
from chaos_troubles import COPY, SETTLEMENT, Fault, Pause, Trouble

from worker.domain.event import Event
from worker.domain.incident import incident_id

LIMIT = 150.0
# A story is read by a person: a cell that never ends would tell of nothing but its repetitions.
_LINES = 80
_LINE = 300
# What the message's own settlement follows.
_ENDS = {"close launched", "close failed"}
# With one of these a worker that was stopped lets go of the message it had.
_LET_GO = {"message.settled", "message.lock_lost", "queue.failed", "worker.crashed"}


@dataclass(frozen=True)
class Cell:
    """Troubles happen one after the other: the second is waited for once the first has happened.

    One that lasts has no turn: it is there from the beginning to the end, or until it is lifted. What is to be missing
    must be kept away by one that is never lifted: after any other, an attempt that a busy machine put off is followed
    by one that succeeds. `besides`: what is to be there more than of any launch; `age`, in seconds, is the incident's
    when it is first attempted.
    """

    troubles: tuple[Trouble, ...]
    workers: int = 1
    settings: tuple[tuple[str, str], ...] = ()
    lagging: bool = False
    dead_letters: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    severity: int = 3
    age: float = 0.0
    limit: float = LIMIT

    def __post_init__(self) -> None:
        lasting = any(isinstance(trouble, Fault) and trouble.lasts and not trouble.until for trouble in self.troubles)
        assert lasting or not (self.dead_letters or self.without), f"{self}: nothing keeps away what is to be missing."

    def __str__(self) -> str:
        told = " then ".join(str(trouble) for trouble in self.troubles)
        notes = [f"{self.workers} workers"] if self.workers > 1 else []
        notes += ["look-ups lag"] if self.lagging else []
        notes += [f"severity {self.severity}"] if self.severity != 3 else []
        notes += [f"{self.age:.0f} s old"] if self.age else []
        notes += [f"{name.removeprefix('TOCSIN_').lower()} {value}" for name, value in self.settings]
        return f"{told} ({', '.join(notes)})" if notes else told


@dataclass
class AttemptOutcome:
    cell: Cell
    incident_id: str
    verdict: Verdict
    problems: list[str]
    kills: int
    seconds: float
    story: str

    @property
    def is_clean(self) -> bool:
        return self.verdict.is_clean and not self.problems

    def __str__(self) -> str:
        told = "; ".join([str(self.verdict), *self.problems])
        return f"{self.cell}: {told}\n{self.story}"


def expected_of(cell: Cell) -> Counter:
    usual = {effect: count for effect, count in EXPECTED.items() if effect not in cell.without}
    return Counter(usual) + Counter(cell.besides)


async def run_cell(bench: Bench, cell: Cell) -> AttemptOutcome:
    async with AsyncExitStack() as stack:
        return await CellRun(bench, cell, stack).outcome()


@dataclass
class CellRun:
    """What one cell goes through; another kind of cell goes on after its launch, and names its moments itself."""

    bench: Bench
    cell: Cell
    stack: AsyncExitStack
    workers: dict[int, Worker] = field(default_factory=dict)
    kills: int = 0

    def __post_init__(self) -> None:
        self.key = f"chaos-{uuid.uuid4()}"
        self.incident_id = incident_id(self.key)
        self.queue = self.bench.queue_of_its_own()
        self.gates = Gates(self.bench.session, self._meet)
        self.lasting = [
            trouble for trouble in self.cell.troubles if isinstance(trouble, Fault) and (trouble.lasts or trouble.until)
        ]
        passing = [trouble for trouble in self.cell.troubles if trouble not in self.lasting]
        self.to_come = [trouble for trouble in passing for _ in range(getattr(trouble, "times", 1))]
        self.numbers = itertools.count(1)
        self.births: list[asyncio.Task] = []
        self.stopped: Worker | None = None
        self.ending: set[str] = set()

    async def outcome(self) -> AttemptOutcome:
        began = time.monotonic()
        self.stack.push_async_callback(self._end_all)
        problems = []
        try:
            async with asyncio.timeout(self.cell.limit):
                await self._live()
        except TimeoutError:
            problems.append(
                f"not settled within {self.cell.limit:.0f} s; still to come: {[str(each) for each in self.to_come]}"
            )
        state = await self.bench.state()
        if (found := dead_letters(state, self.queue)) != list(self.cell.dead_letters):
            problems.append(f"dead letters {found}")
        judged = verdict(state, self.incident_id, expected_of(self.cell))
        seconds = time.monotonic() - began
        return AttemptOutcome(self.cell, self.incident_id, judged, problems, self.kills, seconds, self._story())

    async def _live(self) -> None:
        received = datetime.now(UTC) - timedelta(seconds=self.cell.age) if self.cell.age else None
        event = Event(
            title="Checkout is down",
            service="checkout",
            key=self.key,
            severity=self.cell.severity,
            received_at=received,
        )
        await self.bench.publish(self.queue, *[event] * self.cell.workers)
        for _ in range(self.cell.workers + any(isinstance(each, Pause) for each in self.cell.troubles)):
            await self._bear()
        await self._until_settled()
        if self.stopped:
            await self._resume(self.stopped)
            await self._until_settled()

    async def _bear(self) -> None:
        number, bench, gates, stack = next(self.numbers), self.bench, self.gates, self.stack

        async def watch(passing: Passing) -> bool:
            return self._meet_settlement(passing, number)

        settings = bench.settings_behind(
            self.queue,
            http=await stack.enter_async_context(gates.open(number, bench.http, self.of_remote)),
            tables=await stack.enter_async_context(gates.open(number, bench.tables, of_table)),
            queue_port=await stack.enter_async_context(queue_gate(bench.queue_port, self.key.encode(), watch)),
        )
        self.workers[number] = bench.workers.start(settings | dict(self.cell.settings))

    async def _until_settled(self) -> None:
        while True:
            state = await self.bench.state()
            if not self.to_come and not in_queue(state, self.queue) and not self.gates.under_way:
                return

    async def _resume(self, worker: Worker) -> None:
        before = len(worker.events())
        worker.go_on()
        while not any(event["event"] in _LET_GO for event in worker.events()[before:]):
            await asyncio.sleep(0.1)

    async def _meet(self, exchange: Exchange, forward: Forward) -> Answer:
        trouble = self._due(exchange.labels)
        answer = await (trouble.meet(exchange, forward, self) if trouble else forward())
        if exchange.applied:
            self.lasting = [each for each in self.lasting if each.until not in exchange.labels]
        if exchange.applied:
            self._note(exchange.labels)
        return answer

    def of_remote(self, method: str, path: str, body: bytes) -> frozenset[str]:
        return of_remote(method, path, body)

    def _note(self, applied: frozenset[str]) -> None:
        if applied & _ENDS:
            self.ending.add(SETTLEMENT)

    def _due(self, labels: frozenset[str]) -> Trouble | None:
        if self.to_come and self.to_come[0].at in labels:
            return self.to_come.pop(0)
        return next((trouble for trouble in self.lasting if trouble.at in labels), None)

    def _meet_settlement(self, passing: Passing, worker: int) -> bool:
        """Before the end of an attempt, what passes are answers to the renewal of the lock and such."""
        if passing is Passing.COPY:
            self.ending.add(COPY)
        if not self.to_come or self.to_come[0].at not in self.ending:
            return True
        passes = self.to_come[0].meet_settlement(passing, worker, self)
        if passes is None:
            return True
        self.to_come.pop(0)
        return passes

    def kill(self, worker: int) -> None:
        """And let another one be born at once."""
        self.kills += 1
        self.workers[worker].kill()
        self.births.append(asyncio.create_task(self._bear()))

    def stop(self, worker: int) -> None:
        self.stopped = self.workers[worker]
        self.stopped.stop()

    async def _end_all(self) -> None:
        await asyncio.gather(*self.births)
        for worker in self.workers.values():
            await worker.end()

    def _story(self) -> str:
        lines = [f"{exchange}" for exchange in self.gates.log if "check" not in exchange.labels][:_LINES]
        for number, worker in self.workers.items():
            lines += [f"worker {number}: {_told(event)}" for event in worker.events()[:_LINES]]
            strange = (line for line in worker.words().splitlines() if not line.startswith("{"))
            lines += [f"worker {number}: {line}" for line in strange]
        return "\n".join(f"  {line[:_LINE]}" for line in lines)


def _told(event: dict) -> str:
    shown = {name: value for name, value in event.items() if name not in {"message", "incident", "level", "delivery"}}
    return json.dumps(shown)
