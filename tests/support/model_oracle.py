"""What must hold in every run, and at its end."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any

from azure.data.tables import TableEntity
from memory_table import MemoryTable, MemoryTableClient, Through
from model_worker import Worker
from model_world import CHECKPOINTS, EFFECTS, World

from worker.domain.settlement import DeadLetter, Settlement
from worker.domain.states import LaunchState, StepState


class Violation(AssertionError):
    """Something that must not be, whatever was chosen."""


class Oracle:
    """Looks at the world and at the rows, never into the tested code.

    `found` is for what is noticed while a worker runs: raised there, it would only be a step that failed.
    """

    def __init__(self, world: World, table: MemoryTable, incident_id: str) -> None:
        self._world = world
        self._table = table
        self._incident_id = incident_id
        self.turn = 0
        self.found: list[Violation] = []
        self.launched_at: float | None = None

    def note(self, sentence: str) -> None:
        self.found.append(Violation(sentence))

    def check_turn(self) -> None:
        if self.found:
            raise self.found[0]

    def check_right_to_send(self, worker: Worker, what: str) -> None:
        if worker.learned_at is not None and self.turn > worker.learned_at:
            self.note(f"{worker.name} sent {what} when it knew that another has the lease.")

    def check_settled(self, settlement: Settlement) -> None:
        if isinstance(settlement, DeadLetter):
            raise Violation(f"Dead-lettered without reason: {settlement.description}")
        if missing := self._missing():
            raise Violation(f"Settled as complete without {', '.join(missing)}.")
        if self._state() != LaunchState.LAUNCHED:
            raise Violation("Settled as complete before it was stored that the launch is.")
        if self.launched_at is None:
            self.launched_at = self._world.time.seconds

    def check_end(self, within: timedelta) -> None:
        counts, shifts = self._world.counts(), self._world.shifts()
        if len(shifts) > 1:
            raise Violation(f"People of several shifts were assigned: {', '.join(sorted(shifts))}.")
        if twice := [what for what, count in counts.items() if count > 1]:
            raise Violation(f"There twice: {', '.join(twice)}.")
        if missing := self._missing():
            raise Violation(f"Lost: {', '.join(missing)}.")
        if self._state() != LaunchState.LAUNCHED:
            raise Violation(f"Everything is there, and the launch is said to be {self._state()}.")
        if untrue := [name for name in CHECKPOINTS if self._column(f"step:{name}", "state") != StepState.DONE]:
            raise Violation(f"Launched, and not done by their checkpoints: {', '.join(untrue)}.")
        if self.launched_at is not None and self.launched_at > within.total_seconds():
            raise Violation(f"The launch took {self.launched_at:.0f} s.")

    def _missing(self) -> list[str]:
        counts = self._world.counts()
        return [what for what in EFFECTS if not counts[what]]

    def _state(self) -> str:
        return str(self._column("lease", "state"))

    def _column(self, row_key: str, column: str) -> Any:
        where = "PartitionKey eq @pk and RowKey eq @rk"
        rows = self._table.select(where, {"pk": self._incident_id, "rk": row_key}).rows
        return rows[0][column] if rows else None


class WatchedTable(MemoryTableClient):
    """A worker's client of the table, which notes what the worker has learned about its lease."""

    def __init__(self, table: MemoryTable, through: Through, oracle: Oracle, worker: Worker) -> None:
        super().__init__(table, through)
        self._oracle = oracle
        self._worker = worker
        self._writing = False

    async def submit_transaction(self, operations: Iterable[Any]) -> list[dict[str, str]]:
        if self._writing and self._worker.alive:
            self._oracle.note(f"{self._worker.name} writes to its journal twice at the same time.")
        sent, self._writing = list(operations), True
        self._worker.tokens.add(sent[0][1]["token"])
        try:
            answer = await super().submit_transaction(sent)
        finally:
            self._writing = False
        self._worker.learned_at = None
        return answer

    async def query_entities(self, *arguments: Any, **options: Any) -> AsyncIterator[TableEntity]:
        async for row in super().query_entities(*arguments, **options):
            if "token" in row:
                self._worker.learned_at = None if row["token"] in self._worker.tokens else self._oracle.turn
            yield row
