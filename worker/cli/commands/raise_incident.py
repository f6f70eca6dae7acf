"""`tocsin raise`: a person's go button, straight to the queue."""

import asyncio
import logging
import shlex
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from worker.cli.joining import ask_which, can_ask, find_opened, find_placed, find_to_join, look_up_open, tell_open
from worker.cli.moments import WAYS as TIME_WAYS
from worker.cli.moments import read_moment_option
from worker.cli.raising import NotRaised, raise_in_time
from worker.cli.severity_option import WAYS, read_severity_option
from worker.cli.watching import watch
from worker.domain.audit import operator
from worker.domain.errors import Misconfigured, TocsinError
from worker.domain.event import Event
from worker.domain.incident import with_key
from worker.domain.report import report_on
from worker.domain.response.act_faults import act_faults
from worker.domain.states import LaunchState
from worker.incidents.history import History
from worker.observability.log import configure
from worker.settings import Settings

_DETECTION_SOURCES = "monitoring, customer-report, support, social-media, employee, partner or other"


def raise_incident(
    title: Annotated[str, typer.Argument(help="What is wrong, in a few words.")],
    *,
    severity: Annotated[str | None, typer.Option(help=f"How bad it is: {WAYS}; medium unless you say it.")] = None,
    service: Annotated[str, typer.Option(help="Whose people are on call for it.")] = "",
    description: Annotated[str, typer.Option(help="All that is known.")] = "",
    impact: Annotated[str, typer.Option(help="Who cannot do what.")] = "",
    detection_source: Annotated[str, typer.Option(help=f"Who noticed: {_DETECTION_SOURCES}.")] = "employee",
    first_known_at: Annotated[
        str | None,
        typer.Option(help="When the first of us knew: 09:05 by this machine's clock, or 2026-03-02T09:05:00Z."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="The same key is the same incident, however often raised.")] = None,
    join: Annotated[
        str | None, typer.Option(metavar="ID", help="Add it to this open incident; a unique beginning suffices.")
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Raise it whatever is open; without this, you are asked.")] = False,
    restricted: Annotated[
        bool, typer.Option("--restricted", help="Only its members see what it says; its title is shown nowhere else.")
    ] = False,
    closed: Annotated[
        bool, typer.Option("--closed", help="It is over, and only recorded: nobody is called, and it has no channel.")
    ] = False,
    occurred_at: Annotated[str | None, typer.Option(metavar="TIME", help=f"When it began: {TIME_WAYS}.")] = None,
    resolved_at: Annotated[str | None, typer.Option(metavar="TIME", help="With --closed: when it was over.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show the launch until it has ended.")] = False,
) -> None:
    if join is not None and (new or key is not None):
        raise typer.BadParameter(
            "it names an incident, and so --new or --key cannot stand beside it", param_hint="--join"
        )
    if resolved_at is not None and not closed:
        raise typer.BadParameter("it goes with --closed", param_hint="--resolved-at")
    if closed and join is not None:
        raise typer.BadParameter("what is over joins nothing", param_hint="--closed")
    settings = Settings.read()
    event = _event(
        {
            "title": title,
            "severity": read_severity_option(severity, settings.severities) if severity is not None else None,
            "service": service,
            "description": description,
            "impact": impact,
            "detection_source": detection_source,
            "first_known_at": parse_moment(first_known_at, datetime.now(UTC)) if first_known_at else None,
            "occurred_at": read_moment_option(occurred_at, "--occurred-at"),
            "resolved_at": read_moment_option(resolved_at, "--resolved-at"),
            "closed": closed,
            "source": "tocsin raise",
            "key": key,
            "restricted": restricted,
            "received_at": datetime.now(UTC),
        }
    )
    configure("console", level=logging.WARNING)
    # Whoever names a key has decided which incident it is, and without a service nothing is the same one's.
    looks = bool(service) and not (new or closed) and key is None
    asyncio.run(_raise_or_join(settings, event, join, looks=looks, wait=wait))


async def _raise_or_join(settings: Settings, event: Event, join: str | None, *, looks: bool, wait: bool) -> None:
    if join is None and looks and can_ask():
        found = await look_up_open(settings, event.service)
        join, looks = ask_which(found) if found else None, False
    if join is not None:
        await _join(settings, event, join, wait=wait)
    else:
        await _raise(settings, event, looks=looks, wait=wait)


async def _join(settings: Settings, event: Event, asked: str, *, wait: bool) -> None:
    try:
        joined = await find_to_join(settings, asked)
        await _send(settings, report_on(event, joined.key, by=operator()))
    except TocsinError:
        typer.echo(f"To raise it by itself:\n  {_as_new(event)}", err=True)
        raise
    typer.echo(joined.incident_id)
    typer.echo(f"Added to {joined.incident_id}: {joined.event.shown_title}", err=True)
    await _follow(settings, joined.incident_id, wait=wait)


def _as_new(event: Event) -> str:
    """The command that raises it as an incident of its own."""
    given = {
        "severity": str(event.severity.value),
        "service": event.service,
        "description": event.description,
        "impact": event.impact,
        "detection-source": event.detection_source.value,
        "first-known-at": event.first_known_at.isoformat() if event.first_known_at else "",
        "occurred-at": event.occurred_at.isoformat() if event.occurred_at else "",
    }
    options = (part for name, value in given.items() if value for part in (f"--{name}", value))
    flags = ("--restricted",) if event.restricted else ()
    return shlex.join(["tocsin", "raise", event.title, *options, *flags, "--new"])


async def _raise(settings: Settings, event: Event, *, looks: bool, wait: bool) -> None:
    # At the same time: what is looked up holds nothing up.
    opening = asyncio.create_task(find_opened(settings, event))
    looking = asyncio.create_task(look_up_open(settings, event.service)) if looks else None
    try:
        await _send(settings, event)
        raised = await opening or await find_placed(settings, event)
        if raised is None:
            typer.echo("It is raised. No worker has said yet which incident has its key.", err=True)
            return
        typer.echo(raised)
        if looking is not None:
            tell_open([each for each in await looking if each.incident_id != raised])
    finally:
        opening.cancel()
        if looking is not None:
            looking.cancel()
    await _follow(settings, raised, wait=wait)


async def _send(settings: Settings, event: Event) -> None:
    try:
        await raise_in_time(settings, event)
    except NotRaised as error:
        # Said at once: what is left of the connections may take long to end.
        typer.echo(f"tocsin: {error}", err=True)
        raise typer.Exit(2 if isinstance(error.__cause__, Misconfigured) else 1) from None


async def _follow(settings: Settings, raised: str, *, wait: bool) -> None:
    if wait:
        await watch(settings, raised, until=_is_decided)
    else:
        typer.echo(f"Follow it with: tocsin incidents show {raised} --watch", err=True)


def _event(given: Mapping[str, Any]) -> Event:
    try:
        return with_key(Event.model_validate(given))
    except ValidationError as error:
        told = "; ".join(f"{fault.field.replace('_', '-')} {fault.message}" for fault in act_faults(error))
        raise typer.BadParameter(told) from None


def parse_moment(text: str, now: datetime) -> datetime:
    """A time of day is the last moment this machine's clock showed it: at ten past midnight, 23:50 was yesterday."""
    try:
        if "T" in text.upper() or "-" in text:
            return datetime.fromisoformat(text).astimezone()
        shown = time.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a time of day such as 09:05 nor a moment such as 2026-03-02T09:05:00Z",
            param_hint="--first-known-at",
        ) from None
    today = now.astimezone().date()
    moment = _at(today, shown)
    return moment if moment <= now else _at(today - timedelta(days=1), shown)


def _at(day: date, shown: time) -> datetime:
    return datetime.combine(day, shown).astimezone()


def _is_decided(history: History) -> bool:
    """Whoever waits is to know as soon as nobody could be told, however long that is still tried."""
    return history.has_ended or history.state is LaunchState.NOBODY_TOLD
