"""One cell of the response's matrices: an incident lives up to a moment, and its next act or timer meets troubles."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from chaos_bench import Bench
from chaos_cells import CellRun
from chaos_gate import Answer, Exchange, Forward
from chaos_oracle import dead_letters, in_queue
from chaos_processes import tocsin_json
from chaos_queue_gate import Passing
from chaos_troubles import SETTLEMENT, TIMER, Pause, Trouble
from lived_moments import of_remote
from lived_oracle import Left, left_by
from lived_scenes import AMARA, DEFINITIONS, SERVICE, Given, LivedScene

from worker.domain.event import Event, EventType
from worker.domain.incident import Incident, incident_id
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry
from worker.domain.response.response import fold
from worker.lifecycle.response.deciding import opened
from worker.storage.stores import Stores

_LIMIT = 300.0
# An act has many effects at once: a busy machine takes its time for their requests.
_PATIENT = (("TOCSIN_LEASE_SECONDS", "6"), ("TOCSIN_CALL_TIMEOUT_SECONDS", "6"))
LOCK = "PT8S"
_PAUSE = 0.2


@dataclass(frozen=True)
class LivedCell:
    scene: LivedScene
    troubles: tuple[Trouble, ...] = ()
    workers: int = 1
    limit: float = _LIMIT

    def __str__(self) -> str:
        told = " then ".join(map(str, self.troubles)) or "quiet"
        return f"{self.scene.name}: {told}{f' ({self.workers} workers)' if self.workers > 1 else ''}"

    @property
    def settings(self) -> tuple[tuple[str, str], ...]:
        return (*_PATIENT, *self.scene.settings)

    @property
    def alive(self) -> int:
        """How many workers there are: what one that was stopped had in hand is another's."""
        return self.workers + any(isinstance(trouble, Pause) for trouble in self.troubles)


@dataclass
class LivedOutcome:
    cell: LivedCell
    incident_id: str
    lost: Counter = field(default_factory=Counter)
    duplicate: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    moments: tuple[str, ...] = ()
    left: Counter = field(default_factory=Counter)
    kills: int = 0
    seconds: float = 0.0
    story: str = ""

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.duplicate or self.problems)

    def __str__(self) -> str:
        told = [f"lost: {dict(self.lost)}"] if self.lost else []
        told += [f"duplicate: {dict(self.duplicate)}"] if self.duplicate else []
        return f"{self.cell}: {'; '.join([*told, *self.problems]) or 'clean'}\n{self.story}"


async def define(bench: Bench) -> None:
    """Let the bench's tables name the people and the policy of the scenes."""
    file = bench.folder / "definitions.json"
    file.write_text(json.dumps(DEFINITIONS))
    await tocsin_json("roster", "import", str(file), "--yes", settings=bench.environment, folder=bench.folder)


async def run_life(bench: Bench, stores: Stores, cells: Sequence[LivedCell]) -> list[LivedOutcome]:
    """One incident goes through all of them, up to the first that is not as it should be.

    `stores`: the bench's own tables, to look into what was recorded.
    """
    async with AsyncExitStack() as stack:
        return [outcome async for outcome in _LivedRun(bench, cells[0], stack, stores=stores).live(cells)]


