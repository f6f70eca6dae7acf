"""The list of incidents: one partition beside theirs, with a row for each, the newest first.

It only says where to look: a row may be missing after a crash, and what it says of the launch may be behind.
"""

import asyncio
from contextlib import aclosing
from datetime import datetime

from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.incident import Incident
from worker.incidents.filter import ALL, IncidentFilter
from worker.incidents.history import History
from worker.storage.partition import read_partition
from worker.storage.partitions import INDEX
from worker.storage.rows import LEASE, Row, history, index_query, index_row
from worker.storage.sdk_errors import FAILURES, translated
from worker.storage.table import batches, read_row, read_rows

# Of a long list so many incidents are looked at together, and so many of them at once.
_LOOKS_AHEAD = 100
_LOOKS_AT_ONCE = 16


class IncidentListing:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def add(self, incident: Incident) -> None:
        await write_index_row(self._table, incident, launched=False)

    async def newest(self, limit: int, wanted: IncidentFilter = ALL) -> list[History]:
        """The newest incidents first; those that are launched without their steps."""
        where, values = index_query(wanted)
        at_once = min(limit, _LOOKS_AHEAD)
        one_of_few = asyncio.Semaphore(_LOOKS_AT_ONCE)
        found: list[History] = []
        async with aclosing(read_rows(self._table, where, values, page=at_once)) as rows:
            async for listed in batches(rows, at_once):
                known = await asyncio.gather(*(self._read_listed(row, one_of_few) for row in listed))
                found += [history for history in known if history is not None and wanted.matches(history)]
                if len(found) >= limit:
                    break
        return found[:limit]

    async def beginning(self, beginning: str, limit: int) -> list[str]:
        """The ids that begin so, of all that are kept, in no order; at most so many."""
        where = "PartitionKey eq @pk and incident ge @first and incident lt @end"
        values = {"pk": INDEX, "first": beginning, "end": f"{beginning}~"}
        async with aclosing(read_rows(self._table, where, values, limit)) as rows:
            return list(dict.fromkeys([row["incident"] async for row in rows]))

    async def touched_since(self, moment: datetime) -> list[str]:
        """The ids of the incidents that somebody has tried to launch since then; each attempt lists itself anew."""
        where = "PartitionKey eq @pk and Timestamp ge @moment"
        return [row["incident"] async for row in read_rows(self._table, where, {"pk": INDEX, "moment": moment})]

    async def _read_listed(self, listed: Row, one_of_few: asyncio.Semaphore) -> History | None:
        async with one_of_few:
            if not listed.get("launched"):
                return (await read_partition(self._table, listed["incident"])).history()
            row = await read_row(self._table, listed["incident"], LEASE)
        return history(row, ()).model_copy(update={"steps": ()}) if row is not None else None


async def write_index_row(table: TableClient, incident: Incident, *, launched: bool) -> None:
    try:
        await table.upsert_entity(index_row(incident, launched=launched), mode=UpdateMode.REPLACE)
    except FAILURES as error:
        raise translated(error, f"list {incident.id} among the newest incidents") from error
