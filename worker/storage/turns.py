"""Work that all workers take turns at: a partition beside those of the incidents, with one row for each kind of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from azure.core import MatchConditions
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.storage.partitions import TURNS
from worker.storage.rows import Row, etag, written_at
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import StoreClock, find_row

# What is noted of a run that deleted what is old.
RETENTION_DONE = "retention-done"


class Turns:
    def __init__(self, table: TableClient, *, owner: str) -> None:
        self._table = table
        self._owner = owner

    async def take(self, work: str, every: timedelta) -> timedelta | None:
        """The time since the last turn at the work; None while it is nobody's turn yet."""
        clock = StoreClock()
        last = await find_row(self._table, TURNS, work, raw_response_hook=clock)
        since = clock.first_date - written_at(last) if last else every
        if since < every:
            return None
        try:
            await self._replace(last, {"PartitionKey": TURNS, "RowKey": work, "owner": self._owner})
        except FAILURES as error:
            if is_conflict(error):
                return None
            raise translated(error, f"take the turn at the {work}") from error
        return since

    async def note(self, work: str, facts: Mapping[str, int]) -> None:
        """Keep what the work came to; raises Transient, Forbidden."""
        row = {"PartitionKey": TURNS, "RowKey": work, "owner": self._owner, **facts}
        try:
            await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
        except FAILURES as error:
            raise translated(error, f"note the {work}") from error

    async def last(self, work: str) -> tuple[datetime, Mapping[str, int]] | None:
        """When it was last noted, by the store's clock, and what it came to."""
        row = await find_row(self._table, TURNS, work)
        if row is None:
            return None
        return written_at(row), {name: value for name, value in row.items() if isinstance(value, int)}

    async def _replace(self, last: Row | None, row: dict[str, str]) -> None:
        if last is None:
            await self._table.create_entity(row)
            return
        unchanged = MatchConditions.IfNotModified
        await self._table.update_entity(row, UpdateMode.REPLACE, etag=etag(last), match_condition=unchanged)
