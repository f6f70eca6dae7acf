"""What people did to incidents: rows beside an incident's, or in a partition of their own where there is none."""

import time

from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.audit import AuditRecord
from worker.storage.partition import read_partition
from worker.storage.partitions import AUDIT
from worker.storage.retrying import retry_until
from worker.storage.rows import audit_record, audit_row, once_row
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import read_row

# Nobody holds a lease here that would say how long there is.
_PATIENCE_SECONDS = 10


class AuditLog:
    """It needs no lease: nothing here touches a step."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def read(self, incident_id: str | None) -> list[AuditRecord]:
        """What people did to the incident, oldest first; without an id, to what was none."""
        return (await read_partition(self._table, incident_id or AUDIT)).audit()

    async def add(self, incident_id: str | None, record: AuditRecord) -> None:
        """Beside the incident, whoever has its lease; without an id, where those of no incident are kept."""
        row = {"PartitionKey": incident_id or AUDIT, **audit_row(record)}

        async def write() -> None:
            try:
                await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
            except FAILURES as error:
                raise translated(error, f"record the {record.action}") from error

        await retry_until(time.monotonic() + _PATIENCE_SECONDS, write)

    async def add_once(self, incident_id: str, record: AuditRecord) -> AuditRecord:
        """Beside the incident, unless this person did this before; the record that stands, this one or the first."""
        row = {"PartitionKey": incident_id, **once_row(record)}

        async def write() -> AuditRecord:
            try:
                await self._table.create_entity(row)
            except FAILURES as error:
                if not is_conflict(error):
                    raise translated(error, f"record the {record.action}") from error
                # A first write whose answer was lost stands here as well, and is this record.
                stands = await read_row(self._table, incident_id, row["RowKey"])
                return audit_record(stands) if stands is not None else record
            return record

        return await retry_until(time.monotonic() + _PATIENCE_SECONDS, write)
