"""The table of schedules as launches read it, against Azurite."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from azure.data.tables import EdmType, EntityProperty
from brief_definitions import NOWHERE, definitions, week
from pydantic import SecretStr
from seen import Seen
from structlog.testing import capture_logs

from worker.domain.errors import Forbidden, Misconfigured, Unreachable
from worker.observability.telemetry import reporting_to
from worker.oncall.definitions import Definitions
from worker.oncall.stored import table as table_module
from worker.oncall.stored.writing import SchedulesWriter
from worker.settings import Settings

END = datetime(2026, 6, 11, 6, tzinfo=UTC)
AS_TYPED = [
    {"PartitionKey": "schedule:checkout", "RowKey": "schedule", "Time Zone": "Europe/Berlin", "Version": "7"},
    {"RowKey": "layer:week", "Place": "0", "depth": "2", "Priority": EntityProperty(3, EdmType.INT64)},
    {"RowKey": "people:week:0000", "People": "ada@contoso.example; ben@contoso.example"},
    {"RowKey": "override:x:1", "Person": "eve@contoso.example", "From": "2026-06-10T20:00", "To": END},
]


async def test_a_table_that_is_missing_is_empty(opened):
    """Nobody has written a schedule yet; that is no error, and makes no table."""
    async with opened() as table:
        assert await table.definitions() == Definitions()
        assert await table.definitions() == Definitions()


async def test_rows_are_read_as_people_typed_them(opened):
    """Any spelling of a column, and any type of a cell."""
    async with opened() as table:
        await table.create()
        await table.create()
        for row in AS_TYPED:
            await table.client.create_entity({"PartitionKey": "schedule:checkout", **row})
        read = await table.stored()
    schedule = read.definitions.schedules["checkout"]
    assert read.broken == ()
    assert (schedule.version, schedule.layers[0].depth, schedule.layers[0].priority) == (7, 2, 3)
    (override,) = schedule.overrides
    assert (str(override.start), str(override.end)) == ("2026-06-10T20:00", "2026-06-11T06:00Z")


async def test_a_storm_of_launches_reads_the_table_once(opened):
    """Whoever asks while it is read, and for some seconds after, has the same answer."""
    seen = Seen()
    async with opened() as table:
        await table.create()
        with reporting_to(seen.telemetry):
            await asyncio.gather(*(table.definitions() for _ in range(20)))
            await table.definitions()
    assert [span.name for span in seen.spans] == ["tables read"]


async def test_what_is_some_seconds_old_is_read_again(opened, monkeypatch):
    """A schedule that was written meanwhile is there."""
    monkeypatch.setattr(table_module, "_FRESH", table_module.timedelta())
    async with opened() as table, opened() as other:
        assert (await table.definitions()).schedules == {}
        await SchedulesWriter(other, "lea").replace(definitions(schedules={"a": week("ada")}), await other.stored())
        assert set((await table.definitions()).schedules) == {"a"}


async def test_a_table_that_is_gone_calls_whom_it_named_until_it_is_back(opened, monkeypatch):
    """Deleted by mistake, it is no table of nobody; made again and left empty, it is."""
    monkeypatch.setattr(table_module, "_FRESH", table_module.timedelta())
    async with opened() as table:
        await SchedulesWriter(table, "lea").replace(definitions(schedules={"a": week("ada")}), await table.stored())
        assert set((await table.definitions()).schedules) == {"a"}
        await table.client.delete_table()
        known = await table.schedules()
        assert set(known.stored.definitions.schedules) == {"a"}
        with pytest.raises(Misconfigured, match=r"it is gone, and held 3 rows at .*`tocsin roster import`"):
            await table.refresh()
        await table.create()
        assert await table.definitions() == Definitions()


async def test_a_broken_row_is_said_in_the_log_once(opened, monkeypatch):
    """By its keys, until it changes."""
    monkeypatch.setattr(table_module, "_FRESH", table_module.timedelta())
    async with opened() as table:
        await table.create()
        await table.client.create_entity({"PartitionKey": "person:ada", "RowKey": "person", "email": "ada"})
        with capture_logs() as logged:
            await table.definitions()
            await table.definitions()
    assert [entry["rows"] for entry in logged] == [("person:ada/person: email: is not an e-mail address: it has no @",)]


async def test_a_table_that_does_not_answer_and_never_did_is_an_error(opened, monkeypatch):
    """Nobody may take it for one without schedules."""
    monkeypatch.setattr(table_module, "transport", lambda _: {"retry_total": 0})
    settings = Settings.read(_env_file=None, tables_connection_string=NOWHERE, call_timeout_seconds=1)
    async with opened(settings) as table:
        with pytest.raises(Unreachable, match="Tried to read the table of schedules"):
            await table.definitions()


async def test_a_table_that_refuses_us_has_no_schedules_and_says_why(opened, of_a_table):
    """An identity may read the table of before alone: the rows of that one call people all the same."""
    key = of_a_table.tables_connection_string.get_secret_value()
    wrong = SecretStr(re.sub("AccountKey=[^;]+", "AccountKey=d3Jvbmc=", key))
    async with opened(of_a_table.model_copy(update={"tables_connection_string": wrong})) as table:
        known = await table.schedules()
    assert known.stored.definitions == Definitions()
    assert isinstance(known.trouble, Forbidden)
