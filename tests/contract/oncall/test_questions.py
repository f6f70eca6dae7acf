"""Whoever asks often has both tables read once in a few seconds."""

import asyncio
import uuid

import pytest
from azure.data.tables.aio import TableClient
from seen import Seen

from worker.domain.errors import Misconfigured
from worker.observability.telemetry import reporting_to
from worker.oncall.lookup import open_lookup
from worker.oncall.questions import OnCallQuestions
from worker.settings import Settings

ADA = {"PartitionKey": "1", "RowKey": "1", "name": "Ada", "email": "ada@x.example", "service": "x", "oncall": "yes"}


@pytest.fixture
def of_tables(azurite):
    names = {"tables_oncall": f"o{uuid.uuid4().hex}", "tables_schedules": f"s{uuid.uuid4().hex}"}
    return Settings.read(_env_file=None, tables_connection_string=azurite, **names)


@pytest.fixture
async def questions(of_tables):
    async with open_lookup(of_tables, None) as lookup:
        yield OnCallQuestions(lookup)


@pytest.fixture
async def oncall(of_tables):
    """The on-call table with one row."""
    connection = of_tables.tables_connection_string.get_secret_value()
    async with TableClient.from_connection_string(connection, of_tables.tables_oncall) as table:
        await table.create_table()
        await table.create_entity(ADA)
        yield table


async def test_many_who_ask_read_each_table_once(questions, oncall):
    """At the same time, and soon after."""
    seen = Seen()
    with reporting_to(seen.telemetry):
        answers = await asyncio.gather(*(questions.answer("x", None) for _ in range(20)))
        await oncall.delete_entity(ADA)
        answers.append(await questions.answer("x", "2027-01-05T03:00"))
    seen.close()
    assert [span.name for span in seen.spans] == ["tables read"] * 2
    assert {each.on_call[0].email for each in answers} == {"ada@x.example"}
    assert answers[-1].at == "2027-01-05T03:00Z"
    assert answers[-1].note == "2027-01-05 03:00 is taken for the time of UTC."


async def test_a_time_that_is_none_is_refused(questions, oncall):
    """Whatever is known."""
    del oncall
    with pytest.raises(ValueError, match="is no time"):
        await questions.answer("x", "soon")


async def test_nothing_known_is_no_answer(questions):
    """Tables that were never made do not mean that nobody is on call."""
    with pytest.raises(Misconfigured, match="roster import"):
        await questions.answer("x", None)
