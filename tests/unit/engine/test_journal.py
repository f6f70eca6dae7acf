"""The one writer of an incident's rows: it ends when its time has come, and never writes beside itself."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from patience import LIMIT, PATIENCE

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Throttled
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.states import LaunchState, StepState
from worker.engine import journal as journal_module
from worker.engine.journal import Journal
from worker.storage.incident_store import IncidentStore

INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime(2026, 3, 2, tzinfo=UTC))


DONE = Checkpoint("item", StepState.DONE, 1, datetime(2026, 3, 2, tzinfo=UTC))


class Line:
    """What lies between the store and its table: writes can be refused, or held up until they may go on."""

    def __init__(self):
        self.refusing = False
        self.open = asyncio.Event()
        self.open.set()
        self.on_the_way = 0
        self.written = []

    async def __call__(self, kind, name, happen):
        if kind == "read":
            return await straight(kind, name, happen)
        if self.refusing:
            error = HttpResponseError(message="Busy.")
            error.status_code = 503
            raise error
        self.on_the_way += 1
        await self.open.wait()
        self.written.append(name)
        return happen()


@pytest.fixture
def line():
    return Line()


@pytest.fixture
def table():
    table = MemoryTable(utc_now)
    table.create()
    return table


@pytest.fixture
def store(table, line):
    """With leases that a test can wait out."""
    return IncidentStore(MemoryTableClient(table, line), owner="one", lease_duration=timedelta(seconds=0.3))


@pytest.fixture
def patient_store(table, line):
    """With leases that outlast whatever holds up a busy machine."""
    return IncidentStore(MemoryTableClient(table, line), owner="one", lease_duration=PATIENCE)


async def test_a_lease_that_cannot_be_written_is_given_up_after_its_time(line, store):
    """A store that answers reads and refuses every write does not keep a worker beyond the lease it asked for."""
    line.refusing = True
    async with asyncio.timeout(LIMIT):
        with pytest.raises(Throttled, match="Tried to store the checkpoints"):
            await store.lease(INCIDENT, [])


async def test_checkpoints_that_cannot_be_written_are_given_up_with_the_lease(line, store):
    """Once the lease has ended unrenewed, whoever waits for the commit hears of it."""
    lease = await store.lease(INCIDENT, [])
    line.refusing = True
    async with asyncio.timeout(LIMIT):
        with pytest.raises(Throttled, match="Tried to store the checkpoints"):
            await store.commit(lease, [])


async def test_a_launch_that_is_cancelled_while_it_closes_does_not_close(line, patient_store):
    """A commit that is on its way is not overtaken by a second one: the lease is left to end by itself."""
    lease = await patient_store.lease(INCIDENT, [])
    journal = Journal(patient_store, lease)

    async def launch():
        async with journal:
            await closing.wait()
            await journal.close(Closing(LaunchState.LAUNCHED))

    closing, before = asyncio.Event(), line.on_the_way
    launching = asyncio.create_task(launch())
    line.open.clear()
    async with asyncio.timeout(LIMIT):
        # The journal stores what is due, and that commit does not come through.
        journal.note(DONE)
        while line.on_the_way == before:
            await asyncio.sleep(0.01)
        closing.set()
        while not journal._closing:
            await asyncio.sleep(0)
        launching.cancel()
        line.open.set()
        with pytest.raises(asyncio.CancelledError):
            await launching
    assert not any("launched" in rows for rows in line.written)


async def test_a_result_is_seen_a_moment_after_it_was_noted(table, patient_store, monkeypatch):
    """Whoever watches does not wait for the renewal of a long lease."""
    monkeypatch.setattr(journal_module, "_LINGER", 0.05)
    lease = await patient_store.lease(INCIDENT, [])
    async with asyncio.timeout(LIMIT / 6), Journal(patient_store, lease) as journal:
        journal.note(DONE)
        while not (stored := (await patient_store.history(INCIDENT.id)).steps):
            await asyncio.sleep(0.01)
    assert [step.name for step in stored] == ["item"]


async def test_a_lease_is_renewed_while_nothing_is_due(line, table):
    """In the last third of its time, so that two renewals may fail."""
    store = IncidentStore(MemoryTableClient(table, line), owner="one", lease_duration=timedelta(seconds=0.6))
    lease = await store.lease(INCIDENT, [])
    etag, began = lease.etag, time.monotonic()
    async with asyncio.timeout(LIMIT), Journal(store, lease):
        while lease.etag == etag:
            await asyncio.sleep(0.01)
    assert time.monotonic() - began >= 0.2
    assert lease.is_valid


async def test_whoever_begins_after_the_lease_was_lost_hears_of_it(line, store):
    """Nothing more may be begun with it, and nothing is written."""
    lease = await store.lease(INCIDENT, [])
    async with asyncio.timeout(LIMIT), Journal(store, lease) as journal:
        line.refusing = True
        with pytest.raises(Throttled):
            await journal.begin(DONE)
        written = len(line.written)
        for act in (journal.begin(DONE), journal.close(Closing(LaunchState.LAUNCHED))):
            with pytest.raises(Throttled):
                await act
        assert len(line.written) == written


async def test_what_begins_together_is_stored_together(line, patient_store):
    """Steps that become ready at one moment share a transaction, and wait until it is there."""
    lease = await patient_store.lease(INCIDENT, [])
    before = len(line.written)
    async with asyncio.timeout(LIMIT), Journal(patient_store, lease) as journal:
        journal.note(DONE)
        await asyncio.gather(*(journal.begin(replace(DONE, name=name)) for name in ("room", "people")))
        assert len(line.written) == before + 1
        await journal.close(Closing(LaunchState.LAUNCHED))
    history = await patient_store.history(INCIDENT.id)
    assert sorted(step.name for step in history.steps) == ["item", "people", "room"]
    assert history.state is LaunchState.LAUNCHED
