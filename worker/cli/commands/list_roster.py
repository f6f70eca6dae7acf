"""`tocsin roster list`: the whole on-call table."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated

import typer
from pydantic import TypeAdapter

from worker.cli.consoles import stdout_console
from worker.cli.drawing.roster_table import roster_table
from worker.cli.json_output import print_json
from worker.cli.roster_access import print_unreadable, read_roster
from worker.observability.log import configure
from worker.oncall.rows import Row
from worker.settings import Settings


def list_roster(*, json: Annotated[bool, typer.Option("--json", help="Every column, as JSON.")] = False) -> None:
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    roster = asyncio.run(read_roster(settings))
    if json:
        _print_json(roster.rows)
    else:
        _print_table(roster.rows)
    print_unreadable(roster)


def _print_json(rows: Sequence[Row]) -> None:
    print_json(TypeAdapter(Sequence[Row]).dump_json(rows, indent=2, exclude={"__all__": {"keys"}}).decode())


def _print_table(rows: Sequence[Row]) -> None:
    stdout_console().print(roster_table(rows))
