"""A table of schedules of a test's own on Azurite, with a rota, and calendars served from it."""

import uuid
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from azure.data.tables.aio import TableClient

from worker.oncall.calendars.calendar_rows import open_calendar_rows
from worker.oncall.calendars.calendars import Calendars
from worker.oncall.stored.table import open_schedules
from worker.settings import Settings

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROTA = (
    {"PartitionKey": "schedule:checkout", "RowKey": "schedule", "time_zone": "Europe/Berlin"},
    {"PartitionKey": "schedule:checkout", "RowKey": "layer:week", "starts": "2026-03-02T09:00", "every": "1 week"},
    {"PartitionKey": "schedule:checkout", "RowKey": "people:week:0000", "people": "ines; jon"},
    {"PartitionKey": "person:ines", "RowKey": "person", "name": "Ines Sousa", "email": "ines.sousa@contoso.example"},
)


@pytest.fixture
def of_a_table(azurite):
    """Settings for tables of this test's own."""
    own = {f"tables_{name}": f"{name}{uuid.uuid4().hex}" for name in ("schedules", "calendars")}
    return Settings.read(_env_file=None, tables_connection_string=azurite, **own)


@pytest.fixture
async def bare(of_a_table):
    """The table of schedules itself, made and filled without the code under test."""
    connection = of_a_table.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, of_a_table.tables_schedules) as table:
        await table.create_table()
        for row in ROTA:
            await table.create_entity(row)
        yield table


@pytest.fixture
async def remembering(of_a_table):
    """The table of calendars itself."""
    connection = of_a_table.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, of_a_table.tables_calendars) as table:
        yield table


@pytest.fixture
def serving(of_a_table):
    """What a process serves; `calendars.at` is its clock."""

    @asynccontextmanager
    async def opened(settings=of_a_table, at=NOW):
        async with open_schedules(settings, None) as schedules, open_calendar_rows(settings, None) as rows:
            calendars = Calendars(rows, schedules.schedules, lambda: calendars.at)
            calendars.at, calendars.rows = at, rows
            yield calendars

    return opened
