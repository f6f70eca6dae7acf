"""Whom the response told, as the checkpoints of its lanes say."""

import json
from collections.abc import Iterator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from azure.data.tables.aio import TableClient
from pydantic import ValidationError

from worker.incidents.history import Told
from worker.storage.partitions import LANE
from worker.storage.rows import Row, joined, moment
from worker.storage.table import read_rows

_TELLS = ":tells-"
_STEP, _DONE = "step:", "done"


class LanePages:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def read(self, incident_id: str) -> tuple[Told, ...]:
        """Each person by each way, in the order in which the ways answered. Raises Transient, Forbidden."""
        first = f"{LANE}{incident_id}{_TELLS}"
        where = "PartitionKey ge @first and PartitionKey lt @end and RowKey ge @step and RowKey lt @behind"
        values: dict[str, Any] = {"first": first, "end": first[:-1] + ".", "step": _STEP, "behind": "step;"}
        pages: dict[tuple[str, str, str, str], Told] = {}
        async with aclosing(read_rows(self._table, where, values)) as rows:
            async for row in rows:
                for page in _pages_of(row):
                    # A step of many parts tells again what each part told.
                    pages.setdefault((row["PartitionKey"], page.person, page.by, page.why), page)
        return tuple(sorted(pages.values(), key=lambda page: (page.at is None, page.at)))


def _pages_of(row: Row) -> Iterator[Told]:
    if row.get("state") != _DONE or not (result := joined("result", row)):
        return
    known, ended_at = json.loads(result), row.get("ended_at")
    if not isinstance(known, dict):
        return  # how far the lane is
    at = moment(ended_at) if isinstance(ended_at, datetime) else None
    for page in known.get("pages", (known,)):
        try:
            yield Told.model_validate({**page, "at": at})
        except ValidationError:
            continue  # what another kind of step came to
