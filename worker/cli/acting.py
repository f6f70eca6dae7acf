"""Acts of people on schedules, for the commands that do them: told, recorded, done, and how each is undone."""

import asyncio
import json as json_format
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated

import typer

from worker.cli.asked_range import or_wrong_use
from worker.cli.json_output import print_json
from worker.cli.on_call_source import say
from worker.cli.output_options import Json
from worker.cli.roster_access import open_roster, record_changes
from worker.cli.schedules_access import open_schedules
from worker.cli.telling_moves import tell_of_moves
from worker.domain.audit import operator
from worker.domain.errors import TocsinError
from worker.domain.masking import masked
from worker.domain.text import clean_line, shortened
from worker.observability.log import configure
from worker.oncall.acts.act import Act
from worker.oncall.acts.named import is_known, person_named, schedule_named
from worker.oncall.acts.undoing import short_id
from worker.oncall.acts.written import act_document, act_lines, undo_command
from worker.oncall.asking import AskedInstant
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.people import People
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import Minute, minute_of
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.table import SchedulesTable
from worker.oncall.stored.writing import SchedulesWriter
from worker.settings import ME, Settings

Me = Annotated[str, typer.Option("--person", envvar=ME, show_envvar=True, help="A key of people, or an address.")]
ScheduleArgument = Annotated[
    str, typer.Argument(metavar="SCHEDULE", help="A schedule, or a service that has only one.")
]
_NO_ROWS = Roster(rows=(), unreadable=())
# What is kept of it for ever; whoever wants the rest plans it anew.
_MOST_RECORDED = 100
_REASON_LIMIT = 500


@dataclass(frozen=True, slots=True)
class ActOptions:
    reason: str
    is_rehearsal: bool
    as_json: bool


def act_options(
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the others.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", hidden=True, help="It is done at once, with this or without.")] = False,
    json: Json = False,
) -> ActOptions:
    del yes
    return ActOptions(masked(shortened(clean_line(reason), _REASON_LIMIT)), is_rehearsal=dry_run, as_json=json)


@dataclass(frozen=True)
class Place:
    """What stands when an act is asked for, and who knows whom."""

    settings: Settings
    table: SchedulesTable
    stored: StoredDefinitions
    roster: Roster
    now: Minute

    @property
    def definitions(self) -> Definitions:
        return self.stored.definitions

    @cached_property
    def people(self) -> People:
        return People(self.definitions, self.roster, by_name=True)

    @property
    def writer(self) -> SchedulesWriter:
        return SchedulesWriter(self.table, operator())

    def name(self, person: str) -> str:
        return self.people.name(person)

    def person(self, text: str, option: str) -> str:
        """Whom nobody knows is wrong use; an address of nobody known is said on standard error."""
        person = or_wrong_use(option, lambda: person_named(self.definitions, self.roster, text))
        if not is_known(self.definitions, self.roster, person):
            say(f"{person} is known to no table, and is named by the address alone.")
        return person

    def schedule(self, text: str) -> Schedule:
        return or_wrong_use("SCHEDULE", lambda: schedule_named(self.definitions, text))


def time_of(option: str, read: Callable[[], AskedInstant]) -> Minute:
    """What was taken of a time that leaves a choice is said on standard error."""
    asked = or_wrong_use(option, read)
    say(*asked.taken)
    return asked.minute


def act(action: str, options: ActOptions, find: Callable[[Place], Act]) -> None:
    """Do it at once, as people act at night, and say what it changed and how it is undone. Raises TocsinError."""
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    asyncio.run(_act(settings, action, options, find))


async def _act(settings: Settings, action: str, options: ActOptions, find: Callable[[Place], Act]) -> None:
    async with open_place(settings) as place:
        found = find(place)
        say(*found.notes)
        row = "" if options.is_rehearsal else await _do(place, action, found)
        show(place, action, found, options, row)
    if not options.is_rehearsal:
        await tell_of_moves(settings, found.before, found.after)


@asynccontextmanager
async def open_place(settings: Settings) -> AsyncIterator[Place]:
    """As the tables are now: an act is never made from a copy. Raises TocsinError."""
    async with open_schedules(settings) as table:
        stored = await table.stored()
        yield Place(settings, table, stored, await _roster(settings), minute_of(datetime.now(UTC)))


async def _roster(settings: Settings) -> Roster:
    """It only knows names: where it cannot be read, an act is done without it."""
    try:
        async with open_roster(settings) as table:
            return await table.roster()
    except TocsinError:
        return _NO_ROWS


async def _do(place: Place, action: str, found: Act) -> str:
    """The id by which it is undone."""
    await record_act(place.settings, action, found)
    if found.absence is not None:
        return (await place.writer.add_absence(found.absence)).key
    made = await place.writer.add_overrides(found.schedule, found.overrides)
    return made[0].swap or short_id(made[0].key)


async def record_act(settings: Settings, action: str, found: Act) -> None:
    moved = [sentence for move in found.moves for sentence in move.sentences]
    more = [f"and {len(moved) - _MOST_RECORDED} more"] if len(moved) > _MOST_RECORDED else []
    details = {"reason": found.reason} if found.reason else {}
    await record_changes(settings, action, [found.sentence, *moved[:_MOST_RECORDED], *more], **details)


def show(place: Place, action: str, found: Act, options: ActOptions, row: str) -> None:
    """`row` is the id of what was made; empty where nothing was."""
    is_done = not options.is_rehearsal
    if options.as_json:
        document = {"action": action, "done": is_done, "id": row or None, **act_document(found, place.people.name)}
        document["undo"] = undo_command(found, row) if is_done else None
        print_json(json_format.dumps(document, indent=2, ensure_ascii=False))
        return
    for line in act_lines(found, place.people.name):
        typer.echo(line)
    if not is_done:
        say("Nothing was changed: this was a dry run.")
    elif command := undo_command(found, row):
        typer.echo(f"To undo it: {command}")
