"""One cell: some systems are away when an incident comes; who is told while they are, and what is there afterwards."""

import asyncio
import itertools
import time
import uuid
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from tempfile import TemporaryDirectory

from chaos_bench import Bench
from chaos_gate import Answer, Exchange, Forward, Gates
from chaos_oracle import dead_letters, in_queue
from chaos_processes import Worker
from told_oracle import MENTION, MENTION_ELSEWHERE, SMS, WEBHOOK, Told, faults, message_times, tellings, traces
from told_systems import OF_THEIR_OWN, How, System, commits, misbehave, of_boards, of_bot, of_graph, of_tables

from worker.domain.event import Event, Severity
from worker.domain.incident import incident_id
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.storage.stores import Stores

# What the product promises, in seconds from the receipt.
PROMISED = 30.0
# So late a busy machine may see what has its own time beside it.
_LOOKING = 10.0
# A fifth of the waits that a house has. A dead worker's message comes back when its lock ends, and has its lease then.
SCALED = {
    "TOCSIN_ANNOUNCE_PATIENCE_SECONDS": "1",
    "TOCSIN_CALL_TIMEOUT_SECONDS": "3",
    "TOCSIN_LEASE_SECONDS": "3",
    "TOCSIN_LOOKUP_LAG_SECONDS": "1",
    "TOCSIN_PROBE_SECONDS": "1",
}
# As a house has them that has set none of these.
AS_DELIVERED = {
    "TOCSIN_ANNOUNCE_PATIENCE_SECONDS": "5",
    "TOCSIN_CALL_TIMEOUT_SECONDS": "75",
    "TOCSIN_LEASE_SECONDS": "30",
    "TOCSIN_LOOKUP_LAG_SECONDS": "30",
    "TOCSIN_PROBE_SECONDS": "15",
}
# What waits for a look-up, a lease and a quarantine takes as long; on a busy machine several times.
_LIMIT = 200.0
# What a worker says that finds no table: at a message, or at its own start.
_WAITING = ("store.failed", "breaker.opened", "worker.waiting")
_LINES = 100
_LINE = 300


@dataclass(frozen=True)
class ToldCell:
    """`away`: each system and how. `killed_at`: the transaction after which the worker dies and another is born.

    Unless it `heals`, nothing is looked at but who is told. `last_resort`: whether there is one. `keeps_copy`: whether
    the workers keep on disk whom the tables named last.
    """

    away: tuple[tuple[System, How], ...]
    severity: Severity
    killed_at: int = 0
    heals: bool = True
    last_resort: bool = True
    keeps_copy: bool = False

    def __str__(self) -> str:
        told = " and ".join(f"{system} {how}" for system, how in self.away)
        notes = [f"severity {self.severity.value}"]
        notes += [f"killed at commit {self.killed_at}"] if self.killed_at else []
        notes += [] if self.heals else ["settings as delivered"]
        notes += [] if self.last_resort else ["without a last resort"]
        notes += ["with a copy on disk"] if self.keeps_copy else []
        return f"{told}, {', '.join(notes)}"

    @property
    def systems(self) -> set[System]:
        return {system for system, _ in self.away}

    @property
    def refused(self) -> set[System]:
        return {system for system, how in self.away if how == "refused" and system in OF_THEIR_OWN}

    @property
    def settings(self) -> dict[str, str]:
        resort = {} if self.last_resort else {"TOCSIN_LAST_RESORT": ""}
        return (SCALED if self.heals else AS_DELIVERED) | resort


def ways_due(cell: ToldCell) -> set[str]:
    """The ways by which somebody has to be told while the systems are away; none: that nobody is told is said."""
    # A worker calls whom it has read of before; one that was born in the outage has what another kept.
    away, people = cell.systems, "people" not in cell.systems or cell.keeps_copy or not cell.killed_at
    if "incidents" in away:
        return set()
    ways = {SMS} if people and cell.severity <= Severity.HIGH else set()
    if people and "bot" not in away and not cell.killed_at:
        ways.add(MENTION_ELSEWHERE if "Graph create" in away else MENTION)
    # Whom nobody else was told of in time; a worker that died may have told somebody by a way that is open no more.
    return ways or ({WEBHOOK} if cell.last_resort and not cell.killed_at else set())


