"""`tocsin roster import`: a file of people into the on-call table."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.roster_access import open_roster, record_changes
from worker.observability.log import configure
from worker.oncall.removal import Removal, removals_of_missing
from worker.oncall.roster_file import Change, compare, read_roster_file
from worker.oncall.rows import Row
from worker.settings import Settings


def import_roster(
    file: Annotated[Path, typer.Argument(help="A .csv with a line of column names, or a .json list of objects.")],
    *,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Take out the rows that the file does not name, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
) -> None:
    """The columns are name, email, service, oncall, and if you like role, order, phone, paging, object_id and
    boards_identity. A row is the same if service and email are; columns that the file does not have keep what they
    hold.
    """
    rows = read_roster_file(file)
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    changes, removals = asyncio.run(_import(settings, file, rows, remove_missing=remove_missing, yes=yes))
    same = len(rows) - len(changes)
    would = "" if yes else "would be "
    removed = f", {len(removals)} others {would}removed" if remove_missing else ""
    typer.echo(f"{len(changes)} of {len(rows)} rows {would}written, {same} are so already{removed}.")
    if (changes or removals) and not yes:
        typer.echo("Nothing was changed. To do it, say the same with --yes.", err=True)


async def _import(
    settings: Settings, file: Path, rows: Sequence[Row], *, remove_missing: bool, yes: bool
) -> tuple[Sequence[Change], Sequence[Removal]]:
    """What is to change is told before any of it is done; whoever is new stands there before anybody is taken out."""
    async with open_roster(settings) as table:
        if yes:
            await table.create()
        roster = await table.roster()
        changes = compare(roster.rows, rows)
        removals = removals_of_missing(roster, rows) if remove_missing else []
        sentences = [*(change.sentence for change in changes), *(removal.sentence for removal in removals)]
        for sentence in sentences:
            typer.echo(sentence)
        if yes and sentences:
            await record_changes(settings, "import", sentences, file=file.name)
            for change in changes:
                await table.upsert(change.row)
            for removal in removals:
                await table.delete(removal.keys)
    return changes, removals
