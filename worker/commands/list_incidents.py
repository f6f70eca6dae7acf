"""`tocsin incidents list`: the newest incidents."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.history import History
    from worker.settings import Settings


def list_incidents(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="Everything that is known, as JSON.")] = False,
) -> None:
    """List the newest incidents and how far their launches are."""
    from worker.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure("console", level=logging.WARNING)
    found = asyncio.run(_newest(settings, limit))
    if json:
        _print_json(found)
    elif found:
        _print_table(found)
    else:
        typer.echo("No incident has been launched yet.", err=True)


async def _newest(settings: "Settings", limit: int) -> "list[History]":
    from worker.connections import open_history

    async with open_history(settings) as store:
        return await store.newest(limit)


def _print_json(found: "Sequence[History]") -> None:
    from pydantic import TypeAdapter

    from worker.history import History

    typer.echo(TypeAdapter(Sequence[History]).dump_json(found, indent=2))


def _print_table(found: "Sequence[History]") -> None:
    from worker.commands.watching import people_console
    from worker.incidents_table import incidents_table

    console = people_console()
    console.print(incidents_table(found, width=console.width))
