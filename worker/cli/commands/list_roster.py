"""`tocsin roster list`: the whole on-call table."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.oncall.rows import Row


def list_roster(*, json: Annotated[bool, typer.Option("--json", help="Every column, as JSON.")] = False) -> None:
    """List everybody in the on-call table, by service and in the order in which they are called."""
    from worker.cli.roster_access import read_roster
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure("console", level=logging.WARNING)
    roster = asyncio.run(read_roster(settings))
    if json:
        _print_json(roster.rows)
    else:
        _print_table(roster.rows)
    for sentence in roster.unreadable:
        typer.echo(f"tocsin: a row cannot be read: {sentence}", err=True)


def _print_json(rows: "Sequence[Row]") -> None:
    from pydantic import TypeAdapter

    from worker.oncall.rows import Row

    typer.echo(TypeAdapter(Sequence[Row]).dump_json(rows, indent=2, exclude={"__all__": {"keys"}}))


def _print_table(rows: "Sequence[Row]") -> None:
    from worker.cli.drawing.roster_table import roster_table
    from worker.cli.watching import stdout_console

    stdout_console().print(roster_table(rows))
