"""A table that may be used, may only be read, may only be used, or is not there at all."""

from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from settable_clock import SettableClock

from worker.domain.errors import Forbidden, Throttled, TocsinError
from worker.storage.incident_table import IncidentTable


def answered(status, *, kind=HttpResponseError):
    error = kind(message="No.")
    error.status_code = status
    return error


class Client(MemoryTableClient):
    """A table of which some operations are refused."""

    def __init__(self, table, **refused):
        super().__init__(table, straight)
        self._refused = refused

    async def create_table(self):
        if error := self._refused.get("create"):
            raise error
        return await super().create_table()

    async def update_entity(self, *given, **options):
        if error := self._refused.get("write"):
            raise error
        return await super().update_entity(*given, **options)


@pytest.fixture
def table():
    return MemoryTable(utc_now)


FORBIDDEN = answered(403)


async def test_a_table_that_is_missing_is_created_once(table):
    """And who comes second finds it there."""
    await IncidentTable(Client(table)).prepare()
    await IncidentTable(Client(table)).prepare()
    await IncidentTable(Client(table)).check()


async def test_who_may_use_a_table_need_not_be_allowed_to_create_it(table):
    """It is looked whether it is there and may be written."""
    table.create()
    await IncidentTable(Client(table, create=FORBIDDEN)).prepare()


async def test_who_may_neither_create_nor_write_does_not_start(table):
    """A worker that could note nothing would find out at night."""
    table.create()
    with pytest.raises(Forbidden, match="Tried to write to the table of incidents"):
        await IncidentTable(Client(table, create=FORBIDDEN, write=FORBIDDEN)).prepare()


async def test_a_table_that_is_missing_and_may_not_be_created_is_said_to_be_missing(table):
    """Whoever starts the worker is to make it."""
    with pytest.raises(TocsinError, match="read the table of incidents"):
        await IncidentTable(Client(table, create=FORBIDDEN)).prepare()


async def test_a_store_that_is_away_is_no_refusal(table):
    """It is waited for; nothing is looked at meanwhile."""
    with pytest.raises(Throttled, match="create the table of incidents"):
        await IncidentTable(Client(table, create=answered(503))).prepare()


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(minutes=7), -timedelta(minutes=7)])
async def test_a_check_says_how_far_the_stores_clock_is_ahead(ahead):
    """To a second, and without a row that would stay."""
    table = MemoryTable(SettableClock(datetime.now(UTC) + ahead))
    table.create()
    assert abs(await IncidentTable(Client(table)).check() - ahead) < timedelta(seconds=5)
    assert table.partitions() == {}


async def test_a_check_writes_nothing_and_sees_a_refusal(table):
    """A right that is missing shows before it is needed."""
    table.create()
    with pytest.raises(Forbidden):
        await IncidentTable(Client(table, write=answered(403, kind=ClientAuthenticationError))).check()
