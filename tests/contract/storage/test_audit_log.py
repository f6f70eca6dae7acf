"""What people did, against a real table store."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.audit import ACKNOWLEDGE, AuditRecord
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.incidents.history import Acknowledged
from worker.storage.stores import open_stores

AT = datetime(2026, 3, 2, 9, 5, 7, 123456, tzinfo=UTC)


@pytest.fixture
async def store(settings):
    async with open_stores(settings, owner="a-host/7") as opened:
        await opened.table.prepare()
        yield opened


@pytest.fixture
async def incident(store):
    incident = Incident(key="k", event=Event(title="Checkout is down", key="k"), received_at=AT)
    await store.incidents.lease(incident, [])
    return incident


def acknowledged(who, minutes=0):
    return AuditRecord(action=ACKNOWLEDGE, who=who, at=AT + timedelta(minutes=minutes), details={"through": "link"})


async def test_what_is_recorded_once_stands_as_it_was_first(store, incident):
    """However often and however concurrently somebody says it; another person says it for themselves."""
    written = await asyncio.gather(*(store.audit.add_once(incident.id, acknowledged("amara", n)) for n in range(5)))
    again = await store.audit.add_once(incident.id, acknowledged("amara", 9))
    jonas = await store.audit.add_once(incident.id, acknowledged("jonas", 7))
    assert len({record.at for record in [*written, again]}) == 1
    assert await store.audit.read(incident.id) == [again, jonas]


async def test_a_record_without_a_lost_answer_is_its_own(store, incident):
    """To the microsecond, so that whoever wrote it knows it again."""
    assert await store.audit.add_once(incident.id, acknowledged("amara")) == acknowledged("amara")
    assert await store.audit.add_once(incident.id, acknowledged("amara")) == acknowledged("amara")


async def test_deeds_of_every_kind_are_told_in_the_order_of_their_times(store, incident):
    """Whatever keys they have; and who has it stands in the incident's history and record."""
    await store.audit.add_once(incident.id, acknowledged("amara", 1))
    await store.audit.add(incident.id, AuditRecord(action="replay", who="desk", at=AT))
    await store.audit.add(incident.id, AuditRecord(action="replay", who="desk", at=AT + timedelta(minutes=2)))
    record = await store.incidents.record(incident.id)
    assert [each.action for each in record.audit] == ["replay", "acknowledge", "replay"]
    expected = (Acknowledged(by="amara", at=AT + timedelta(minutes=1)),)
    assert record.acknowledged == (await store.incidents.history(incident.id)).acknowledged == expected
