"""`tocsin raise`: a person's go button, straight to the queue."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from worker.cli.raising import NotRaised, raise_in_time
from worker.cli.severity_option import WAYS, read_severity_option
from worker.cli.watching import watch
from worker.domain.errors import Misconfigured
from worker.domain.event import Event
from worker.domain.incident import incident_id, with_key
from worker.domain.validation import field_faults
from worker.observability.log import configure
from worker.settings import Settings

_DETECTION_SOURCES = "monitoring, customer-report, support, social-media, employee, partner or other"


def raise_incident(
    title: Annotated[str, typer.Argument(help="What is wrong, in a few words.")],
    *,
    severity: Annotated[str, typer.Option(help=f"How bad it is: {WAYS}.")] = "medium",
    service: Annotated[str, typer.Option(help="Whose people are on call for it.")] = "",
    description: Annotated[str, typer.Option(help="All that is known.")] = "",
    impact: Annotated[str, typer.Option(help="Who cannot do what.")] = "",
    detection_source: Annotated[str, typer.Option(help=f"Who noticed: {_DETECTION_SOURCES}.")] = "employee",
    first_known_at: Annotated[
        str | None,
        typer.Option(help="When the first of us knew: 09:05 by this machine's clock, or 2026-03-02T09:05:00Z."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="The same key is the same incident, however often raised.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show the launch until it has ended.")] = False,
) -> None:
    settings = Settings.read()
    event = _event(
        {
            "title": title,
            "severity": read_severity_option(severity, settings.severities),
            "service": service,
            "description": description,
            "impact": impact,
            "detection_source": detection_source,
            "first_known_at": parse_moment(first_known_at, datetime.now(UTC)) if first_known_at else None,
            "source": "tocsin raise",
            "key": key,
            "received_at": datetime.now(UTC),
        }
    )
    configure("console", level=logging.WARNING)
    asyncio.run(_raise(settings, event, wait=wait))


async def _raise(settings: Settings, event: Event, *, wait: bool) -> None:
    raised = incident_id(event.key or "")
    try:
        await raise_in_time(settings, event)
    except NotRaised as error:
        # Said at once: what is left of the connections may take long to end.
        typer.echo(f"tocsin: {error}", err=True)
        raise typer.Exit(2 if isinstance(error.__cause__, Misconfigured) else 1) from None
    typer.echo(raised)
    if wait:
        await watch(settings, raised)
    else:
        typer.echo(f"Follow it with: tocsin incidents show {raised} --watch", err=True)


def _event(given: Mapping[str, Any]) -> Event:
    try:
        return with_key(Event.model_validate(given))
    except ValidationError as error:
        told = "; ".join(f"{fault.field.replace('_', '-')} {fault.message}" for fault in field_faults(error))
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
