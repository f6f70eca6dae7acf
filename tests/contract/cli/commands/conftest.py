"""The commands on the on-call table, and the table they act on."""

import asyncio
import uuid

import pytest
from azure.data.tables.aio import TableClient
from kept_logging import kept_logging
from typer.testing import CliRunner

from worker.cli.commands import command_line
from worker.oncall.files.definition_file import read_definition_file
from worker.oncall.stored.table import open_schedules
from worker.oncall.stored.writing import SchedulesWriter
from worker.settings import Settings


@pytest.fixture
def connection(settings):
    return settings.tables_connection_string.get_secret_value()


@pytest.fixture
def oncall():
    return f"o{uuid.uuid4().hex}"


@pytest.fixture
def schedules(oncall):
    """Beside that table, of the same house."""
    return oncall.replace("o", "s", 1)


@pytest.fixture
def tocsin(settings, oncall, schedules, tmp_path, monkeypatch):
    """Runs a command in a thread, since it brings its own event loop."""
    monkeypatch.chdir(tmp_path)
    environment = {
        "TOCSIN_TABLES_CONNECTION_STRING": settings.tables_connection_string.get_secret_value(),
        "TOCSIN_TABLES_ONCALL": oncall,
        "TOCSIN_TABLES_SCHEDULES": schedules,
        "TOCSIN_TABLES_INCIDENTS": settings.tables_incidents,
        "COLUMNS": "80",
    }

    # Not by the runner: of two that run at once the second would take the first's for what it has to put back.
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    async def invoked(*arguments, code=0):
        told = await asyncio.to_thread(CliRunner().invoke, command_line(), arguments)
        assert code in {None, told.exit_code}, (told.output, told.exception)
        return told

    with kept_logging():
        yield invoked


@pytest.fixture
async def table(connection, oncall):
    """The table as somebody made it by hand, with a column of their own."""
    async with TableClient.from_connection_string(connection, oncall) as client:
        await client.create_table()
        mine = {
            "PartitionKey": "typed",
            "RowKey": "1",
            "Phone": "+49 30 1234567",
            "Name": "Ada",
            "Email": "ada@x.example",
        }
        await client.upsert_entity({**mine, "Service": "default", "OnCall": "yes"})
        yield client


ROTA = """
people:
  ada: {name: Ada, email: ada@x.example, time_zone: Europe/Berlin}
  ben: {name: Ben, email: ben@x.example}
  eve: {name: Eve, email: eve@x.example}
schedules:
  checkout:
    time_zone: Europe/Berlin
    layers:
      - {name: week, starts: 2037-06-01T09:00, every: 1 week, people: [ada, ben]}
services:
  checkout: {schedules: [checkout]}
"""


@pytest.fixture
async def rota(tocsin, tmp_path, connection, schedules, settings):
    """A schedule of two who take turns, as a file made it; its import stands in no record of the test's."""
    file = tmp_path / "rota.yaml"
    file.write_text(ROTA)
    given = read_definition_file(file).definitions
    names = {"tables_connection_string": connection, "tables_schedules": schedules}
    async with open_schedules(Settings.read(_env_file=None, **names), None) as table:
        await SchedulesWriter(table, "lea").replace(given, await table.stored())
    return file
