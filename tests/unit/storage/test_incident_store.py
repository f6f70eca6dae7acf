"""A lease that somebody else holds says for how long, whoever asks for it and why."""

from datetime import UTC, datetime, timedelta

import pytest
from memory_table import MemoryTable, MemoryTableClient, straight
from settable_clock import SettableClock

from worker.domain.audit import AuditRecord
from worker.domain.errors import Held
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched, Closing, Lease
from worker.domain.states import LaunchState
from worker.storage.incident_store import IncidentStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INCIDENT = Incident(key="k", event=Event(title="Down", key="k"), received_at=NOON)
DURATION, PASSED = timedelta(seconds=60), timedelta(seconds=20)


class Bench:
    def __init__(self):
        self.clock = SettableClock(NOON)
        self._table = MemoryTable(self.clock)
        self._table.create()
        self.one, self.two = (self._store(owner) for owner in ("one", "two"))

    def _store(self, owner):
        return IncidentStore(MemoryTableClient(self._table, straight), owner=owner, lease_duration=DURATION)

    async def launched(self):
        lease = await self.one.lease(INCIDENT, [])
        await self.one.commit(lease, [], Closing(LaunchState.LAUNCHED))


@pytest.fixture
def bench():
    return Bench()


async def test_a_launch_under_way_says_when_its_lease_ends(bench):
    """To who would launch it, and to who would change its event."""
    await bench.one.lease(INCIDENT, [])
    bench.clock.now += PASSED
    with pytest.raises(Held, match="one is launching") as launching:
        await bench.two.lease(INCIDENT, [])
    with pytest.raises(Held, match="one is launching") as amending:
        await bench.two.amend(INCIDENT.id, INCIDENT.event, AuditRecord(action="edit", who="ops", at=NOON))
    assert launching.value.retry_after == amending.value.retry_after == DURATION - PASSED


async def test_a_launched_incident_that_is_acted_on_says_when_that_lease_ends(bench):
    """And nobody is sent away from one that nobody acts on."""
    await bench.launched()
    assert isinstance(await bench.one.lease_launched(INCIDENT.id), Lease)
    bench.clock.now += PASSED
    with pytest.raises(Held, match="one acts on") as held:
        await bench.two.lease_launched(INCIDENT.id)
    assert held.value.retry_after == DURATION - PASSED
    bench.clock.now += DURATION
    assert isinstance(await bench.two.lease_launched(INCIDENT.id), Lease)


async def test_what_is_not_launched_is_nobodys_to_act_on(bench):
    """Its launch tells what there is to tell."""
    assert await bench.one.lease_launched(INCIDENT.id) is None
    await bench.one.lease(INCIDENT, [])
    assert await bench.two.lease_launched(INCIDENT.id) is None


async def test_a_launched_incident_is_not_launched_again(bench):
    """However late its message comes again."""
    await bench.launched()
    bench.clock.now += 10 * DURATION
    assert isinstance(await bench.two.lease(INCIDENT, []), AlreadyLaunched)
