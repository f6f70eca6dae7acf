"""`tocsin roster import`: a file of people into the on-call table, or of schedules into the table of schedules."""

import asyncio
import json as json_format
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.definition_import import ImportOptions, import_definitions
from worker.cli.json_output import print_json
from worker.cli.output_options import Json
from worker.cli.roster_access import open_roster, record_changes
from worker.observability.log import configure
from worker.oncall.acts.importing import CALENDAR
from worker.oncall.files.kinds import FileKind, kind_of
from worker.oncall.removal import Removal, removals_of_missing
from worker.oncall.roster_file import Change, compare, read_roster_file
from worker.oncall.rows import Row
from worker.settings import Settings

Now = Annotated[
    bool, typer.Option("--now", help="A changed list of people counts at once, and not from the next handover on.")
]
WithOverrides = Annotated[
    bool, typer.Option("--with-overrides", help="Add the overrides and absences of the file to those of people.")
]
ScheduleOption = Annotated[
    str | None, typer.Option("--schedule", metavar="NAME", help="How the schedule of a calendar is called.")
]


def import_roster(
    file: Annotated[Path, typer.Argument(help="A .csv, .json, .yaml or .toml file, or an old tool's .ics.")],
    *,
    now: Now = False,
    with_overrides: WithOverrides = False,
    schedule: ScheduleOption = None,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Of people: take out the rows that the file does not name, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only say what would be done.")] = False,
    json: Json = False,
) -> None:
    """The columns of people are name, email, service, oncall, and if you like role, order, phone, paging, object_id and
    boards_identity. A row is the same if service and email are; columns that the file does not have keep what they
    hold. What schedules, services and policies the file does not name stay, and so does every override and absence.
    """
    is_calendar = file.suffix.lower() == CALENDAR
    if schedule is not None and not is_calendar:
        raise typer.BadParameter("names the schedule of a calendar (.ics)", param_hint="--schedule")
    if is_calendar or kind_of(file) is FileKind.DEFINITIONS:
        if remove_missing:
            raise typer.BadParameter("is for files of people", param_hint="--remove-missing")
        import_definitions(file, ImportOptions(now, with_overrides, schedule, yes=yes, as_json=json))
        return
    if now or with_overrides:
        raise typer.BadParameter("is for files of schedules", param_hint="--now" if now else "--with-overrides")
    _import_people(file, remove_missing=remove_missing, yes=yes, json=json)


@dataclass(frozen=True, slots=True)
class _Changes:
    written: Sequence[Change]
    removed: Sequence[Removal]

    @property
    def sentences(self) -> list[str]:
        return [*(change.sentence for change in self.written), *(removal.sentence for removal in self.removed)]


def _import_people(file: Path, *, remove_missing: bool, yes: bool, json: bool) -> None:
    rows = read_roster_file(file)
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    changes = asyncio.run(_import(settings, file, rows, remove_missing=remove_missing, yes=yes, json=json))
    same = len(rows) - len(changes.written)
    if json:
        document = {"file": file.name, "done": yes and bool(changes.sentences), "rows": len(rows), "same": same}
        print_json(json_format.dumps({**document, "changes": changes.sentences}, indent=2, ensure_ascii=False))
    else:
        would = "" if yes else "would be "
        removed = f", {len(changes.removed)} others {would}removed" if remove_missing else ""
        typer.echo(f"{len(changes.written)} of {len(rows)} rows {would}written, {same} are so already{removed}.")
    if changes.sentences and not yes:
        typer.echo("Nothing was changed. To do it, say the same with --yes.", err=True)


async def _import(
    settings: Settings, file: Path, rows: Sequence[Row], *, remove_missing: bool, yes: bool, json: bool
) -> _Changes:
    """What is to change is told before any of it is done; whoever is new stands there before anybody is taken out."""
    async with open_roster(settings) as table:
        if yes:
            await table.create()
        roster = await table.roster()
        removals = removals_of_missing(roster, rows) if remove_missing else []
        changes = _Changes(compare(roster.rows, rows), removals)
        for sentence in () if json else changes.sentences:
            typer.echo(sentence)
        if yes and changes.sentences:
            await record_changes(settings, "import", changes.sentences, file=file.name)
            for change in changes.written:
                await table.upsert(change.row)
            for removal in changes.removed:
                await table.delete(removal.keys)
    return changes
