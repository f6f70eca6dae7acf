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
from worker.cli.listed_state import ListedState
from worker.cli.moments import WAYS, read_moment_option
from worker.cli.output_options import Json
from worker.cli.severity_option import WAYS as SEVERITIES
from worker.cli.severity_option import read_severity_option
from worker.cli.which_incident import read_responses
from worker.domain.event import Severity
from worker.domain.response.state import RUNNING, ResponseState
from worker.domain.states import LaunchState
from worker.incidents.filter import IncidentFilter
from worker.incidents.listing import ListedIncident, listed
from worker.observability.log import configure
from worker.settings import Settings

# Of which the response is asked, where its state is wanted.
_LOOKED_AT = 1000
_PANEL = "Which ones; of several values one is enough"


def list_incidents(
    *,
    state: Annotated[
        list[ListedState] | None,
        typer.Option(help="Of the launch, or of the response; running: open to mitigated.", rich_help_panel=_PANEL),
    ] = None,
    service: Annotated[list[str] | None, typer.Option(help="Such as checkout.", rich_help_panel=_PANEL)] = None,
    severity: Annotated[list[str] | None, typer.Option(help=f"{SEVERITIES}.", rich_help_panel=_PANEL)] = None,
    since: Annotated[str | None, typer.Option(help=f"Received then or later: {WAYS}.", rich_help_panel=_PANEL)] = None,
    until: Annotated[str | None, typer.Option(help="Received then or earlier.", rich_help_panel=_PANEL)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    json: Json = False,
) -> None:
    settings = Settings.read()
    severities = [read_severity_option(text, settings.severities) for text in severity or ()]
    launch = [LaunchState(each.value) for each in state or () if each.value in set(LaunchState)]
    response = response_states(state or ())
    wanted = _wanted(launch, service or (), severities, since, until)
    configure("console", level=logging.WARNING)
    found = asyncio.run(_newest(settings, limit, wanted, response))
    if json:
        _print_json(found)
    elif found:
        _print_table(found)
    else:
        is_any = wanted == _wanted((), (), (), None, None) and not response
        typer.echo(_NOTHING if is_any else _NONE_SUCH, err=True)


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


def response_states(given: Sequence[ListedState]) -> frozenset[ResponseState]:
    """Those of the response among them."""
    named = {ResponseState(each.value) for each in given if each.value in set(ResponseState)}
    return frozenset(named | (RUNNING if ListedState.RUNNING in given else set()))


async def _newest(
    settings: Settings, limit: int, wanted: IncidentFilter, states: frozenset[ResponseState]
) -> list[ListedIncident]:
    async with open_history(settings) as stores:
        histories = await stores.listing.newest(_LOOKED_AT if states else limit, wanted)
        responses = await read_responses(stores, [each.incident_id for each in histories])
    found = [listed(each, responses.get(each.incident_id)) for each in histories]
    return [each for each in found if not states or (each.response and each.response.state in states)][:limit]


def _print_json(found: Sequence[ListedIncident]) -> None:
    print_json(json.dumps([each.model_dump(mode="json", by_alias=True) for each in found], indent=2))


def _print_table(found: Sequence[ListedIncident]) -> None:
    print_incidents(stdout_console(), found, datetime.now(UTC))
