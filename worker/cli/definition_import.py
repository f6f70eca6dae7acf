"""A file of schedules planned against what stands, and imported: told and recorded before any of it is done."""

import asyncio
import json as json_format
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from worker.cli.acting import Place, open_place
from worker.cli.json_output import print_json
from worker.cli.on_call_source import say
from worker.cli.roster_access import record_changes
from worker.cli.telling_moves import tell_of_moves
from worker.domain.text import clean_line
from worker.observability.log import configure
from worker.oncall.acts.importing import read_given, wanted
from worker.oncall.acts.written import move_lines, moves_document
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import Roster
from worker.oncall.planning.moves import Move, whose_shifts_move
from worker.oncall.planning.plan import Plan, plan
from worker.oncall.schedule.wall_clock import Minute
from worker.settings import Settings

_MOST_RECORDED = 200
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`at_once`: not from the next handover on. `with_overrides`: the file's are added to those of people."""

    at_once: bool = False
    with_overrides: bool = False
    schedule: str | None = None
    yes: bool = False
    as_json: bool = False


@dataclass(frozen=True)
class Standing:
    """What stands there already, at which instant, and the rows of the on-call table for their names."""

    definitions: Definitions
    roster: Roster
    now: Minute


@dataclass(frozen=True)
class Planned:
    """What a file changes; `notes` are on what was taken of it."""

    plan: Plan
    moves: Sequence[Move]
    notes: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        return [*map(clean_line, self.plan.sentences), *move_lines(self.moves)]


def import_definitions(path: Path, options: ImportOptions) -> None:
    """Raises Rejected with all faults of the file, and ChangedMeanwhile where somebody else was faster."""
    settings = Settings.read()
    configure("console", level=logging.ERROR)
    asyncio.run(_import(settings, path, options))


async def _import(settings: Settings, path: Path, options: ImportOptions) -> None:
    async with open_place(settings) as place:
        standing = Standing(place.definitions, place.roster, place.now)
        planned = await asyncio.to_thread(_plan, standing, path, options)
        is_done = options.yes and bool(planned.plan.changes)
        if is_done and not options.as_json:
            _print_lines(planned)
        if is_done:
            await _do(place, path, planned)
        _print(path, planned, options, is_done=is_done)
    if is_done:
        await tell_of_moves(settings, planned.plan.before, planned.plan.definitions)


def plan_over(standing: Standing, path: Path, options: ImportOptions) -> None:
    """Nothing but the file is read, and nothing is done. Raises Rejected with all faults of the file."""
    _print(path, _plan(standing, path, options), options, is_done=False, can_be_done=False)


def _plan(standing: Standing, path: Path, options: ImportOptions) -> Planned:
    given = read_given(path, standing.definitions, standing.roster, standing.now, options.schedule)
    planned = plan(
        standing.definitions,
        given.definitions,
        standing.now,
        apply_at="now" if options.at_once else "handover",
        with_exceptions=options.with_overrides or given.is_calendar,
    )
    moves = whose_shifts_move(planned.before, planned.definitions, standing.now)
    return Planned(planned, moves, (*given.notes, *planned.notes))


async def _do(place: Place, path: Path, planned: Planned) -> None:
    told = planned.lines
    more = [f"and {len(told) - _MOST_RECORDED} more"] if len(told) > _MOST_RECORDED else []
    await record_changes(place.settings, "import", [*told[:_MOST_RECORDED], *more], file=path.name)
    await place.writer.replace(wanted(planned.plan), place.stored)


def _print_lines(planned: Planned) -> None:
    lines = planned.lines
    for line in lines[:_MOST_SHOWN]:
        typer.echo(line)
    if len(lines) > _MOST_SHOWN:
        typer.echo(f"and {len(lines) - _MOST_SHOWN} more; --json tells all")


def _print(path: Path, planned: Planned, options: ImportOptions, *, is_done: bool, can_be_done: bool = True) -> None:
    """What was done is told already, before it was."""
    if options.as_json:
        print_json(json_format.dumps(_document(path, planned, is_done=is_done), indent=2, ensure_ascii=False))
    elif not is_done:
        _print_lines(planned)
    say(*planned.notes)
    if not planned.plan.changes:
        say(f"{path.name} says what stands there already; nothing was changed.")
    elif not planned.moves:
        say("Nobody's shift moves in the next eight weeks.")
    if is_done:
        say("It is done.")
    elif planned.plan.changes and not options.yes:
        say(f"Nothing was changed.{' To do it, say the same with --yes.' if can_be_done else ''}")


def _document(path: Path, planned: Planned, *, is_done: bool) -> dict[str, Any]:
    changes = [
        {"section": change.section.value, "name": change.name, "sentence": change.sentence}
        for change in planned.plan.changes
    ]
    moves = moves_document(planned.moves)
    return {"file": path.name, "done": is_done, "changes": changes, "moves": moves, "notes": list(planned.notes)}
