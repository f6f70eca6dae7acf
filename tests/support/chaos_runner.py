"""Runs cells side by side, ahead of the tests that ask for their outcomes, on as many sandboxes as they need."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_bench import Bench, open_bench
from chaos_cells import AttemptOutcome, Cell, expected_of, run_cell
from chaos_oracle import Verdict, verdict
from chaos_processes import Workers
from nursery import Nursery

# A cell mostly waits; more of them at once would make two cores miss the leases they renew.
WIDTH = 10
# The channels of one team: a worker that looks through all of them is the slower the more there are.
_CELLS_OF_A_BENCH = 40
# Shorter than TOCSIN_LOOKUP_LAG_SECONDS allows for.
_LAG = 0.9


class Runner:
    def __init__(self, stack: AsyncExitStack, workers: Workers, cells: Sequence[Cell]) -> None:
        self.outcomes: list[AttemptOutcome] = []
        self._stack = stack
        self._workers = workers
        self._cells = list(cells)
        self._tasks: dict[Cell, asyncio.Task[AttemptOutcome]] = {}
        self._at_once = asyncio.Semaphore(WIDTH)
        self._opening = asyncio.Lock()
        self._benches: list[Bench] = []
        self._places: dict[bool, list[Bench]] = {True: [], False: []}
        self._counted: list[tuple[Bench, AttemptOutcome]] = []

    async def outcome(self, cell: Cell) -> AttemptOutcome:
        place = self._cells.index(cell)
        for each in self._cells[place : place + 2 * WIDTH]:
            if each not in self._tasks:
                self._tasks[each] = asyncio.create_task(self._run(each))
        return await self._tasks[cell]

    async def recount(self) -> dict[str, Verdict]:
        """Every incident whose world has changed since its cell was counted."""
        changed = {}
        for bench in self._benches:
            state = await bench.state()
            for where, outcome in self._counted:
                now = verdict(state, outcome.incident_id, expected_of(outcome.cell))
                if where is bench and now != outcome.verdict:
                    changed[str(outcome.cell)] = now
        return changed

    async def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, cell: Cell) -> AttemptOutcome:
        async with self._at_once:
            bench = await self._place(lagging=cell.lagging)
            outcome = await run_cell(bench, cell)
        self._counted.append((bench, outcome))
        self.outcomes.append(outcome)
        return outcome

    async def _place(self, *, lagging: bool) -> Bench:
        async with self._opening:
            if not self._places[lagging]:
                self._places[lagging] = [await self._open(lagging=lagging)] * _CELLS_OF_A_BENCH
            return self._places[lagging].pop()

    async def _open(self, *, lagging: bool) -> Bench:
        folder = self._workers.folder / f"sandbox-{len(self._benches)}"
        folder.mkdir()
        opened = open_bench(self._workers, folder, queues=_CELLS_OF_A_BENCH)
        bench = await self._stack.enter_async_context(opened)
        self._benches.append(bench)
        for system in ("boards", "graph") if lagging else ():
            await bench.fault(system=system, behaviour="lag", seconds=_LAG)
        return bench


@asynccontextmanager
async def open_runner(nursery: Nursery, cells: Sequence[Cell]):
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tocsin-chaos-", ignore_cleanup_errors=True)))
        runner = Runner(stack, Workers(nursery, folder), cells)
        stack.push_async_callback(runner.end)
        yield runner
