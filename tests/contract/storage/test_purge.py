"""Old rows against a real table store: found by their ages, and deleted as they were read or not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.audit import AuditRecord
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.grouping.alert_store import open_alert_store
from worker.storage.partitions import ALERTS, IDENTITY, INCIDENT
from worker.storage.stores import open_stores

NOW = datetime.now(UTC)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
async def stores(settings):
    async with open_stores(settings, owner="one") as opened:
        await opened.table.prepare()
        yield opened


async def launched(stores, key, age):
    incident = Incident(key=key, event=Event(title=key, key=key), received_at=NOW - age)
    lease = await stores.incidents.lease(incident, [])
    await stores.listing.add(incident)
    await stores.incidents.commit(lease, [], Closing(LaunchState.LAUNCHED))
    return incident


async def test_the_list_is_read_from_an_age_on(stores):
    """Only what was received earlier is told, the newest of it first."""
    incidents = [await launched(stores, f"k{days}", timedelta(days=days)) for days in (1, 2, 3)]
    listed = [row["incident"] async for row in stores.purge.listed_before(NOW - timedelta(days=1, hours=1))]
    assert listed == [incidents[1].id, incidents[2].id]


async def test_partitions_of_a_kind_are_read_by_when_they_were_written(stores, settings):
    """Neither a neighbour's rows are told nor what was written since."""
    incident = await launched(stores, "k", timedelta())
    async with open_alert_store(settings) as alert_store:
        await alert_store.close(incident.id)
        await alert_store.point_identity("f00", "k", None)
    for kind, partition in ((INCIDENT, incident.id), (ALERTS, ALERTS + incident.id), (IDENTITY, "identity:f00")):
        assert {row["PartitionKey"] async for row in stores.purge.written_before(kind, SOON)} == {partition}
        assert [row async for row in stores.purge.written_before(kind, NOW - timedelta(hours=1))] == []


async def test_hundreds_of_rows_are_deleted_as_they_were_read(stores):
    """What a transaction cannot hold goes in several, and what was written since stays."""
    incident = await launched(stores, "k", timedelta())
    for _ in range(120):
        await stores.audit.add(incident.id, AuditRecord(action="comment", who="ada", details={}))
    read = await stores.purge.read(incident.id)
    await stores.audit.add(incident.id, AuditRecord(action="comment", who="eve", details={}))
    assert await stores.purge.delete(read.rows)
    assert not await stores.purge.is_there(incident.id)
    assert [record.who for record in await stores.audit.read(incident.id)] == ["eve"]
    assert not await stores.purge.delete(read.rows)


async def test_a_row_that_has_changed_keeps_its_hundred(stores):
    """An incident that somebody leases between the two is not touched."""
    incident = await launched(stores, "k", timedelta())
    read = await stores.purge.read(incident.id)
    assert await stores.incidents.lease_launched(incident.id)
    assert not await stores.purge.delete(read.rows)
    assert await stores.incidents.history(incident.id)


async def test_whoever_pointed_a_fingerprint_that_is_gone_looks_anew(stores, settings):
    """An alert that comes while its fingerprint is deleted is placed anew, and not refused for good."""
    async with open_alert_store(settings) as alert_store:
        await alert_store.point_identity("f00", "k", None)
        pointer = await alert_store.of_identity("f00")
        rows = [row async for row in stores.purge.written_before(IDENTITY, SOON)]
        assert await stores.purge.delete(rows)
        assert not await alert_store.point_identity("f00", "other", pointer)
        assert await alert_store.point_identity("f00", "other", None)
