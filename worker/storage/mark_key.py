"""The key of the marks that workers put on messages to themselves: random, in a row of its own beside the incidents.

Whoever may write to the queue alone cannot read it.
"""

import secrets

from azure.data.tables.aio import TableClient

from worker.storage.partitions import MARKS
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import read_row

_ROW = "key"
_BYTES = 32


class MarkKeyStore:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def read_or_create(self) -> bytes:
        """The same for all workers; raises Transient, Forbidden."""
        row = await read_row(self._table, MARKS, _ROW)
        if row is not None:
            return bytes.fromhex(row["key"])
        made = secrets.token_bytes(_BYTES)
        try:
            await self._table.create_entity({"PartitionKey": MARKS, "RowKey": _ROW, "key": made.hex()})
        except FAILURES as error:
            if not is_conflict(error):
                raise translated(error, "keep the key of the marks") from error
            return await self.read_or_create()
        return made
