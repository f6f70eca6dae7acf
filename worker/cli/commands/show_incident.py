"""`tocsin incidents show`: one incident, with every step of its launch."""

import asyncio
import logging
from typing import Annotated

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.incident_page import print_incident
from worker.cli.drawing.wall_clock import WallClock
from worker.cli.json_output import print_json
from worker.cli.output_options import Json, Utc
from worker.cli.watching import wait_for_end, watch
from worker.domain.errors import Gone
from worker.domain.incident import INCIDENT_ID
from worker.grouping.alert_store import open_alert_store
from worker.incidents.record import IncidentRecord
from worker.observability.log import configure
from worker.settings import Settings


def show_incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Such as inc-4h7k2m9xqz.")],
    *,
    json: Json = False,
    utc: Utc = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the launch until it has ended; exit with 1 if it failed.")
    ] = False,
) -> None:
    incident_id = incident_id.lower()
    if not INCIDENT_ID.fullmatch(incident_id):
        raise typer.BadParameter("an incident id is `inc-` and ten letters and digits", param_hint="ID")
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    asyncio.run(_show(settings, incident_id, json=json, utc=utc, watched=watch))


async def _show(settings: Settings, incident_id: str, *, json: bool, utc: bool, watched: bool) -> None:
    if not watched:
        _print(await _look(settings, incident_id), json=json, utc=utc)
    elif json:
        history = await wait_for_end(settings, incident_id)
        _print(await _look(settings, incident_id), json=True, utc=utc)
        raise typer.Exit(0 if history.launched_at else 1)
    else:
        await watch(settings, incident_id)


async def _look(settings: Settings, incident_id: str) -> IncidentRecord:
    async with open_history(settings) as stores, open_alert_store(settings) as alert_store:
        record = await alert_store.with_alerts(await stores.incidents.record(incident_id))
    if record is None:
        raise Gone(
            f"Nothing is known of {incident_id}. If it was raised a moment ago it is still in the queue: "
            "ask again, or use --watch. `tocsin incidents list` lists what there is; what is over and old may "
            "have been exported and deleted (`tocsin retention`)."
        )
    return record


def _print(record: IncidentRecord, *, json: bool, utc: bool) -> None:
    if json:
        print_json(record.model_dump_json(indent=2))
    else:
        print_incident(stdout_console(), record, WallClock(utc=utc))
