"""A table of schedules of a test's own, on Azurite."""

import uuid
from contextlib import asynccontextmanager

import pytest

from worker.oncall.stored.table import open_schedules
from worker.settings import Settings


@pytest.fixture
def of_a_table(azurite):
    """Settings for a table of schedules of this test's own."""
    return Settings.read(_env_file=None, tables_connection_string=azurite, tables_schedules=f"s{uuid.uuid4().hex}")


@pytest.fixture
def opened(of_a_table):
    """Opens the table as another process would."""

    @asynccontextmanager
    async def opened(settings=of_a_table, **options):
        async with open_schedules(settings, None, **options) as table:
            yield table

    return opened
