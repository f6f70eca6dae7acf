"""How responses stand, and what happened: one partition for each incident, written by compare and set.

Its row `state` carries the fold of the entries; one row `entry:<seq>` stands for each entry, one row `act:<digest>` for
what each act came to. Entries, outcome and state go in one entity group transaction on condition that the state is as
it was read, so of two who decide at once the second decides anew.
"""

import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.errors import Held, TocsinError, Transient
from worker.domain.response.act import Outcome
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.storage.partitions import RESPONSE
from worker.storage.response_rows import (
    ENTRY,
    STATE,
    act_key,
    act_row,
    entries_of,
    entry_key,
    entry_rows,
    outcome_of,
    response_of,
    state_row,
)
from worker.storage.retrying import retry_until, seconds_to_wait
from worker.storage.rows import Row, etag
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import find_row, read_row, read_rows

_PATIENCE_SECONDS = 10
# A transaction holds a hundred rows, two of them the state and the outcome.
_ROWS_OF_ENTRIES = 90


class MovedOn(Held):
    """Somebody else has written meanwhile: decide anew by what stands now."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """How it stands, and by which version of the row that is known."""

    response: Response
    etag: str


class ResponseStore:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def read(self, incident_id: str) -> StoredResponse | None:
        """None where no response has begun. Raises Transient, Forbidden, Misconfigured, as all of these do."""
        row = await find_row(self._table, RESPONSE + incident_id, STATE)
        return StoredResponse(response_of(row), etag(row)) if row is not None else None

    async def entries(self, incident_id: str, *, after: int = 0, through: int | None = None) -> list[Entry]:
        """Those behind that one, in their order; `through`: up to this one, the last that was written at its time."""
        where = "PartitionKey eq @pk and RowKey gt @after and RowKey lt @end"
        end = ENTRY[:-1] + ";" if through is None else entry_key(through + 1)
        values = {"pk": RESPONSE + incident_id, "after": entry_key(after), "end": end}
        async with aclosing(read_rows(self._table, where, values)) as rows:
            return [entry async for row in rows for entry in entries_of(row) if entry.seq > after]

    async def outcome(self, incident_id: str, act_id: str) -> Outcome | None:
        """What the act of that id came to; None while nobody has decided it."""
        row = await read_row(self._table, RESPONSE + incident_id, act_key(act_id))
        return outcome_of(row) if row is not None else None

    async def append(
        self,
        before: StoredResponse | None,
        after: Response,
        entries: Sequence[Entry],
        outcomes: Sequence[tuple[str, Outcome]] = (),
    ) -> StoredResponse:
        """Write all of it, or nothing; raises MovedOn where the state is not as `before` any more.

        Raises Transient; then it may have been written all the same.
        """
        token = uuid.uuid4().hex
        state = state_row(after, token)
        partition = RESPONSE + after.incident_id
        operations = [
            _first(before, state),
            *(("create", row) for row in entry_rows(entries, _ROWS_OF_ENTRIES)),
            *(("create", act_row(act_id, outcome)) for act_id, outcome in outcomes),
        ]
        placed = [(kind, {"PartitionKey": partition, **row}, *options) for kind, row, *options in operations]
        return StoredResponse(after, await self._write(after.incident_id, placed, token))

    async def due(self, before: datetime, limit: int) -> list[Response]:
        """Those of which something fell due before then, in no order."""
        partitions = "PartitionKey ge @first and PartitionKey lt @end"
        where = f"{partitions} and RowKey eq @state and is_due eq @due and due_at lt @before"
        values: dict[str, Any] = {
            "first": RESPONSE,
            "end": RESPONSE[:-1] + chr(ord(RESPONSE[-1]) + 1),
            "state": STATE,
            "due": True,
            "before": before,
        }
        async with aclosing(read_rows(self._table, where, values, limit)) as rows:
            return [response_of(row) async for row in rows]

    async def _write(self, incident_id: str, operations: Sequence[Any], token: str) -> str:
        """The state row's new etag. A write whose end was not seen is read back, and is ours if it has our token."""
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return str((await self._table.submit_transaction(operations))[0]["etag"])
            except FAILURES as error:
                failure, conflict = translated(error, f"record what happened to {incident_id}"), is_conflict(error)
            if not isinstance(failure, Transient) and not conflict:
                raise failure
            row = await self._read_back(incident_id, give_up_at, failure)
            if row is not None and row["token"] == token:
                return etag(row)
            if conflict:
                raise MovedOn(f"Somebody else has recorded something of {incident_id} meanwhile.")
            if time.monotonic() >= give_up_at:
                raise failure
            await asyncio.sleep(seconds_to_wait(failure, give_up_at))

    async def _read_back(self, incident_id: str, give_up_at: float, failure: TocsinError) -> Row | None:
        async def look() -> Row | None:
            return await find_row(self._table, RESPONSE + incident_id, STATE)

        try:
            return await retry_until(give_up_at, look)
        except Transient:
            raise failure from None


def _first(before: StoredResponse | None, state: dict[str, Any]) -> tuple[Any, ...]:
    if before is None:
        return ("create", state)
    condition = {"mode": UpdateMode.REPLACE, "etag": before.etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", state, condition)
