"""`tocsin incidents show`: one incident, with every step of its launch."""

# ruff: noqa: PLC0415 (what a command needs is imported when it runs, so that --help is quick)

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from worker.history import History
    from worker.settings import Settings


def show_incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Such as inc-4h7k2m9xqz.")],
    *,
    json: Annotated[bool, typer.Option("--json", help="Everything that is known, as JSON.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the launch until it has ended; exit with 1 if it failed.")
    ] = False,
) -> None:
    """Show what came in, and each step with its state, attempt, time, result and error."""
    from worker.incident import INCIDENT_ID
    from worker.log import configure
    from worker.settings import Settings

    incident_id = incident_id.lower()
    if not INCIDENT_ID.fullmatch(incident_id):
        raise typer.BadParameter("an incident id is `inc-` and ten letters and digits", param_hint="ID")
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    asyncio.run(_show(settings, incident_id, json=json, watched=watch))


async def _show(settings: "Settings", incident_id: str, *, json: bool, watched: bool) -> None:
    from worker.commands.watching import ended, watch

    if not watched:
        _print(await _look(settings, incident_id), json=json)
    elif json:
        history = await ended(settings, incident_id)
        _print(history, json=True)
        raise typer.Exit(0 if history.launched_at else 1)
    else:
        await watch(settings, incident_id)


async def _look(settings: "Settings", incident_id: str) -> "History":
    from worker.connections import open_history
    from worker.errors import Gone

    async with open_history(settings) as store:
        history = await store.history(incident_id)
    if history is None:
        raise Gone(
            f"Nothing is known of {incident_id}. If it was raised a moment ago it is still in the queue: "
            "ask again, or use --watch. `tocsin incidents list` lists what there is."
        )
    return history


def _print(history: "History", *, json: bool) -> None:
    from worker.commands.watching import people_console
    from worker.incident_page import print_incident

    if json:
        typer.echo(history.model_dump_json(indent=2))
    else:
        print_incident(people_console(), history)
