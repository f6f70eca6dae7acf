"""Reviews as they stood when their incidents were closed: kept in the table, in as many rows as one needs."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.errors import Undecodable
from worker.storage.partitions import REVIEW
from worker.storage.sdk_errors import FAILURES, translated
from worker.storage.table import read_rows

# A row holds a megabyte, a property of bytes 64 KiB.
_BYTES_IN_A_PROPERTY = 60_000
_PROPERTIES_IN_A_ROW = 10


class KeptReviewStore:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def keep(self, incident_id: str, seq: int, text: str) -> str:
        """The review, in JSON, that belongs to that entry; its digest. The same one twice is kept once."""
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        for row in _rows(incident_id, seq, digest, zlib.compress(text.encode(), level=9)):
            try:
                await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
            except FAILURES as error:
                raise translated(error, f"keep the review of {incident_id}") from error
        return digest

    async def read(self, incident_id: str) -> str | None:
        """The newest one that is whole; None where none is kept. Raises Undecodable where it cannot be read."""
        # Whoever died while it was kept may have left rows of an earlier making, which are no part of this one.
        parts: dict[tuple[str, str], list[bytes]] = {}
        counts: dict[tuple[str, str], int] = {}
        async with aclosing(read_rows(self._table, "PartitionKey eq @pk", {"pk": REVIEW + incident_id})) as rows:
            async for row in rows:
                making = (row["RowKey"].partition(":")[0], str(row["digest"]))
                counts[making] = int(row["rows"])
                parts.setdefault(making, []).append(b"".join(row[f"part_{number}"] for number in range(row["parts"])))
        whole = [making for making, found in sorted(parts.items(), reverse=True) if len(found) == counts[making]]
        if not whole:
            return None
        try:
            return zlib.decompress(b"".join(parts[whole[0]])).decode()
        except (zlib.error, UnicodeDecodeError):
            raise Undecodable(f"The review that was kept of {incident_id} is damaged.") from None


def _rows(incident_id: str, seq: int, digest: str, data: bytes) -> Iterator[dict[str, Any]]:
    size = _BYTES_IN_A_PROPERTY * _PROPERTIES_IN_A_ROW
    chunks = [data[start : start + size] for start in range(0, len(data), size)]
    for number, chunk in enumerate(chunks):
        pieces = [chunk[start : start + _BYTES_IN_A_PROPERTY] for start in range(0, len(chunk), _BYTES_IN_A_PROPERTY)]
        yield {
            "PartitionKey": REVIEW + incident_id,
            "RowKey": f"{seq:08d}:{number:04d}",
            "digest": digest,
            "rows": len(chunks),
            "parts": len(pieces),
            **{f"part_{place}": piece for place, piece in enumerate(pieces)},
        }
