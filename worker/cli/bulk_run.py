"""Where the commands on dead letters act, and how they speak: data on standard output, the rest beside it."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import typer
from rich.console import Console

from worker.cli.drawing.dead_letter_progress import progress
from worker.cli.drawing.dead_letter_tables import print_summary
from worker.cli.watching import people_console
from worker.dead_letters.bulk import Deed, Planned, carry_out, foreseen, plan
from worker.dead_letters.filter import Filter
from worker.dead_letters.outcome import Fate, Summary
from worker.domain.audit import operator
from worker.grouping.alert_store import Folds, open_folds
from worker.messaging.connection import open_queue
from worker.messaging.dead_letter_receiver import DeadLetterSlot
from worker.messaging.sender import Sender
from worker.observability.log import configure
from worker.settings import Settings
from worker.storage.incident_store import Store, open_store


@dataclass(frozen=True, slots=True)
class Place:
    dead_letters: DeadLetterSlot
    sender: Sender
    store: Store
    folds: Folds


@asynccontextmanager
async def open_place() -> AsyncIterator[Place]:
    """Connected at the first use of each."""
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    async with (
        open_queue(settings) as queue,
        open_store(settings, owner=operator()) as store,
        open_folds(settings) as folds,
    ):
        slot = queue.dead_letters(f"tocsin {operator()}")
        try:
            yield Place(slot, queue.sender, store, folds)
        finally:
            await slot.close()


def aside() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a deed is to be done."""

    wanted: Filter
    limit: int | None
    rate: float | None
    yes: bool
    json: bool


async def perform(place: Place, deed: Deed, wishes: Wishes) -> None:
    """Say what would be done, or do it; exit with 1 unless all that was meant is done."""
    planned = await plan(place.dead_letters, deed, wishes.wanted, wishes.limit)
    if not wishes.yes:
        _print(foreseen(deed, planned), wishes)
        if planned:
            aside().print("Nothing was changed. The same with --yes does it.")
        return
    summary = await _carried_out(place, deed, planned, wishes)
    _print(summary, wishes)
    raise typer.Exit(0 if summary.is_whole else 1)


async def _carried_out(place: Place, deed: Deed, planned: list[Planned], wishes: Wishes) -> Summary:
    console = aside()
    with _stopping() as stopping, progress(console, deed.action, len(planned)) as tell:
        return await carry_out(
            place.dead_letters, deed, planned, rate=wishes.rate, stopping=stopping, tell=tell, say=console.print
        )


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """The first signal ends the run after the dead letter in hand; a second one ends the process."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def restore() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)

    def stop() -> None:
        restore()
        aside().print("Stopping after the one in hand; what is left stays in the dead letters.")
        stopping.set()

    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield stopping
    finally:
        restore()


def _print(summary: Summary, wishes: Wishes) -> None:
    if wishes.json:
        typer.echo(summary.model_dump_json(indent=2))
        return
    print_summary(people_console(), summary)
    if summary.action == "replay" and not summary.dry_run:
        _say_how_to_follow({outcome.incident_id for outcome in summary.outcomes if outcome.fate is Fate.DONE} - {None})


def _say_how_to_follow(incidents: Collection[str | None]) -> None:
    match list(incidents):
        case []:
            return
        case [only]:
            aside().print(f"Follow it with: tocsin incidents show {only} --watch")
        case _:
            aside().print("Follow them with: tocsin incidents list")
