"""`tocsin roster import`: a file of people into the on-call table."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from worker.app.connections import open_history
from worker.cli.roster_access import open_roster
from worker.domain.audit import AuditRecord, operator
from worker.observability.log import configure
from worker.oncall.roster_file import Change, compare, read_roster_file
from worker.oncall.rows import Row
from worker.settings import Settings


def import_roster(
    file: Annotated[Path, typer.Argument(help="A .csv with a line of column names, or a .json list of objects.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
) -> None:
    """The columns are name, email, service, oncall, and if you like role, order, phone, paging, object_id and
    boards_identity. A row is the same if service and email are; columns that the file does not have keep what they
    hold.
    """
    rows = read_roster_file(file)
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    changes = asyncio.run(_import(settings, file, rows, yes=yes))
    same = len(rows) - len(changes)
    typer.echo(f"{len(changes)} of {len(rows)} rows {'written' if yes else 'would be written'}, {same} are so already.")
    if changes and not yes:
        typer.echo("Nothing was changed. To do it, say the same with --yes.", err=True)


async def _import(settings: Settings, file: Path, rows: Sequence[Row], *, yes: bool) -> Sequence[Change]:
    """What is to change is told before any of it is done."""
    async with open_roster(settings) as table:
        if yes:
            await table.create()
        changes = compare(await table.rows(), rows)
        for change in changes:
            typer.echo(change.sentence)
        if yes and changes:
            await _record(settings, file, changes)
            for change in changes:
                await table.upsert(change.row)
    return changes


async def _record(settings: Settings, file: Path, changes: Sequence[Change]) -> None:
    details = {"file": file.name, "changes": [" ".join(change.sentence.split()) for change in changes]}
    async with open_history(settings) as stores:
        await stores.table.prepare()
        await stores.audit.add(None, AuditRecord(action="import", who=operator(), details=details))
