"""The one writer of an incident's rows: it ends when its time has come, and never writes beside itself."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from azure.core.exceptions import HttpResponseError
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.errors import Throttled
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.engine.journal import Journal
from worker.storage.incident_store import IncidentStore

INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=datetime(2026, 3, 2, tzinfo=UTC))


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
def store(line):
    table = MemoryTable(utc_now)
    table.create()
    return IncidentStore(MemoryTableClient(table, line), owner="one", lease_duration=timedelta(seconds=0.3))


async def test_a_lease_that_cannot_be_written_is_given_up_after_its_time(line, store):
    """A store that answers reads and refuses every write does not keep a worker beyond the lease it asked for."""
    line.refusing = True
    async with asyncio.timeout(10):
        with pytest.raises(Throttled, match="Tried to store the checkpoints"):
            await store.lease(INCIDENT, [])


async def test_checkpoints_that_cannot_be_written_are_given_up_with_the_lease(line, store):
    """Once the lease has ended unrenewed, whoever waits for the commit hears of it."""
    lease = await store.lease(INCIDENT, [])
    line.refusing = True
    async with asyncio.timeout(10):
        with pytest.raises(Throttled, match="Tried to store the checkpoints"):
            await store.commit(lease, [])


async def test_a_launch_that_is_cancelled_while_it_closes_does_not_close(line, store):
    """A commit that is on its way is not overtaken by a second one: the lease is left to end by itself."""
    lease = await store.lease(INCIDENT, [])
    journal = Journal(store, lease)

    async def launch():
        async with journal:
            await closing.wait()
            await journal.close(Closing(LaunchState.LAUNCHED))

    closing, before = asyncio.Event(), line.on_the_way
    launching = asyncio.create_task(launch())
    line.open.clear()
    async with asyncio.timeout(10):
        # The journal renews the lease, and that commit does not come through.
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
