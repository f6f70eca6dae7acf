"""`tocsin dead-letters list`: each dead letter on a line."""

import asyncio
import json
from collections import deque
from typing import Annotated

import typer

from worker.cli.consoles import stdout_console
from worker.cli.dead_letter_options import read_filter
from worker.cli.drawing.dead_letter_tables import Clock, letters_table
from worker.cli.json_output import print_json
from worker.cli.operator_context import open_operator_context
from worker.cli.output_options import Json, Utc
from worker.cli.shared_options import with_options_of
from worker.dead_letters.browse import Letter
from worker.dead_letters.filter import Filter, matching


@with_options_of(read_filter)
def list_dead_letters(
    wanted: Filter,
    *,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    json: Json = False,
    utc: Utc = False,
) -> None:
    newest, count = asyncio.run(_newest(wanted, limit))
    if json:
        _print_json(newest, count)
    elif newest:
        _print_table(newest, count, utc=utc)
    else:
        typer.echo("There is no such dead letter.", err=True)


async def _newest(wanted: Filter, limit: int) -> tuple[list[Letter], int]:
    newest: deque[Letter] = deque(maxlen=limit)
    count = 0
    async with open_operator_context() as context:
        async for _, letter in matching(context.dead_letters, wanted):
            newest.appendleft(letter)
            count += 1
    return list(newest), count


def _print_json(newest: list[Letter], count: int) -> None:
    letters = [letter.model_dump(mode="json") for letter in newest]
    print_json(json.dumps({"matching": count, "dead_letters": letters}, indent=2))


def _print_table(newest: list[Letter], count: int, *, utc: bool) -> None:
    console = stdout_console()
    console.print(letters_table(newest, Clock(utc=utc), width=console.width))
    if count > len(newest):
        typer.echo(
            f"{len(newest):,} of {count:,}; --limit shows more, `tocsin dead-letters groups` the whole.", err=True
        )
