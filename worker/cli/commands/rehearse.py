"""`tocsin roster rehearse`: who would be told of an incident, when, by which way and why, if nobody answered."""

import asyncio
import json as json_format
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from worker.cli import moments
from worker.cli.case_file import read_case, read_events
from worker.cli.consoles import stdout_console
from worker.cli.drawing.rehearsal import print_rehearsal
from worker.cli.drawing.wall_clock import WallClock
from worker.cli.json_output import print_json
from worker.cli.on_call_source import say
from worker.cli.output_options import Json, Utc
from worker.cli.roster_access import read_roster
from worker.cli.schedules_access import read_definitions
from worker.cli.severity_option import WAYS as SEVERITIES
from worker.cli.severity_option import read_severity_option
from worker.domain.errors import Rejected, TocsinError
from worker.domain.event import Severity
from worker.domain.text import quoted
from worker.observability.log import configure
from worker.oncall.asking import clock_of_service, read_instant
from worker.oncall.definitions import Definitions
from worker.oncall.escalation import rehearsal
from worker.oncall.escalation.directory import directory_of
from worker.oncall.escalation.event import Event
from worker.oncall.escalation.rehearsal import Incident
from worker.oncall.on_call import Roster
from worker.oncall.people import People
from worker.oncall.reading.build import Spelling, spelling_of
from worker.oncall.reading.given_case import GivenCase, check_times
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock, minute_of
from worker.settings import Settings

# A policy with its rounds and a whole week of shifts, where nobody is on call at first.
_DAYS = 7
_NO_ROWS = Roster(rows=(), unreadable=())


def rehearse(
    service: Annotated[str | None, typer.Argument(help="The service that the incident names.")] = None,
    *,
    severity: Annotated[
        str | None, typer.Option(help=f"How bad it is: {SEVERITIES}; medium unless you say it.")
    ] = None,
    at: Annotated[str | None, typer.Option(help=f"When it is opened: {moments.WAYS}; else now.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="Definitions, in the place of the tables; perhaps with an incident and events."),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option(help="A list of what happens, each with at, type and by, in YAML or JSON; - is standard input."),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(
            help=f"Until when it is watched: 2h or 1d after it is opened, or a moment; else for {_DAYS} days."
        ),
    ] = None,
    json: Json = False,
    utc: Utc = False,
) -> None:
    """Nothing is sent, and with a file nothing but the settings is read."""
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    if file:
        (definitions, case), roster = read_case(file), _NO_ROWS
    else:
        (definitions, roster), case = asyncio.run(_read_tables(settings)), GivenCase()
    spelling = spelling_of(definitions.people.values())
    incident = _incident(case, spelling)
    clock = clock_of_service(definitions, service or incident.service or "")
    opened_at = _minute(at, "--at", clock)
    incident = replace(
        incident,
        service=service or incident.service,
        severity=read_severity_option(severity, settings.severities) if severity else incident.severity,
        opened_at=incident.opened_at if opened_at is None else opened_at,
    )
    happening = [each.event(spelling) for each in (case.events if events is None else read_events(events))]
    end = _end(until, case, incident.opened_at, clock)
    _check(incident, happening, end)
    _note_unknown(incident.service, definitions)
    found = rehearsal.rehearse(directory_of(definitions, incident.service), incident, happening, end)
    if json:
        print_json(json_format.dumps(found.document(), indent=2, ensure_ascii=False))
    else:
        print_rehearsal(stdout_console(), found, People(definitions, roster).find, settings.paging, WallClock(utc=utc))


def _incident(case: GivenCase, spelling: Spelling) -> Incident:
    """That of the file, else one that is opened now."""
    if case.incident is not None:
        return case.incident.incident(case.roles, spelling)
    roles = {role: tuple(map(spelling, people)) for role, people in case.roles.items()}
    return Incident(Severity.MEDIUM, minute_of(datetime.now(UTC)), roles=roles)


def _minute(text: str | None, option: str, clock: ZoneClock) -> Minute | None:
    """A moment without an offset is that clock's, and what was taken is said on standard error; 2h is two hours ago."""
    if text is None:
        return None
    try:
        asked = read_instant(text, clock)
    except ValueError:
        moment = moments.read_moment_option(text, option)
        return None if moment is None else minute_of(moment)
    say(*asked.taken)
    return asked.minute


def _end(text: str | None, case: GivenCase, opened_at: Minute, clock: ZoneClock) -> Minute:
    """As the option says, as the file does, or after some days."""
    try:
        if text is not None:
            return opened_at + moments.read_duration(text) // timedelta(minutes=1)
    except typer.BadParameter:
        return _minute(text, "--until", clock) or opened_at
    return case.until.minute if case.until else opened_at + _DAYS * DAY


def _check(incident: Incident, happening: Sequence[Event], end: Minute) -> None:
    try:
        check_times(incident, happening, end)
    except ValueError as error:
        raise Rejected(f"This cannot be rehearsed: {error}.") from None


def _note_unknown(service: str | None, definitions: Definitions) -> None:
    """On standard error: it may be mistyped."""
    if service and definitions.services and service.casefold() not in map(str.casefold, definitions.services):
        typer.echo(f"tocsin: there is no service {quoted(service)!r}; the policies of default count.", err=True)


async def _read_tables(settings: Settings) -> tuple[Definitions, Roster]:
    """The second tells the ways by which people are told, and is done without where it does not answer."""
    definitions = await read_definitions(settings)
    try:
        return definitions, await read_roster(settings)
    except TocsinError as error:
        typer.echo(f"tocsin: by which ways people are told is as the settings say: {error}", err=True)
        return definitions, _NO_ROWS
