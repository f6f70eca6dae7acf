"""`tocsin roster remove`: what somebody did is undone; a person, a thing, or a single row is taken out."""

import asyncio
import json as json_format
import logging
from collections.abc import Sequence
from typing import Annotated

import typer

from worker.cli.acting import Place, open_place, record_act
from worker.cli.json_output import print_json
from worker.cli.on_call_source import say
from worker.cli.output_options import Json
from worker.cli.roster_access import open_roster, record_changes
from worker.cli.telling_moves import tell_of_moves
from worker.domain.errors import Gone, Misconfigured
from worker.domain.text import quoted
from worker.observability.log import configure
from worker.oncall.acts.made import made_by_people
from worker.oncall.acts.undoing import Undoer, Undoing
from worker.oncall.acts.written import act_document, act_lines, made_document, made_line, undo_command
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.removal import Removal, removals_of, without
from worker.oncall.rows import NOBODY
from worker.oncall.stored.keys import ABSENCES
from worker.oncall.table import OnCallTable
from worker.settings import Settings

_NO_ROWS = Roster(rows=(), unreadable=())


def remove_from_roster(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            help="The id of an override, swap or absence; an address; schedule:NAME, service:NAME, policy:NAME or "
            "person:KEY; or the keys of one row as `tocsin roster lint` prints them.",
        ),
    ] = None,
    *,
    service: Annotated[
        str | None, typer.Option(help="Of an address: only for this service; else for all of them.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this, only an override, swap or absence goes at once.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: Json = False,
) -> None:
    """Everybody may undo what somebody did, and it is recorded; without WHAT, all that can be undone is listed. An
    address means the rows of the on-call table; a row that cannot be read has none, and is named by its keys, such as
    checkout/ada@contoso.example.
    """
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    if what is None:
        asyncio.run(_list(settings, json=json))
        return
    word, sure = what.strip(), yes and not dry_run
    if service is None and not _is_address(word) and asyncio.run(_undo(settings, word, sure, dry_run, json)):
        return
    removals = asyncio.run(_remove(settings, word, service, yes=sure, json=json))
    if json:
        document = {"action": "remove", "done": sure, "changes": [removal.sentence for removal in removals]}
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
    else:
        typer.echo(
            f"{len(removals)} row{'s' if len(removals) > 1 else ''} {'removed' if sure else 'would be removed'}."
        )
    if not sure:
        typer.echo("Nothing was changed. To do it, say the same with --yes.", err=True)


async def _list(settings: Settings, *, json: bool) -> None:
    async with open_place(settings) as place:
        found = made_by_people(place.definitions, place.now, place.name)
    if json:
        document = {"made": [made_document(each) for each in found]}
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
        return
    for each in found:
        typer.echo(made_line(each))
    if not found:
        say("There is no override, swap or absence that is not over.")


def _is_address(word: str) -> bool:
    """Absences begin with one as well, and go on with a colon."""
    return "@" in word and not set(word) & {":", "/"}


async def _undo(settings: Settings, word: str, sure: bool, dry_run: bool, json: bool) -> bool:  # noqa: FBT001
    """Whether the table of schedules has what is meant."""
    async with open_place(settings) as place:
        found = Undoer(place.stored, place.now, place.name).find(word)
        if found is None:
            return False
        is_done = not dry_run and (sure or found.is_small)
        if is_done:
            await record_act(settings, "remove", found.act)
            await _take_out(place, found)
        _show(place, found, is_done=is_done, json=json)
    if is_done:
        await tell_of_moves(settings, found.act.before, found.act.after)
    return True


async def _take_out(place: Place, found: Undoing) -> None:
    partition, key = found.keys[0]
    if found.thing is not None:
        await place.writer.replace(Definitions(), place.stored, [found.thing])
    elif not found.is_small:
        await place.writer.delete_row((partition, key))
    elif partition == ABSENCES:
        await place.writer.delete_absence(key)
    else:
        await place.writer.delete_override(found.act.schedule, key)


def _show(place: Place, found: Undoing, *, is_done: bool, json: bool) -> None:
    if json:
        document = {"action": "remove", "done": is_done, **act_document(found.act, place.name)}
        document["undo"] = undo_command(found.act, "") if is_done else None
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
        return
    for line in act_lines(found.act, place.name):
        typer.echo(line)
    command = undo_command(found.act, "")
    if not is_done:
        again = "" if found.is_small else " To do it, say the same with --yes."
        say(f"Nothing was changed.{again}")
    elif command:
        typer.echo(f"To have it again: {command}")


async def _remove(settings: Settings, who: str, service: str | None, *, yes: bool, json: bool) -> Sequence[Removal]:
    """What is to go is told before any of it is."""
    async with open_roster(settings) as table:
        roster = await _rows(table, who)
        removals = removals_of(roster, who, service)
        if not removals:
            raise Gone(_nobody(who, service))
        for removal in () if json else removals:
            typer.echo(removal.sentence)
        _warn(roster, without(roster, removals))
        if yes:
            await record_changes(settings, "remove", [removal.sentence for removal in removals])
            for removal in removals:
                await table.delete(removal.keys)
    return removals


async def _rows(table: OnCallTable, who: str) -> Roster:
    """Whoever undoes something of a schedule may have no other table."""
    try:
        return await table.roster()
    except Misconfigured:
        if _is_address(who):
            raise
        return _NO_ROWS


def _nobody(who: str, service: str | None) -> str:
    for_service = f" for the service {quoted(service)!r}" if service is not None else ""
    return (
        f"The on-call table has no row of {quoted(who)!r}{for_service}, and nothing was changed. "
        "`tocsin roster list` says whom it names, `tocsin roster remove` alone which overrides and absences there are."
    )


def _warn(before: Roster, after: Roster) -> None:
    """Of each service that somebody was called for, and nobody would be."""
    for service in sorted({row.identity[0] for row in before.rows}):
        if before.on_call(service).people and not after.on_call(service).people:
            typer.echo(f"Then {NOBODY} for {service!r}, nor by default.", err=True)