@dataclass
class _LivedRun(CellRun):
    cell: LivedCell
    stores: Stores | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.armed = False
        self.since = 0
        self.applied: set[str] = set()
        self.recorded = 0
        self.before: Counter = Counter()
        self.after: Counter | None = None
        self.acts: list[Given] = []

    async def live(self, cells: Sequence[LivedCell]) -> AsyncIterator[LivedOutcome]:
        self.stack.push_async_callback(self._end_all)
        for cell in cells:
            outcome = await self._outcome(cell)
            yield outcome
            if not outcome.is_clean:
                return

    async def _outcome(self, cell: LivedCell) -> LivedOutcome:
        began, kills = time.monotonic(), self.kills
        found = LivedOutcome(cell, self.incident_id)
        try:
            async with asyncio.timeout(cell.limit):
                if late := await self._late():
                    found.problems.append(f"came after the count of what was before: {dict(late)}")
                await self._come_to(cell)
                await self._go_through(cell)
        except TimeoutError:
            found.problems.append(f"not settled; still to come: {[str(each) for each in self.to_come]}")
        await self._judge(found)
        found.kills, found.seconds, found.story = self.kills - kills, time.monotonic() - began, self._story()
        found.moments = tuple(name for each in self.gates.log[self.since :] for name in sorted(each.labels))
        return found

    async def _late(self) -> Counter:
        return Counter() if self.after is None else (await self._left()).effects - self.after

    async def _come_to(self, cell: LivedCell) -> None:
        """Where the scene begins: the incident is launched, and what comes before has happened."""
        self.cell, self.armed, self.to_come = cell, False, []
        if not self.workers:
            for _ in range(cell.alive):
                await self._bear()
            await self._raise(self.key)
        if cell.scene.merges:
            await self._raise(f"{self.key}-other")
        for given in cell.scene.before:
            if given not in self.acts:
                await self._act(given)

    async def _go_through(self, cell: LivedCell) -> None:
        left = await self._left()
        self.before, self.recorded, self.since = left.effects, len(await self._entries()), len(self.gates.log)
        self.ending, self.applied, self.stopped = set(), set(), None
        self.to_come = [trouble for trouble in cell.troubles for _ in range(getattr(trouble, "times", 1))]
        self.armed = True
        if cell.scene.act is not None:
            await self._publish(cell.scene.act, times=cell.workers)
        await self._until_settled()
        if self.stopped:
            await self._resume(self.stopped)
            await self._until_settled()

    async def _raise(self, key: str) -> None:
        event = Event(title="Ledger is down", service=SERVICE, key=key, severity=self.cell.scene.severity)
        await self.bench.publish(self.queue, event)

        async def begun() -> bool:
            return await self.stores.responses.read(incident_id(key)) is not None

        await self._until_quiet(begun)

    async def _act(self, given: Given) -> None:
        act_id = await self._publish(given, times=1)

        async def decided() -> bool:
            return await self.stores.responses.outcome(self.incident_id, act_id) is not None

        await self._until_quiet(decided)

    async def _publish(self, given: Given, *, times: int) -> str:
        """The id of the act."""
        self.acts.append(given)
        more = {"into": incident_id(f"{self.key}-other")} if given["act"] == "merge" else {}
        act = Act.model_validate({"id": f"act-{len(self.acts)}", "actor": AMARA, **given, **more})
        event = Event(type=EventType.ACT, title="Act", key=self.key, act=act)
        await self.bench.publish(self.queue, *[event] * times)
        return act.id

    async def _until_quiet(self, happened) -> None:
        while True:
            state = await self.bench.state()
            if not in_queue(state, self.queue) and not self.gates.under_way and await happened():
                return
            await asyncio.sleep(_PAUSE)

    async def _until_settled(self) -> None:
        async def over() -> bool:
            if self.to_come:
                return False
            return any(entry.kind == self.cell.scene.ends for entry in (await self._entries())[self.recorded :])

        await self._until_quiet(over)

    async def _entries(self) -> list[Entry]:
        return await self.stores.responses.entries(self.incident_id)

    async def _left(self, state=None) -> Left:
        state = state or await self.bench.state()
        stored = await self.stores.responses.read(self.incident_id)
        left = left_by(state, self.incident_id, stored.response)
        if not self.cell.scene.merges:
            return left
        other = incident_id(f"{self.key}-other")
        there = left_by(state, other, (await self.stores.responses.read(other)).response)
        told = Counter({f"there: {effect}": count for effect, count in there.effects.items()})
        return Left(left.effects + told, (*left.stale, *there.stale))

    async def _judge(self, found: LivedOutcome) -> None:
        state = await self.bench.state()
        if letters := dead_letters(state, self.queue):
            found.problems.append(f"dead letters {letters}")
        left = await self._left(state)
        self.after = left.effects
        found.left = left.effects - self.before
        leaves = self.cell.scene.leaves
        known = Counter(next(filter(effect.startswith, leaves), effect) for effect in found.left.elements())
        found.lost = leaves - known + (self.before - left.effects)
        found.duplicate = known - leaves
        found.problems += left.stale
        await self._check_record(found)

    async def _check_record(self, found: LivedOutcome) -> None:
        entries = await self._entries()
        stored = await self.stores.responses.read(self.incident_id)
        summary = await self.stores.incidents.summary(self.incident_id)
        incident = Incident(key=summary.key, event=summary.event, received_at=summary.received_at)
        begun = opened(incident, incident.received_at, 60.0).model_copy(update={"clock": stored.response.clock})
        if fold(begun, entries) != stored.response:
            found.problems.append("the state is not the fold of its entries")
        if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
            found.problems.append("the entries are not numbered one by one")
        ends = [entry for entry in entries[self.recorded :] if entry.kind == self.cell.scene.ends]
        if len(ends) != 1:
            found.problems.append(f"recorded {len(ends)} times: {[entry.kind for entry in entries]}")

    def of_remote(self, method: str, path: str, body: bytes) -> frozenset[str]:
        return of_remote(method, path, body)

    async def _meet(self, exchange: Exchange, forward: Forward) -> Answer:
        if not self.armed:
            return await forward()
        return await super()._meet(exchange, forward)

    def _note(self, applied: frozenset[str]) -> None:
        if "record" in applied:
            self.ending.add(TIMER)
        self.applied |= applied
        lanes = {f"{lane}: done through" for lane in self.cell.scene.lanes}
        if lanes and lanes <= self.applied:
            self.ending.add(SETTLEMENT)

    def _meet_settlement(self, passing: Passing, worker: int) -> bool:
        return super()._meet_settlement(passing, worker) if self.armed else True
