"""`tocsin audit`: what people did that belongs to no incident."""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.incident_page import deeds
from worker.cli.drawing.wall_clock import WallClock
from worker.cli.json_output import print_json
from worker.cli.output_options import Json, Utc
from worker.domain.audit import AuditRecord
from worker.observability.log import configure
from worker.settings import Settings


def audit(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    json: Json = False,
    utc: Utc = False,
) -> None:
    """What was done to an incident stands with it: `tocsin incidents show`."""
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    records = asyncio.run(_records(settings))[-limit:]
    if json:
        _print_json(records)
    elif records:
        _print(records, utc=utc)
    else:
        typer.echo("Nobody did anything of this kind yet.", err=True)


async def _records(settings: Settings) -> list[AuditRecord]:
    async with open_history(settings) as stores:
        return await stores.audit.read(None)


def _print_json(records: Sequence[AuditRecord]) -> None:
    print_json(json.dumps([record.model_dump(mode="json") for record in records], indent=2))


def _print(records: Sequence[AuditRecord], *, utc: bool) -> None:
    console = stdout_console()
    for line in deeds(records, WallClock(utc=utc)):
        console.print(Text(line))
