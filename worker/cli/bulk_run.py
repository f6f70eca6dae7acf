"""Replay or discard of many dead letters: first what it would do, then done, told and stopped as a person wishes."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import typer

from worker.app.signals import on_signals
from worker.cli.consoles import stderr_console, stdout_console
from worker.cli.drawing.dead_letter_progress import progress
from worker.cli.drawing.dead_letter_tables import print_summary
from worker.cli.json_output import print_json
from worker.cli.operator_context import OperatorContext
from worker.dead_letters.bulk import carry_out, plan, previewed
from worker.dead_letters.filter import Filter
from worker.dead_letters.operation import Operation, Planned
from worker.dead_letters.outcome import ItemResult, Summary


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """How an operation is to be done."""

    wanted: Filter
    limit: int | None
    rate: float | None
    yes: bool
    json: bool


async def perform(context: OperatorContext, operation: Operation, options: BulkOptions) -> None:
    """Say what would be done, or do it; exit with 1 unless all that was meant is done."""
    planned = await plan(context.dead_letters, operation, options.wanted, options.limit)
    if not options.yes:
        _print(previewed(operation, planned), options)
        if planned:
            stderr_console().print("Nothing was changed. The same with --yes does it.")
        return
    summary = await _carry_out(context, operation, planned, options)
    _print(summary, options)
    raise typer.Exit(0 if summary.is_whole else 1)


async def _carry_out(
    context: OperatorContext, operation: Operation, planned: list[Planned], options: BulkOptions
) -> Summary:
    console = stderr_console()
    with _stopping() as stopping, progress(console, operation.action, len(planned)) as report:
        return await carry_out(
            context.dead_letters,
            operation,
            planned,
            rate=options.rate,
            stopping=stopping,
            report=report,
            notify=console.print,
        )


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """The first signal ends the run after the present dead letter; a second one ends the process."""
    stopping = asyncio.Event()

    def stop() -> None:
        stderr_console().print("Stopping after the present one; what is left stays in the dead letters.")
        stopping.set()

    with on_signals(stop):
        yield stopping


def _print(summary: Summary, options: BulkOptions) -> None:
    if options.json:
        print_json(summary.model_dump_json(indent=2))
        return
    print_summary(stdout_console(), summary)
    if summary.action == "replay" and not summary.dry_run:
        _say_how_to_follow(
            {outcome.incident_id for outcome in summary.outcomes if outcome.result is ItemResult.DONE} - {None}
        )


def _say_how_to_follow(incidents: Collection[str | None]) -> None:
    match list(incidents):
        case []:
            return
        case [only]:
            stderr_console().print(f"Follow it with: tocsin incidents show {only} --watch")
        case _:
            stderr_console().print("Follow them with: tocsin incidents list")
