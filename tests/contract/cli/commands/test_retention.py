"""`tocsin retention` against a queue and a table store, as a person runs it."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from azure.data.tables.aio import TableClient
from kept_logging import kept_logging
from queue_bench import QueueBench
from typer.testing import CliRunner

from worker.cli.commands import command_line
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.storage.stores import open_stores

AGE = timedelta(days=100)


@pytest.fixture
async def incident(settings):
    """Launched a hundred days ago."""
    event = Event(title="Checkout is down", key="checkout-7")
    incident = Incident(key="checkout-7", event=event, received_at=datetime.now(UTC) - AGE)
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        lease = await stores.incidents.lease(incident, [])
        await stores.listing.add(incident)
        await stores.incidents.commit(lease, [], Closing(LaunchState.LAUNCHED))
    connection = settings.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, settings.tables_incidents) as table:
        where, values = "PartitionKey eq @id", {"id": incident.id}
        async for row in table.query_entities(where, parameters=values):
            await table.upsert_entity(
                {name: value - AGE if isinstance(value, datetime) else value for name, value in row.items()}
            )
    return incident


@pytest.fixture
async def tocsin(settings, tmp_path, monkeypatch):
    """Runs a command in a thread, since it brings its own event loop."""
    monkeypatch.chdir(tmp_path)
    async with QueueBench(tmp_path / "queue") as bench:
        environment = {
            "TOCSIN_TABLES_CONNECTION_STRING": settings.tables_connection_string.get_secret_value(),
            "TOCSIN_TABLES_INCIDENTS": settings.tables_incidents,
            "TOCSIN_SERVICEBUS_CONNECTION_STRING": bench.server.connection_string,
            "COLUMNS": "120",
        }

        async def invoked(*arguments, **more):
            given = environment | {f"TOCSIN_{name.upper()}": value for name, value in more.items()}
            return await asyncio.to_thread(CliRunner().invoke, command_line(), arguments, env=given)

        with kept_logging():
            yield invoked


async def test_it_prints_what_it_would_do_and_does_it_when_told(incident, tocsin, tmp_path):
    """Without --yes nothing changes; with it the incident is in the file and nowhere else, and none is left."""
    foreseen = await tocsin("retention", "--older-than", "90d")
    assert foreseen.exit_code == 0, foreseen.output
    assert "3 rows would be deleted, nothing changed" in foreseen.stderr
    assert (await tocsin("incidents", "show", incident.id)).exit_code == 0

    done = await tocsin("retention", "--yes", "--json", keep_days="90", keep_export=str(tmp_path / "kept"))
    told = json.loads(done.stdout)
    assert (told["dry_run"], told["keep_days"], told["rows"]) == (False, 90, 3)
    assert told["deleted"] == {"incidents": 1}
    [file] = (tmp_path / "kept").iterdir()
    assert told["export"] == str(file)
    [line] = file.read_text().splitlines()
    assert json.loads(line)["incident"]["incident_id"] == incident.id
    assert incident.id in str((await tocsin("incidents", "show", incident.id)).exception)
    assert json.loads((await tocsin("incidents", "list", "--json")).stdout) == []
    assert "Nothing to delete" in (await tocsin("retention", "--older-than", "90d", "--yes", "--no-export")).stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--yes"], "Nothing says how long"),
        (["--older-than", "90d", "--yes"], "--no-export"),
        (["--older-than", "90d", "--export", "here", "--no-export"], "either exported or not"),
    ],
)
def test_what_is_not_said_clearly_deletes_nothing(arguments, sentence, tmp_path, monkeypatch):
    """Neither an age nor a place for the copy is guessed."""
    monkeypatch.chdir(tmp_path)
    with kept_logging():
        refused = CliRunner().invoke(command_line(), ["retention", *arguments])
    assert refused.exit_code != 0
    assert sentence in f"{refused.output} {refused.exception}"
