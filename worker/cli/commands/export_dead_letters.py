"""`tocsin dead-letters export`: dead letters whole, for other programs."""

import asyncio

import typer

from worker.cli.dead_letter_options import Limit, read_filter
from worker.cli.json_output import print_json
from worker.cli.operator_context import open_operator_context
from worker.cli.shared_options import with_options_of
from worker.dead_letters.details import exported
from worker.dead_letters.filter import Filter, matching


@with_options_of(read_filter)
def export_dead_letters(wanted: Filter, *, limit: Limit = None) -> None:
    asyncio.run(_export(wanted, limit))


async def _export(wanted: Filter, limit: int | None) -> None:
    count = 0
    async with open_operator_context() as context:
        async for decoded, _ in matching(context.dead_letters, wanted):
            print_json(exported(decoded).model_dump_json())
            count += 1
            if count == limit:
                break
    typer.echo(f"Exported {count:,}.", err=True)