@dataclass
class ToldOutcome:
    """`told` as the stand-ins have it by the end of the outage; `said` how soon it was said that nobody is."""

    cell: ToldCell
    told: list[Told] = field(default_factory=list)
    said: float | None = None
    during: str = ""
    state: str = ""
    problems: list[str] = field(default_factory=list)
    kills: int = 0
    seconds: float = 0.0
    looks: list[float] = field(default_factory=list)  # at which seconds after its receipt the world was read
    messages: list[str] = field(default_factory=list)
    story: str = ""

    @property
    def row(self) -> str:
        ways = ", ".join(map(str, self.told)) or "nobody"
        said = "" if self.said is None else f"; nobody told, said after {self.said:.1f} s"
        return f"{self.cell} | {ways}{said} | {self.during} | {self.state}"

    def __str__(self) -> str:
        looks = "looked after " + ", ".join(f"{look:.1f}" for look in self.looks)
        return "\n".join([self.row, *self.problems, looks, *self.messages, self.story])


async def run_told_cell(bench: Bench, stores: Stores, cell: ToldCell) -> ToldOutcome:
    """`stores`: the bench's own table of incidents, to look into while the workers are kept from it."""
    async with AsyncExitStack() as stack:
        return await _Run(bench, stores, cell, stack).outcome()


