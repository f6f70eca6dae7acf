"""Runs the response's cells side by side; as a program, prints what came of those whose name has the words."""

import asyncio
import random
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos_bench import Bench, open_bench
from chaos_processes import Workers
from lived_cells import LOCK, LivedCell, LivedOutcome, define, run_life
from lived_matrix import all_cells, each_moment_once, lives_of
from nursery import Nursery, open_nursery
from told_runner import stores_of

from worker.storage.stores import Stores

# A cell has two workers or three lives of one, and a launch before them.
_WIDTH = 5
_CELLS_OF_A_BENCH = 40


class LivedRunner:
    """Every life begins as soon as there is room for it, on the newest of the benches that were opened for them."""

    def __init__(self, stack: AsyncExitStack, nursery: Nursery, folder: Path, cells: Sequence[LivedCell]) -> None:
        self._stack, self._nursery, self._folder = stack, nursery, folder
        self._at_once = asyncio.Semaphore(_WIDTH)
        self._opening = asyncio.Lock()
        self._places: list[tuple[Bench, Stores]] = []
        self._benches = 0
        self._outcomes = {cell: asyncio.get_running_loop().create_future() for cell in cells}
        self._tasks = [asyncio.create_task(self._run(life)) for life in lives_of(cells)]

    async def outcome(self, cell: LivedCell) -> LivedOutcome:
        return await self._outcomes[cell]

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, life: Sequence[LivedCell]) -> None:
        """What comes after one that was not as it should be is another incident's."""
        owed = list(life)
        try:
            while owed:
                async with self._at_once:
                    found = await run_life(*await self._place(), owed)
                for outcome in found:
                    self._outcomes[outcome.cell].set_result(outcome)
                owed = owed[len(found) :]
        except Exception as error:  # noqa: BLE001 (whoever asks for the outcome gets it)
            for cell in owed:
                self._outcomes[cell].set_exception(error)

    async def _place(self) -> tuple[Bench, Stores]:
        async with self._opening:
            if not self._places:
                self._places = [await self._open()] * _CELLS_OF_A_BENCH
            return self._places.pop()

    async def _open(self) -> tuple[Bench, Stores]:
        (folder := self._folder / f"sandbox-{self._benches}").mkdir()
        self._benches += 1
        opened = open_bench(Workers(self._nursery, folder), folder, queues=_CELLS_OF_A_BENCH, lock=LOCK)
        bench = await self._stack.enter_async_context(opened)
        await define(bench)
        return bench, await self._stack.enter_async_context(stores_of(bench))


@asynccontextmanager
async def open_lived_runner(nursery: Nursery, cells: Sequence[LivedCell]):
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tocsin-lived-", ignore_cleanup_errors=True)))
        runner = LivedRunner(stack, nursery, folder, cells)
        stack.push_async_callback(runner.end)
        yield runner


async def _print_table(words: Sequence[str]) -> None:
    """With `-v` each story; with `-d` each moment once, and not with every trouble."""
    is_long, chosen = "-v" in words, each_moment_once() if "-d" in words else all_cells()
    words = [word for word in words if not word.startswith("-")]
    cells = [cell for cell in chosen if all(word in str(cell) for word in words)]
    # What is looked at first is a bit of everything.
    random.Random(7).shuffle(cells)
    with open_nursery() as nursery:
        async with open_lived_runner(nursery, cells) as runner:
            for done in asyncio.as_completed([runner.outcome(cell) for cell in cells]):
                outcome = await done
                print(f"{outcome.seconds:5.1f} s  {str(outcome).splitlines()[0]}", flush=True)  # noqa: T201
                if is_long or not outcome.is_clean:
                    print(outcome.story, file=sys.stderr, flush=True)  # noqa: T201
                    print("left:", dict(outcome.left), file=sys.stderr, flush=True)  # noqa: T201
                    print("moments:", outcome.moments, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_print_table(sys.argv[1:]))
