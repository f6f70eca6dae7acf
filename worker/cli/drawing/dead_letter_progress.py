"""How far a long run is, on standard error."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from worker.dead_letters.outcome import ItemOutcome

# Where nobody watches, a line now and then says that it goes on.
_EVERY_SECONDS = 5.0


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[ItemOutcome], None]]:
    if not console.is_terminal:
        yield _lines(console, what, total)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda _: bar.advance(task)


def _lines(console: Console, what: str, total: int) -> Callable[[ItemOutcome], None]:
    count, said_at = 0, time.monotonic()

    def advance(_: ItemOutcome) -> None:
        nonlocal count, said_at
        count += 1
        if time.monotonic() - said_at >= _EVERY_SECONDS:
            said_at = time.monotonic()
            console.print(f"{what}: {count:,} of {total:,}")

    return advance
