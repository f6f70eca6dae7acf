"""`tocsin incidents list`: the newest incidents."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.incidents.filter import IncidentFilter
    from worker.incidents.listing import ListedIncident
    from worker.settings import Settings

_PANEL = "Which ones; of several values one is enough"
_WHEN = "30m, 2h or 1d ago, or a moment such as 2026-03-02T09:05"


class State(StrEnum):
    """As LaunchState, which takes longer to import than `--help` should."""

    LAUNCHING = "launching"
    LAUNCHED = "launched"
    FAILED = "failed"


def list_incidents(
    *,
    state: Annotated[list[State] | None, typer.Option(help="How far they are.", rich_help_panel=_PANEL)] = None,
    service: Annotated[list[str] | None, typer.Option(help="Such as checkout.", rich_help_panel=_PANEL)] = None,
    severity: Annotated[
        list[int] | None, typer.Option(min=1, max=5, help="1 is critical, 5 information.", rich_help_panel=_PANEL)
    ] = None,
    since: Annotated[str | None, typer.Option(help=f"Received then or later: {_WHEN}.", rich_help_panel=_PANEL)] = None,
    until: Annotated[str | None, typer.Option(help="Received then or earlier.", rich_help_panel=_PANEL)] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="For programs; fields may be added, none is renamed.")] = False,
) -> None:
    """List the newest incidents first, how far their launches are, and what is missing where one is not done."""
    from worker.observability.log import configure
    from worker.settings import Settings

    wanted = _wanted(state or (), service or (), severity or (), since, until)
    settings = Settings.read()
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
    states: Sequence[State], services: Sequence[str], severities: Sequence[int], since: str | None, until: str | None
) -> "IncidentFilter":
    from worker.domain.event import Severity
    from worker.domain.states import LaunchState
    from worker.incidents.filter import IncidentFilter

    return IncidentFilter(
        states=frozenset(map(LaunchState, states)),
        services=frozenset(each.casefold() for each in services),
        severities=frozenset(map(Severity, severities)),
        since=_moment(since, "--since"),
        until=_moment(until, "--until"),
    )


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    from worker.cli.moments import read_moment

    try:
        return read_moment(text, datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


async def _newest(settings: "Settings", limit: int, wanted: "IncidentFilter") -> "list[ListedIncident]":
    from worker.app.connections import open_history
    from worker.incidents.listing import listed

    async with open_history(settings) as store:
        return [listed(history) for history in await store.newest(limit, wanted)]


def _print_json(found: "Sequence[ListedIncident]") -> None:
    import json

    typer.echo(json.dumps([each.model_dump(mode="json") for each in found], indent=2))


def _print_table(found: "Sequence[ListedIncident]") -> None:
    from worker.cli.drawing.incident_table import print_incidents
    from worker.cli.watching import stdout_console

    print_incidents(stdout_console(), found, datetime.now(UTC))
