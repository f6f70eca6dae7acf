"""Runs the cells side by side on a few benches; as a program, prints who was told in each of them."""

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_bench import Bench, open_bench
from chaos_processes import Workers
from chaos_runner import WIDTH
from nursery import Nursery, open_nursery
from told_cells import ToldCell, ToldOutcome, run_told_cell
from told_matrix import told_cells

from worker.settings import Settings
from worker.storage.stores import Stores, open_stores

_CELLS_OF_A_BENCH = 50


class ToldRunner:
    """All cells begin as soon as there is room for them, whoever asks for which one first."""

    def __init__(self, places: Sequence[tuple[Bench, Stores]], cells: Iterable[ToldCell]) -> None:
        self._at_once = asyncio.Semaphore(WIDTH)
        self._tasks = {
            cell: asyncio.create_task(self._run(*places[number // _CELLS_OF_A_BENCH], cell))
            for number, cell in enumerate(cells)
        }

    async def outcome(self, cell: ToldCell) -> ToldOutcome:
        return await self._tasks[cell]

    async def end(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _run(self, bench: Bench, stores: Stores, cell: ToldCell) -> ToldOutcome:
        async with self._at_once:
            return await run_told_cell(bench, stores, cell)


@asynccontextmanager
async def open_told_runner(nursery: Nursery, cells: Sequence[ToldCell]):
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tocsin-told-", ignore_cleanup_errors=True)))
        places = []
        for number in range(-(-len(cells) // _CELLS_OF_A_BENCH)):
            (of_bench := folder / f"sandbox-{number}").mkdir()
            opened = open_bench(Workers(nursery, of_bench), of_bench, queues=_CELLS_OF_A_BENCH)
            bench = await stack.enter_async_context(opened)
            places.append((bench, await stack.enter_async_context(stores_of(bench))))
        runner = ToldRunner(places, cells)
        stack.push_async_callback(runner.end)
        yield runner


def stores_of(bench: Bench):
    connection = bench.environment["TOCSIN_TABLES_CONNECTION_STRING"]
    return open_stores(Settings(_env_file=None, tables_connection_string=connection), owner="the test")


async def _print_table(words: Sequence[str]) -> None:
    cells = [cell for cell in told_cells() if all(word in str(cell) for word in words)]
    with open_nursery() as nursery:
        async with open_told_runner(nursery, cells) as runner:
            for cell in cells:
                outcome = await runner.outcome(cell)
                print(outcome.row, *outcome.problems, sep="\n  ", flush=True)  # noqa: T201
                if outcome.problems:
                    print(outcome.story, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_print_table(sys.argv[1:]))