@dataclass
class _Run:
    bench: Bench
    stores: Stores
    cell: ToldCell
    stack: AsyncExitStack
    workers: dict[int, Worker] = field(default_factory=dict)
    births: list[asyncio.Task] = field(default_factory=list)
    away: bool = False
    commits: int = 0

    def __post_init__(self) -> None:
        self.key = f"told-{uuid.uuid4()}"
        self.incident_id = incident_id(self.key)
        self.queue = self.bench.queue_of_its_own()
        self.gates = Gates(self.bench.session, self._meet)
        self.numbers = itertools.count(1)
        self.found = ToldOutcome(self.cell)
        self.received_at = datetime.now(UTC)
        folder = self.stack.enter_context(TemporaryDirectory(prefix="tocsin-copy-", ignore_cleanup_errors=True))
        self.copy = {"TOCSIN_ON_CALL_COPY": folder} if self.cell.keeps_copy else {}

    async def outcome(self) -> ToldOutcome:
        began = time.monotonic()
        self.stack.push_async_callback(self._end_all)
        try:
            async with asyncio.timeout(_LIMIT):
                await self._live()
        except TimeoutError:
            self.found.problems.append(f"not settled within {_LIMIT:.0f} s")
        self.found.seconds = time.monotonic() - began
        self.found.story = self._story()
        return self.found

    async def _live(self) -> None:
        await self._bear()
        await self._until_ready()
        self.away = True
        self.received_at = datetime.now(UTC)
        event = Event(
            title="Checkout is down",
            service="checkout",
            severity=self.cell.severity,
            key=self.key,
            received_at=self.received_at,
        )
        await self.bench.publish(self.queue, event)
        await (self._nothing_can_be_done() if "incidents" in self.cell.systems else self._somebody_is_told())
        self._note_the_queue(await self.bench.state())
        if self.cell.heals:
            await self._heal()

    async def _bear(self) -> None:
        number, bench, stack = next(self.numbers), self.bench, self.stack
        refused = self.cell.refused if self.away or number == 1 else set()

        async def gate(name: str, labels, upstream: str, system: System | None = None) -> dict[str, str]:
            opening = self.gates.open(number, upstream, labels, refusing=system in refused)
            return {name: await stack.enter_async_context(opening)}

        given = bench.settings(self.queue) | self.cell.settings | self.copy
        doors = await gate("TOCSIN_BOARDS_URL", of_boards, bench.http, "Boards")
        doors |= await gate("TOCSIN_GRAPH_URL", of_graph, bench.http)
        doors |= await gate("TOCSIN_BOT_SERVICE_URL", of_bot, bench.http, "bot")
        settings = {name: value.replace(bench.http, doors.get(name, bench.http)) for name, value in given.items()}
        tables = (await gate("tables", of_tables, bench.tables))["tables"]
        settings = {name: value.replace(bench.tables, tables) for name, value in settings.items()}
        self.workers[number] = bench.workers.start(settings)

    async def _until_ready(self) -> None:
        """Until the first worker has looked at all that it can, as one does that runs since yesterday."""
        while not any("primaryChannel" in each.path and each.status == 200 for each in self.gates.log):
            await asyncio.sleep(0.05)
        while "worker.ready" not in self.workers[1].words():
            await asyncio.sleep(0.05)

    async def _meet(self, exchange: Exchange, forward: Forward) -> Answer:
        if self.away and (met := next((each for each in self.cell.away if each[0] in exchange.labels), None)):
            if "incidents" in self.cell.systems:
                self._count(exchange)
            return await misbehave(exchange, *met)
        answer = await forward()
        if self.away:
            self._count(exchange)
        return answer

    def _count(self, exchange: Exchange) -> None:
        """And kill the worker when its time has come; another is born at once."""
        # What waits for its table only reads, again and again.
        self.commits += commits(exchange) or "incidents" in self.cell.systems
        if self.cell.killed_at and not self.found.kills and self.commits == self.cell.killed_at:
            self.found.kills += 1
            self.workers[exchange.worker].kill()
            self.births.append(asyncio.create_task(self._bear()))

    async def _somebody_is_told(self) -> None:
        due = ways_due(self.cell)
        while self._age() < PROMISED + _LOOKING:
            state = await self.bench.state()
            self._note_who_is_told(state)
            history = await self._history()
            self._note_what_is_said(history)
            known = history is not None and (history.told_at or history.state is LaunchState.NOBODY_TOLD)
            ways = {told.way for told in self.found.told}
            if known and due <= ways and (due or ways or self.found.said is not None):
                break
        self._judge(due)
        self.found.during = history.state if history else "not begun"

    def _judge(self, due: set[str]) -> None:
        in_time = {told.way for told in self.found.told if told.after <= PROMISED}
        # Whoever was found too late for the announcement is called where that stands, or where people look otherwise.
        if missing := due - in_time - ({MENTION} if MENTION_ELSEWHERE in in_time else set()):
            self.found.problems.append(f"not in time: {', '.join(sorted(missing))}")
        if not in_time and (self.found.said is None or self.found.said > PROMISED):
            self.found.problems.append("nobody was told in time, and nobody said so")
        if not due and not self.cell.killed_at and self.found.said is None:
            self.found.problems.append("it was not said in time that nobody is told")

    def _note_who_is_told(self, state: dict) -> None:
        self.found.looks.append(self._age())
        self.found.messages = message_times(state, self.incident_id)
        noted = {(told.way, told.whom) for told in self.found.told}
        now = tellings(state, self.incident_id, self.received_at)
        self.found.told += [told for told in now if (told.way, told.whom) not in noted]

    def _note_what_is_said(self, history: History | None) -> None:
        """Stored and logged: neither is enough without the other."""
        said = [event["seconds"] for event in self._events() if event["event"] == "incident.nobody_told"]
        if said and history and history.state is LaunchState.NOBODY_TOLD:
            self.found.said = min(said)

    async def _nothing_can_be_done(self) -> None:
        """Without the table of incidents no incident is anybody's: it waits, and the log says for what."""
        while not self._says_it_waits():
            await asyncio.sleep(0.1)
        state = await self.bench.state()
        self.found.during = "waits in the queue"
        self.found.problems += [f"without a lease: {each}" for each in traces(state, self.incident_id)]

    def _says_it_waits(self) -> bool:
        if self.cell.killed_at and len(self.workers) == 1:
            return False
        return any(event in self.workers[max(self.workers)].words() for event in _WAITING)

    def _note_the_queue(self, state: dict) -> None:
        if found := dead_letters(state, self.queue):
            self.found.problems.append(f"dead letters while the systems are away: {found}")
        # Where nothing has to be looked up, a launch ends without being able to read.
        launched = any(event["event"] == "incident.launched" for event in self._events())
        if in_queue(state, self.queue) != 1 and not launched:
            self.found.problems.append(f"{in_queue(state, self.queue)} messages in the queue, not that of the incident")

    async def _heal(self) -> None:
        self.away = False
        await self.gates.stop_refusing()
        await asyncio.gather(*self.births)
        while in_queue(state := await self.bench.state(), self.queue) or self.gates.under_way:
            pass
        history = await self._history()
        self.found.state = history.state if history else "unknown"
        self._note_who_is_told(state)
        self._judge_the_end(state)

    def _judge_the_end(self, state: dict) -> None:
        if self.found.state != LaunchState.LAUNCHED:
            self.found.problems.append(f"ended as {self.found.state}")
        if found := dead_letters(state, self.queue):
            self.found.problems.append(f"dead letters in the end: {found}")
        if not self.found.told:
            self.found.problems.append("nobody was told in the end")
        self.found.problems += faults(state, self.incident_id, severity=self.cell.severity)
        crashed = {event["event"] for event in self._events() if event["event"].endswith(".crashed")}
        self.found.problems += sorted(crashed)

    async def _history(self) -> History | None:
        return await self.stores.incidents.history(self.incident_id)

    def _age(self) -> float:
        return (datetime.now(UTC) - self.received_at).total_seconds()

    def _events(self) -> list[dict]:
        return [event for worker in self.workers.values() for event in worker.events()]

    async def _end_all(self) -> None:
        with suppress(Exception):
            await asyncio.gather(*self.births)
        for worker in self.workers.values():
            await worker.end()

    def _story(self) -> str:
        lines = [f"{exchange}  {exchange.method} {exchange.path}" for exchange in self.gates.log][:_LINES]
        for number, worker in self.workers.items():
            lines += [f"worker {number}: {line}" for line in worker.words().splitlines()[:_LINES]]
        return "\n".join(f"  {line[:_LINE]}" for line in lines)
