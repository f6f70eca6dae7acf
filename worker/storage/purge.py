"""Rows that are old: found by their age, and deleted as they were read or not at all."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from azure.core import MatchConditions
from azure.data.tables.aio import TableClient

from worker.storage.partition import read_partition
from worker.storage.rows import LEASE, Partition, Row, etag, listed_before
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import read_row, read_rows

# What the store takes in one transaction.
_TOGETHER = 100
# What is read at once is taken apart on the event loop, beside launches.
_PAGE = 200


class Purge:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    def listed_before(self, moment: datetime) -> AsyncGenerator[Row, None]:
        """The rows of the list for the incidents that were received earlier: no others are read."""
        return read_rows(self._table, *listed_before(moment), page=_PAGE)

    def written_before(self, beginning: str, moment: datetime) -> AsyncGenerator[Row, None]:
        """The rows, by the store's clock, of all partitions whose names begin so; one partition after the other."""
        where = "PartitionKey ge @first and PartitionKey lt @end and Timestamp lt @moment"
        return read_rows(self._table, where, {**_beginning_with(beginning), "moment": moment}, page=_PAGE)

    async def read(self, partition: str) -> Partition:
        return await read_partition(self._table, partition, page=_PAGE)

    async def read_all(self, beginning: str) -> list[list[Row]]:
        """The rows of each partition whose name begins so."""
        where, values = "PartitionKey ge @first and PartitionKey lt @end", _beginning_with(beginning)
        async with aclosing(read_rows(self._table, where, values, page=_PAGE)) as found:
            rows = [row async for row in found]
        return [list(each) for _, each in groupby(rows, key=itemgetter("PartitionKey"))]

    async def is_there(self, incident_id: str) -> bool:
        """Whether anybody has begun to launch it, and it was not deleted."""
        return await read_row(self._table, incident_id, LEASE) is not None

    async def delete(self, rows: Sequence[Row]) -> bool:
        """Rows of one partition, all or none of each hundred, in this order.

        False where one is not as it was read: it and those after it stay. Raises Transient, Forbidden.
        """
        for start in range(0, len(rows), _TOGETHER):
            operations = [("delete", row, _as_read(row)) for row in rows[start : start + _TOGETHER]]
            try:
                await self._table.submit_transaction(operations)
            except FAILURES as error:
                if is_conflict(error):
                    return False
                raise translated(error, f"delete old rows of {rows[start]['PartitionKey']}") from error
        return True


def _beginning_with(beginning: str) -> dict[str, Any]:
    return {"first": beginning, "end": beginning[:-1] + chr(ord(beginning[-1]) + 1)}


def _as_read(row: Row) -> dict[str, object]:
    return {"etag": etag(row), "match_condition": MatchConditions.IfNotModified}
