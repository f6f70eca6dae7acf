"""Which incidents are open, and which of them a report is to join, against a real table store."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.alert_record import AlertRecord
from worker.domain.alert_summary import summarised
from worker.domain.errors import Gone, Rejected
from worker.domain.event import Event, EventType, Severity
from worker.domain.incident import Incident, incident_id
from worker.domain.lease import Closing
from worker.domain.states import LaunchState
from worker.grouping.alert_store import open_alert_store
from worker.grouping.open_incidents import OpenIncidents
from worker.storage.stores import open_stores

HOUR = timedelta(hours=1)


@pytest.fixture
async def incidents(settings):
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, owner="one"))
        await stores.table.prepare()
        yield OpenIncidents(stores, await stack.enter_async_context(open_alert_store(settings)))


@pytest.fixture
def opened(incidents):
    """An incident in the store, launched unless another state is asked for."""

    async def opened(key, *, service="checkout", age=timedelta(), state=LaunchState.LAUNCHED):
        event = Event(title=f"{key} is down", service=service, key=key)
        incident = Incident(key=key, event=event, received_at=datetime.now(UTC) - age)
        lease = await incidents.stores.incidents.lease(incident, [])
        await incidents.stores.listing.add(incident)
        await incidents.stores.incidents.commit(lease, [], Closing(state))
        return incident.id

    return opened


async def resolve(incidents, key):
    """All alerts of the incident have resolved, and that was counted."""
    moment = datetime.now(UTC)
    for kind in (EventType.TRIGGER, EventType.RESOLVE):
        alert = AlertRecord(kind.value, kind, "f", Severity.MEDIUM, "f is down", moment)
        assert await incidents.alert_store.keep(incident_id(key), alert)
    alerts = await incidents.alert_store.alerts(incident_id(key))
    assert await incidents.alert_store.store_count(incident_id(key), summarised(alerts.records), None)


async def test_the_open_incidents_of_a_service_are_told_newest_first(incidents, opened):
    """In whatever case it is written; neither what has ended, nor what is older than a day, nor another service's."""
    older, newer = await opened("a", age=2 * HOUR), await opened("b", age=HOUR, state=LaunchState.LAUNCHING)
    await opened("c", service="search")
    await opened("d", age=25 * HOUR)
    await opened("e", state=LaunchState.FAILED)
    await opened("f")
    await resolve(incidents, "f")
    found = await incidents.newest("CheckOut", 9)
    assert [(each.incident_id, each.title) for each in found] == [(newer, "b is down"), (older, "a is down")]


async def test_so_many_are_told_and_no_more(incidents, opened):
    """Of any service, where none is asked for."""
    for number in range(4):
        await opened(f"k{number}", service=f"s{number}")
    assert len(await incidents.newest(None, 3)) == 3


@pytest.mark.parametrize("names", [{"checkout", "kasse"}, {"checkout", "kasse", *"abcdefghi"}, set()])
async def test_what_is_open_of_several_services_is_handed_over(incidents, opened, names):
    """However many names there are, of as long ago as is asked for; neither what has ended nor others'."""
    ids = [await opened(key, service=name, age=30 * HOUR) for key, name in (("a", "Checkout"), ("b", "kasse"))]
    await opened("c", service="search")
    await opened("d", age=50 * HOUR)
    await opened("e")
    await resolve(incidents, "e")

    def covers(service):
        return service.casefold() in {"checkout", "kasse"}

    found = await incidents.of_services(frozenset(names), covers, 10, within=48 * HOUR)
    assert {each.incident_id for each in found} == set(ids)
    assert len(await incidents.of_services(frozenset(names), covers, 1, within=48 * HOUR)) == 1


async def test_an_incident_is_found_by_its_id_or_a_beginning_of_it(incidents, opened):
    """With or without what all ids begin with, in either case."""
    found = await opened("a", age=48 * HOUR)
    assert (await incidents.find(found.upper())).key == "a"
    found = await opened("b")
    for beginning in (found[:8], found[4:9], f" {found} "):
        assert (await incidents.find(beginning)).incident_id == found


@pytest.mark.parametrize("asked", ["inc-0000000000", "zzzz", "", "' or 1 eq 1", "inc-", "x" * 11])
async def test_what_is_not_there_is_said_to_be_gone(incidents, opened, asked):
    """Whatever was typed."""
    await opened("a")
    with pytest.raises(Gone, match="There is no incident"):
        await incidents.find(asked)


async def test_a_beginning_of_several_is_refused_with_their_ids(incidents, opened):
    """Nobody guesses which one was meant."""
    by_first = {}
    for number in range(40):
        found = await opened(f"k{number}")
        if found[4] in by_first:
            break
        by_first[found[4]] = found
    with pytest.raises(Rejected, match="2 incidents begin so") as refusal:
        await incidents.find(found[:5])
    assert by_first[found[4]] in str(refusal.value)


async def test_what_has_ended_takes_no_report(incidents, opened):
    """Resolved, or given up: the sentence says which."""
    await opened("a")
    await resolve(incidents, "a")
    with pytest.raises(Rejected, match="all its alerts have resolved"):
        await incidents.find(incident_id("a"))
    with pytest.raises(Rejected, match="its launch was given up"):
        await incidents.find(await opened("b", state=LaunchState.FAILED))
