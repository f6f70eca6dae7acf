"""Whom the response told is read from the checkpoints of its lanes, against a real table store."""

from datetime import UTC, datetime

import pytest

from worker.domain.checkpoint import Checkpoint
from worker.domain.page import Page, Paged
from worker.domain.states import StepState
from worker.storage.lanes import passed
from worker.storage.partitions import LANE
from worker.storage.rows import step_row
from worker.storage.stores import open_stores
from worker.storage.table import open_table

AT = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
INCIDENT = "inc-4h7k2m9xqz"


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        yield stores


def a_page(person, level):
    return Page(person=person, name=person, by="chat", told=True, answer="sent", why="You are it.", level=level)


def done(name, result):
    return Checkpoint(name, StepState.DONE, 1, begun_at=AT, ended_at=AT, result=result.model_dump_json())


async def test_each_page_is_told_once_with_when_it_was(stores, settings):
    """By each part and again by its whole; neither watermarks nor other lanes or incidents are pages."""
    first, second = a_page("ada", 1), a_page("ben", 2)
    rows = [
        (f"{LANE}{INCIDENT}:tells-4", done("tell-4:ada", first)),
        (f"{LANE}{INCIDENT}:tells-4", done("tell-4", Paged(pages=(first,)))),
        (f"{LANE}{INCIDENT}:tells-4", passed(4)),
        (f"{LANE}{INCIDENT}:tells-11", done("tell-11:ben", second)),
        (f"{LANE}{INCIDENT}:channel", done("say-4", first)),
        (f"{LANE}inc-0000000000:tells-4", done("tell-4:cy", a_page("cy", 1))),
    ]
    async with open_table(settings) as table:
        for partition, checkpoint in rows:
            await table.upsert_entity({"PartitionKey": partition, **step_row(checkpoint)})
    found = await stores.pages.read(INCIDENT)
    assert {(page.person, page.at) for page in found} == {("ada", AT), ("ben", AT)}
    assert len(found) == 2
