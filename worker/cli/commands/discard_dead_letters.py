"""`tocsin dead-letters discard`: take dead letters out for good."""

import asyncio
import sys
from typing import Annotated

import typer

from worker.cli.bulk_run import BulkOptions, perform
from worker.cli.dead_letter_options import read_bulk_options
from worker.cli.operator_context import open_operator_context
from worker.cli.shared_options import with_options_of
from worker.dead_letters.discard import Discard
from worker.domain.audit import operator


@with_options_of(read_bulk_options)
def discard_dead_letters(
    options: BulkOptions,
    *,
    because: Annotated[str, typer.Option("--because", help="Why, for the record; asked for with --yes.")] = "",
) -> None:
    asyncio.run(_discard(options, _reason(because) if options.yes else because))


async def _discard(options: BulkOptions, because: str) -> None:
    async with open_operator_context() as context:
        await perform(context, Discard(context.stores, context.alert_store, who=operator(), because=because), options)


def _reason(given: str) -> str:
    if not given.strip() and sys.stdin.isatty():
        given = typer.prompt("Why are they discarded?", err=True)
    if not given.strip():
        raise typer.BadParameter("say why, for the record", param_hint="--because")
    return given.strip()
