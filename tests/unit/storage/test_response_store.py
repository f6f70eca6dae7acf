"""A write whose answer is lost is written once, and known for our own."""

from datetime import UTC, datetime

import pytest
from azure.core.exceptions import ServiceResponseError
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.errors import Transient
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.response.act import Outcome
from worker.domain.response.actor import CLOCK, Source
from worker.lifecycle.response.deciding import opened
from worker.lifecycle.response.log import Log
from worker.storage import response_store
from worker.storage.response_store import MovedOn, ResponseStore

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=NOW)
DONE = Outcome(verdict="done", sentence="Done.")


class Line:
    """The way to the table: of each write in `losing` the answer is lost, with the request or without it."""

    def __init__(self, losing=(), *, applied=False, meanwhile=None):
        self.losing = list(losing)
        self.applied = applied
        self.meanwhile = meanwhile
        self.writes = 0

    async def __call__(self, kind, name, happen):
        if kind != "write":
            return happen()
        self.writes += 1
        if self.writes not in self.losing:
            return happen()
        if self.applied:
            happen()
        if self.meanwhile is not None:
            await self.meanwhile()
        raise ServiceResponseError("reset")


@pytest.fixture
def table():
    table = MemoryTable(utc_now)
    table.create()
    return table


def store_of(table, through=straight):
    return ResponseStore(MemoryTableClient(table, through))


async def append(responses, stored, *texts, act_id=""):
    before = stored.response if stored else opened(INCIDENT, NOW, 60.0)
    log = Log(before, now=NOW, at=NOW, actor=CLOCK, source=Source.CLOCK, act_id=act_id)
    for text in texts:
        log.enter("note", text)
    return await responses.append(stored, log.response, log.entries, [(act_id, DONE)] if act_id else [])


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("stands", [True, False], ids=["a later one", "the first one"])
async def test_a_write_whose_answer_is_lost_is_written_once(table, applied, stands):
    """And whoever wrote it goes on from what it wrote."""
    before = await append(store_of(table), None, "before") if stands else None
    responses = store_of(table, Line([1], applied=applied))
    written = await append(responses, before, "first", act_id="a1")
    assert await responses.read(INCIDENT.id) == written
    assert [entry.text for entry in await responses.entries(INCIDENT.id)][stands:] == ["first"]
    assert (await append(responses, written, "next")).response.seq == 2 + stands


@pytest.mark.parametrize("applied", [True, False])
async def test_a_write_that_somebody_else_wrote_behind_is_not_written_again(table, applied):
    """Whoever lost the answer decides anew, and finds what the act came to, or that nothing came of it."""

    async def somebody_else():
        await append(other, await other.read(INCIDENT.id), "other", act_id="b1")

    other = store_of(table)
    with pytest.raises(MovedOn):
        await append(store_of(table, Line([1], applied=applied, meanwhile=somebody_else)), None, "first", act_id="a1")
    assert (await other.outcome(INCIDENT.id, "a1") == DONE) is applied
    assert [entry.text for entry in await other.entries(INCIDENT.id)] == ["first"] * applied + ["other"]


async def test_a_store_that_never_answers_is_given_up(table, monkeypatch):
    """It is for the message to come again."""
    monkeypatch.setattr(response_store, "_PATIENCE_SECONDS", 0)
    with pytest.raises(Transient, match=f"record what happened to {INCIDENT.id}"):
        await append(store_of(table, Line(range(1, 100))), None, "first")
