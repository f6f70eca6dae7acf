"""What is stored about one incident, as it is read: all of its rows, or that of its lease alone."""

from azure.data.tables.aio import TableClient

from worker.storage.rows import LEASE, Partition, Row
from worker.storage.table import StoreClock, find_row, read_rows


async def read_partition(table: TableClient, name: str, *, page: int | None = None) -> Partition:
    clock = StoreClock()
    found = read_rows(table, "PartitionKey eq @pk", {"pk": name}, page=page, raw_response_hook=clock)
    rows = [row async for row in found]
    return Partition(rows, clock.first_date)


async def read_lease_row(table: TableClient, incident_id: str) -> Row | None:
    return await find_row(table, incident_id, LEASE)
