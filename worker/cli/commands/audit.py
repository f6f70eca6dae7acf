"""`tocsin audit`: what people did that belongs to no incident."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.domain.audit import AuditRecord
    from worker.settings import Settings


def audit(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")] = False,
    utc: Annotated[bool, typer.Option("--utc", help="Times in UTC, not by this machine's clock.")] = False,
) -> None:
    """List imports of the on-call table and deeds on messages that were no event: who, when, what, the newest last.

    What was done to an incident stands with it: `tocsin incidents show`.
    """
    from worker.observability.log import configure
    from worker.settings import Settings

    settings = Settings.read()
    configure("console", level=logging.WARNING)
    records = asyncio.run(_records(settings))[-limit:]
    if json:
        _print_json(records)
    elif records:
        _print(records, utc=utc)
    else:
        typer.echo("Nobody did anything of this kind yet.", err=True)


async def _records(settings: "Settings") -> "list[AuditRecord]":
    from worker.app.connections import open_history

    async with open_history(settings) as store:
        return await store.audit(None)


def _print_json(records: "Sequence[AuditRecord]") -> None:
    import json

    typer.echo(json.dumps([record.model_dump(mode="json") for record in records], indent=2))


def _print(records: "Sequence[AuditRecord]", *, utc: bool) -> None:
    from rich.text import Text

    from worker.cli.drawing.incident_page import deeds
    from worker.cli.drawing.wall_clock import WallClock
    from worker.cli.watching import stdout_console

    console = stdout_console()
    for line in deeds(records, WallClock(utc=utc)):
        console.print(Text(line))
