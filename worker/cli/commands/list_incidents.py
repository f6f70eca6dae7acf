"""`tocsin incidents list`: the newest incidents."""

import asyncio
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.incident_table import print_incidents
from worker.cli.json_output import print_json
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.output_options import Json
from worker.cli.severity_option import WAYS as SEVERITIES
from worker.cli.severity_option import read_severity_option
from worker.domain.event import Severity
from worker.domain.states import LaunchState
from worker.incidents.filter import IncidentFilter
from worker.incidents.listing import ListedIncident, listed
from worker.observability.log import configure
from worker.settings import Settings

_PANEL = "Which ones; of several values one is enough"


def list_incidents(
    *,
    state: Annotated[list[LaunchState] | None, typer.Option(help="How far they are.", rich_help_panel=_PANEL)] = None,
    service: Annotated[list[str] | None, typer.Option(help="Such as checkout.", rich_help_panel=_PANEL)] = None,
    severity: Annotated[list[str] | None, typer.Option(help=f"{SEVERITIES}.", rich_help_panel=_PANEL)] = None,
    since: Annotated[str | None, typer.Option(help=f"Received then or later: {WAYS}.", rich_help_panel=_PANEL)] = None,
    until: Annotated[str | None, typer.Option(help="Received then or earlier.", rich_help_panel=_PANEL)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    settings = Settings.read()
    severities = [read_severity_option(text, settings.severities) for text in severity or ()]
    wanted = _wanted(state or (), service or (), severities, since, until)
    configure("console", level=logging.WARNING)
    found = asyncio.run(_newest(settings, limit, wanted))
    if json:
        _print_json(found)
    elif found:
        _print_table(found)
    else:
        typer.echo(_NOTHING if wanted == _wanted((), (), (), None, None) else _NONE_SUCH, err=True)


_NOTHING = (
    "No incident has been launched yet. `tocsin raise` launches one; `tocsin doctor` says what stands in the way."
)
_NONE_SUCH = "There is no such incident. `tocsin incidents list` lists all."


def _wanted(
    states: Sequence[LaunchState],
    services: Sequence[str],
    severities: Sequence[Severity],
    since: str | None,
    until: str | None,
) -> IncidentFilter:
    return IncidentFilter(
        states=frozenset(states),
        services=frozenset(each.casefold() for each in services),
        severities=frozenset(severities),
        since=read_moment_option(since, "--since"),
        until=read_moment_option(until, "--until"),
    )


async def _newest(settings: Settings, limit: int, wanted: IncidentFilter) -> list[ListedIncident]:
    async with open_history(settings) as stores:
        return [listed(history) for history in await stores.listing.newest(limit, wanted)]


def _print_json(found: Sequence[ListedIncident]) -> None:
    print_json(json.dumps([each.model_dump(mode="json") for each in found], indent=2))


def _print_table(found: Sequence[ListedIncident]) -> None:
    print_incidents(stdout_console(), found, datetime.now(UTC))
