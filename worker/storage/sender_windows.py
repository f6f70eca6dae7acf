"""How many incidents each sender asked for lately: a partition for each sender, a row for each kind of them."""

from dataclasses import dataclass
from datetime import datetime

from azure.core import MatchConditions
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient
from pydantic import TypeAdapter

from worker.domain.flood import sender_digest
from worker.domain.sender_window import SenderWindow
from worker.storage.partitions import SENDER
from worker.storage.rows import etag
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import StoreClock, find_row

_WINDOW: TypeAdapter[SenderWindow] = TypeAdapter(SenderWindow)


@dataclass(frozen=True, slots=True)
class StoredWindow:
    """As it was read at that time by the store's clock, in the version that the next one replaces; None is none."""

    window: SenderWindow
    read_at: datetime
    etag: str | None


class SenderWindows:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def read(self, sender: str, kind: str) -> StoredWindow:
        clock = StoreClock()
        row = await find_row(self._table, SENDER + sender_digest(sender), kind, raw_response_hook=clock)
        if row is None:
            return StoredWindow(SenderWindow(clock.first_date), clock.first_date, None)
        return StoredWindow(_WINDOW.validate_json(row["window"]), clock.first_date, etag(row))

    async def replace(self, sender: str, kind: str, window: SenderWindow, before: StoredWindow) -> bool:
        """False where somebody else was quicker."""
        row = {"PartitionKey": SENDER + sender_digest(sender), "RowKey": kind}
        row["window"] = _WINDOW.dump_json(window).decode()
        try:
            if before.etag is None:
                await self._table.create_entity(row)
            else:
                unchanged = MatchConditions.IfNotModified
                await self._table.update_entity(row, UpdateMode.REPLACE, etag=before.etag, match_condition=unchanged)
        except FAILURES as error:
            if is_conflict(error):
                return False
            raise translated(error, "count the new incidents of a sender") from error
        return True
