"""`tocsin incidents show`: one incident, with every step of its launch."""

import asyncio
import logging
from typing import Annotated

import typer

from worker.app.connections import open_history
from worker.cli.consoles import stdout_console
from worker.cli.drawing.incident_page import print_incident
from worker.cli.drawing.wall_clock import WallClock
from worker.cli.incident_acts import Me, acting_person, note_look
from worker.cli.json_output import print_json
from worker.cli.output_options import Json, Utc
from worker.cli.watching import wait_for_end, watch
from worker.cli.which_incident import find_incident
from worker.domain.errors import Gone
from worker.domain.incident import INCIDENT_ID
from worker.grouping.alert_store import open_alert_store
from worker.incidents.record import IncidentRecord
from worker.observability.log import configure
from worker.settings import Settings
from worker.storage.shown import with_response


def show_incident(
    incident_id: Annotated[str, typer.Argument(metavar="ID", help="Such as inc-4h7k2m9xqz, or its beginning.")],
    *,
    me: Me = "",
    json: Json = False,
    utc: Utc = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show the launch until it has ended; exit with 1 if it failed.")
    ] = False,
) -> None:
    settings = Settings.read()
    configure("console", level=logging.WARNING)
    asyncio.run(_show(settings, incident_id, me, json=json, utc=utc, watched=watch))


async def _show(settings: Settings, given: str, me: str, *, json: bool, utc: bool, watched: bool) -> None:
    incident_id = given.lower() if INCIDENT_ID.fullmatch(given.lower()) else await _begins_with(settings, given)
    await note_look(settings, incident_id, acting_person(me))
    if not watched:
        _print(await _look(settings, incident_id), json=json, utc=utc)
    elif json:
        history = await wait_for_end(settings, incident_id)
        _print(await _look(settings, incident_id), json=True, utc=utc)
        raise typer.Exit(0 if history.launched_at else 1)
    else:
        await watch(settings, incident_id)


async def _begins_with(settings: Settings, beginning: str) -> str:
    async with open_history(settings) as stores:
        return (await find_incident(stores, beginning)).incident_id


async def _look(settings: Settings, incident_id: str) -> IncidentRecord:
    async with open_history(settings) as stores, open_alert_store(settings) as alert_store:
        record = await alert_store.with_alerts(await stores.incidents.record(incident_id))
        if record is not None:
            record = await with_response(stores, record)
    if record is None:
        raise Gone(
            f"Nothing is known of {incident_id}. If it was raised a moment ago it is still in the queue: "
            "ask again, or use --watch. `tocsin incidents list` lists what there is; what is over and old may "
            "have been exported and deleted (`tocsin retention`)."
        )
    return record


def _print(record: IncidentRecord, *, json: bool, utc: bool) -> None:
    if json:
        print_json(record.model_dump_json(indent=2, by_alias=True))
    else:
        print_incident(stdout_console(), record, WallClock(utc=utc))
