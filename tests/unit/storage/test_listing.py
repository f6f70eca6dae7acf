"""What is asked of the store for a list does not grow with the number of the incidents in it."""

from datetime import UTC, datetime, timedelta

import pytest
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.domain.states import LaunchState
from worker.grouping.alert_store import AlertStore
from worker.grouping.open_incidents import OpenIncidents
from worker.incidents.filter import IncidentFilter
from worker.storage.purge import Purge
from worker.storage.rows import incident_columns, index_row, lease_columns
from worker.storage.stores import Stores

DAY = timedelta(days=1)
FEW, MANY = 200, 2_000


class Counting:
    """How often the store was asked for rows, page by page."""

    def __init__(self):
        self.asked = 0

    async def __call__(self, kind, name, happen):
        del name
        found = happen()
        self.asked += kind == "read"
        return found


def filled(number):
    """So many incidents, one each half hour up to now, all launched but one in a hundred, a service in ten."""
    table, now = MemoryTable(utc_now), datetime.now(UTC)
    table.create()
    rows = {}
    for place in range(number):
        event = Event(title=f"{place}", key=f"{place}", severity=Severity(place % 5 + 1), service=f"s{place % 10}")
        incident = Incident(key=f"{place}", event=event, received_at=now - place * timedelta(minutes=30))
        launched = place % 100 != 50
        lease = lease_columns(owner="one", token="t", duration=timedelta()) | incident_columns(incident)
        lease |= {"attempt": 1, "first_attempt_at": incident.received_at}
        lease["state"] = (LaunchState.LAUNCHED if launched else LaunchState.FAILED).value
        for row in (index_row(incident, launched=launched), {"PartitionKey": incident.id, **lease}):
            rows[row["PartitionKey"], row["RowKey"]] = row
    table.fill(rows.values())
    return table


@pytest.fixture(scope="module")
def tables():
    return {number: filled(number) for number in (FEW, MANY)}


QUESTIONS = {
    "the newest": lambda stores, _: stores.listing.newest(20),
    "of a service": lambda stores, _: stores.listing.newest(5, IncidentFilter(services=frozenset({"s3"}))),
    "of a service that there is not": lambda stores, _: stores.listing.newest(
        5, IncidentFilter(services=frozenset({"none"}))
    ),
    "failed": lambda stores, _: stores.listing.newest(2, IncidentFilter(states=frozenset({LaunchState.FAILED}))),
    "open": lambda _, opened: opened.newest(None, 10),
    "open of a service": lambda _, opened: opened.newest("s3", 10),
    "swept": lambda stores, _: stores.listing.touched_since(datetime.now(UTC) + DAY),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
async def test_ten_times_as_many_incidents_are_asked_for_no_more_often(tables, ask):
    """A list has its rows from as many answers, however many incidents were received before."""
    asked = {}
    for number, table in tables.items():
        counting = Counting()
        client = MemoryTableClient(table, counting)
        stores = Stores.of(client, owner="one", lease_duration=DAY)
        await ask(stores, OpenIncidents(stores, AlertStore(client)))
        asked[number] = counting.asked
    assert asked[MANY] == asked[FEW] > 0


async def test_what_is_old_is_found_without_reading_what_is_not(tables):
    """Whoever deletes reads the list from an age on."""
    table = tables[MANY]
    purge = Purge(MemoryTableClient(table, straight))
    old = [row async for row in purge.listed_before(datetime.now(UTC) - 40 * DAY - timedelta(minutes=15))]
    assert len(old) == MANY - 40 * 48 - 1
