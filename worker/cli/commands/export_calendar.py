"""`tocsin roster ics`: shifts as a calendar, in a file or at an address of a person's own."""

import asyncio
import json as json_text
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from worker.cli.json_output import print_json
from worker.cli.moments import read_moment_option
from worker.cli.output_options import Json
from worker.cli.roster_access import record_changes
from worker.cli.schedules_access import read_definitions
from worker.credentials import azure_credential
from worker.domain.audit import operator
from worker.domain.errors import Gone, Rejected
from worker.domain.text import quoted
from worker.observability.log import configure
from worker.oncall.calendars.calendar_rows import CalendarRows, open_calendar_rows
from worker.oncall.calendars.document import write_calendar
from worker.oncall.calendars.published import Published, as_new, uid_of
from worker.oncall.calendars.shown_shifts import name_in, people_in, shown_shifts
from worker.oncall.calendars.tokens import address
from worker.oncall.calendars.words import summary
from worker.oncall.definitions import Definitions
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.reading.build import spelling_of
from worker.oncall.schedule.wall_clock import instant_at, minute_of
from worker.oncall.stored.table import open_schedules
from worker.settings import Settings

# Of everybody; the file is then one of megabytes.
_MOST = 50_000


def export_calendar(
    person: Annotated[
        str | None, typer.Argument(help="Whose shifts, by name in the definitions or address; else everybody's.")
    ] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The file to write; else standard output.")] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Make a new address for the person's calendar; an earlier one ends.")
    ] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="End the address of the person's calendar.")] = False,
    file: Annotated[Path | None, typer.Option(help="Definitions to read in place of the table.")] = None,
    at: Annotated[str | None, typer.Option(help="As of that moment, as 2026-03-02T09:05; else now.")] = None,
    json: Json = False,
) -> None:
    """From two weeks back to half a year ahead. Calendar programs ask an address again when they like: Outlook and
    Google after hours, at times after a day. Who is on call now, `tocsin roster who` says.
    """
    if link or revoke:
        if (link and revoke) or person is None or out or file or at:
            raise typer.BadParameter("either of them stands alone with a person", param_hint="--link / --revoke")
        _change_address(person, is_new=link, json=json)
        return
    if json and out:
        raise typer.BadParameter("the file is a calendar; --json is for standard output", param_hint="--out")
    moment = read_moment_option(at, "--at") or datetime.now(UTC)
    definitions = _definitions(file)
    who = None if person is None else _spelt(definitions, person)
    now = minute_of(moment)
    published = as_new(shown_shifts(definitions, now, who, most=_MOST), now)
    if json:
        print_json(_as_json(published, definitions))
        return
    name = name_in(definitions)
    if who is None:
        content = write_calendar(published, "On call", name)
    else:
        content = write_calendar(published, f"On call: {name(who)}")
    _write(content, out, len(published))


def _definitions(file: Path | None) -> Definitions:
    if file is not None:
        read = read_definition_file(file)
        for note in read.notes:
            typer.echo(note, err=True)
        return read.definitions
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    return asyncio.run(read_definitions(settings))


def _spelt(definitions: Definitions, person: str) -> str:
    """Raises Gone where nobody of that name is anywhere in the definitions."""
    spelt = spelling_of(definitions.people.values())(person.strip())
    known = {each.casefold(): each for each in (*definitions.people, *people_in(definitions))}
    if spelt.casefold() not in known:
        raise Gone(
            f"{quoted(person)!r} is neither among the people nor in any schedule, and nothing was changed. "
            "Name somebody by the key of their record, or by their address."
        )
    return known[spelt.casefold()]


def _write(content: bytes, out: Path | None, number: int) -> None:
    if out is None:
        typer.echo(content, nl=False)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Rejected(f"{out} cannot be written: {error.strerror}.") from None
    typer.echo(f"{number} shift{'' if number == 1 else 's'} in {out}.", err=True)


def _as_json(published: Sequence[Published], definitions: Definitions) -> str:
    """In the order of their beginning."""
    name = name_in(definitions)
    shifts = [
        {
            "uid": uid_of(each.shift),
            "schedule": each.shift.schedule,
            "person": each.shift.person,
            "name": name(each.shift.person),
            "rank": each.shift.rank + 1,
            "from": instant_at(each.shift.start).isoformat(),
            "to": instant_at(each.shift.end).isoformat(),
            "summary": summary(each.shift.schedule, each.shift.rank),
            "why": each.shift.why,
        }
        for each in published
    ]
    return json_text.dumps({"shifts": shifts}, indent=2, ensure_ascii=False)


def _change_address(person: str, *, is_new: bool, json: bool) -> None:
    settings = Settings.read()
    if is_new:
        settings.require("intake_url")
    configure("console", level=logging.WARNING)
    who, token = asyncio.run(_issue(settings, person) if is_new else _revoke(settings, person))
    if token is None:
        if json:
            print_json(json_text.dumps({"person": who, "revoked": True}))
        else:
            typer.echo(f"The calendar of {who} is served no more.")
        return
    url = address(settings.intake_url or "", token)
    if json:
        print_json(json_text.dumps({"person": who, "link": url}, ensure_ascii=False))
        return
    typer.echo(f"The address of the calendar of {who}; it is not shown again:", err=True)
    typer.echo(url)
    typer.echo(
        "Whoever has it sees these shifts; `--revoke` ends it. Outlook and Google ask again when they like: after "
        "hours, at times after a day.",
        err=True,
    )


async def _issue(settings: Settings, person: str) -> tuple[str, str | None]:
    async with _opened(settings) as (definitions, rows):
        who = _spelt(definitions, person)
        await record_changes(settings, "calendar-link", [f"made the address of the calendar of {who}"])
        for name in await _names_with_address(rows, definitions, who):
            if name != who:
                await rows.revoke(name)
        return who, await rows.issue(who, operator())


async def _revoke(settings: Settings, person: str) -> tuple[str, str | None]:
    """Also of somebody who is in no definitions any more."""
    async with _opened(settings) as (definitions, rows):
        who = spelling_of(definitions.people.values())(person.strip())
        names = await _names_with_address(rows, definitions, who)
        if not names:
            raise Gone(f"{quoted(who)!r} has no address of a calendar, and nothing was changed.")
        await record_changes(settings, "calendar-revoke", [f"ended the address of the calendar of {who}"])
        for name in names:
            await rows.revoke(name)
        return who, None


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Definitions, CalendarRows]]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        schedules = await stack.enter_async_context(open_schedules(settings, credential))
        rows = await stack.enter_async_context(open_calendar_rows(settings, credential))
        yield (await schedules.stored()).definitions, rows


async def _names_with_address(rows: CalendarRows, definitions: Definitions, who: str) -> Sequence[str]:
    """Of the same person: by their address, say, from when they had no record yet."""
    spelling = spelling_of(definitions.people.values())
    return sorted({name for name in (await rows.people()).values() if spelling(name).casefold() == who.casefold()})
