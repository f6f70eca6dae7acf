"""Before another incident is raised: which ones of the service are open, and whether the report joins one of them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stderr_console
from worker.cli.drawing.open_incident_table import print_open_incidents
from worker.domain.alert_identity import tracking_id
from worker.domain.errors import TocsinError, Unreachable
from worker.domain.event import Event
from worker.domain.incident import incident_id, names_its_incident
from worker.domain.text import quoted
from worker.grouping.alert_store import open_alert_store
from worker.grouping.open_incidents import OpenIncidents
from worker.incidents.history import History
from worker.incidents.open_incident import OpenIncident
from worker.settings import Settings

# A look that takes longer holds up somebody who has seen an outage.
_PATIENCE = timedelta(seconds=2)
# Without an answer there is nothing to join.
_PATIENCE_TO_JOIN = timedelta(seconds=10)
_LOOK_AGAIN = timedelta(seconds=0.3)
_SHOWN = 9
_NEW, _ABORT = "n", "a"


@asynccontextmanager
async def open_open_incidents(settings: Settings) -> AsyncIterator[OpenIncidents]:
    async with open_history(settings) as stores, open_alert_store(settings) as alert_store:
        yield OpenIncidents(stores, alert_store)


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


async def look_up_open(settings: Settings, service: str) -> Sequence[OpenIncident]:
    """The newest few; none as well where nobody can say within two seconds, which is told on standard error."""
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()), open_open_incidents(settings) as incidents:
            return await incidents.newest(service, _SHOWN)
    except Exception as error:  # noqa: BLE001 (not even a fault of ours keeps anybody from raising an incident)
        why = _why_unknown(error)
        typer.echo(f"tocsin: What is open for {service} could not be looked up: {why} It is raised anyway.", err=True)
        return ()


def _why_unknown(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {_PATIENCE / timedelta(seconds=1):g} s."
    return str(error) if isinstance(error, TocsinError) else f"{type(error).__name__}."


def ask_which(found: Sequence[OpenIncident]) -> str | None:
    """The id of the one that the person wants to join; None for a new one. Exits with 1 where neither is wanted."""
    print_open_incidents(stderr_console(), found, datetime.now(UTC))
    numbers = {str(number): each.incident_id for number, each in enumerate(found, start=1)}
    while True:
        answer = typer.prompt(f"Add to one of them (1-{len(found)}), raise a new one (n) or abort (a)?", err=True)
        word = answer.strip().lower()
        if word in numbers:
            return numbers[word]
        if word in {_NEW, "new"}:
            return None
        if word in {_ABORT, "abort"}:
            typer.echo("Nothing was raised.", err=True)
            raise typer.Exit(1)


def tell_open(found: Sequence[OpenIncident]) -> None:
    """For whoever could not be asked; on standard error."""
    if found:
        print_open_incidents(stderr_console(), found, datetime.now(UTC))
        typer.echo("`tocsin raise --join ID` adds to one of them.", err=True)


async def find_opened(settings: Settings, event: Event) -> str | None:
    """The id of the incident that it surely opens; None where its key may have one, or nobody says it in time."""
    if not names_its_incident(event):
        return incident_id(event.key or "")
    with suppress(TocsinError, TimeoutError):
        async with asyncio.timeout(_PATIENCE.total_seconds()), open_alert_store(settings) as alert_store:
            return await alert_store.opened_surely(event)
    return None


async def find_placed(settings: Settings, event: Event) -> str | None:
    """The id of the incident into which a worker has placed it; None where none has within ten seconds."""
    with suppress(TocsinError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_TO_JOIN.total_seconds()), open_alert_store(settings) as alert_store:
            while True:
                if (status := await alert_store.status(tracking_id(event))) is not None:
                    return status.incident_id
                await asyncio.sleep(_LOOK_AGAIN.total_seconds())
    return None


async def find_to_join(settings: Settings, asked: str) -> History:
    """The open incident; raises TocsinError, also where nobody can say within ten seconds."""
    try:
        async with asyncio.timeout(_PATIENCE_TO_JOIN.total_seconds()), open_open_incidents(settings) as incidents:
            return await incidents.find(asked)
    except TimeoutError:
        raise Unreachable(f"The table of incidents did not say within 10 s which one {quoted(asked)!r} is.") from None
