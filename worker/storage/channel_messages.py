"""What was said in the channels of incidents, kept as it was read: an edit or a deletion later loses nothing.

One partition for each incident: a row for each message, newest words first, and one for the link by which Teams tells
later changes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.incidents.review.channel_line import ChannelLine
from worker.storage.partitions import MESSAGES
from worker.storage.rows import Row, chunks, joined
from worker.storage.sdk_errors import FAILURES, translated
from worker.storage.table import find_row, read_rows

# Nobody reads more in a review, and a channel in which programs talk to each other has no end.
MOST = 5_000
# The store takes a hundred rows at once; the connection is held up by a megabyte.
_TOGETHER, _BYTES_TOGETHER = 50, 500_000
_LINK, _MESSAGE = "link", "message:"


@dataclass(frozen=True, slots=True)
class KeptMessages:
    """`link`: from where later changes are told; empty where all is to be read."""

    lines: dict[str, ChannelLine]
    link: str = ""


class ChannelMessageStore:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def link(self, incident_id: str) -> str:
        row = await find_row(self._table, MESSAGES + incident_id, _LINK)
        return joined("link", row) if row is not None else ""

    async def read(self, incident_id: str) -> KeptMessages:
        """Raises Transient, Forbidden, as all of these do."""
        lines: dict[str, ChannelLine] = {}
        link = ""
        async with aclosing(read_rows(self._table, "PartitionKey eq @pk", {"pk": MESSAGES + incident_id})) as rows:
            async for row in rows:
                if row["RowKey"] == _LINK:
                    link = joined("link", row)
                elif (line := _line_of(row)) is not None:
                    lines[line.id] = line
        return KeptMessages(lines, link)

    async def keep(self, incident_id: str, lines: Sequence[ChannelLine], link: str) -> None:
        """The messages first: a link that is newer than what is kept would lose what it does not tell again."""
        partition = MESSAGES + incident_id
        for rows in _batches({"PartitionKey": partition, **_message_row(line)} for line in lines[:MOST]):
            await self._write(incident_id, rows)
        await self._write(incident_id, [{"PartitionKey": partition, "RowKey": _LINK, **chunks("link", link)}])

    async def _write(self, incident_id: str, rows: Sequence[dict[str, Any]]) -> None:
        try:
            await self._table.submit_transaction([("upsert", row, {"mode": UpdateMode.REPLACE}) for row in rows])
        except FAILURES as error:
            raise translated(error, f"keep what was said of {incident_id}") from error


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        length = len(json.dumps(row, default=str))
        if batch and (len(batch) == _TOGETHER or size + length > _BYTES_TOGETHER):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


def _message_row(line: ChannelLine) -> dict[str, Any]:
    return {
        "RowKey": _MESSAGE + _safe(line.id),
        "at": line.at,
        **chunks("line", line.model_dump_json(exclude_defaults=True)),
    }


def _safe(text: str) -> str:
    """Ids of Teams are numbers; nothing else becomes a key."""
    return "".join(character if character.isalnum() and character.isascii() else "-" for character in text)[:100]


def _line_of(row: Row) -> ChannelLine | None:
    """None of a row that is none of these."""
    if not row["RowKey"].startswith(_MESSAGE):
        return None
    return ChannelLine.model_validate_json(joined("line", row))
