"""What a message is too small for: stored in rows beside the incidents, and fetched before the launch."""

import hashlib
import json
from typing import Any

import structlog
from azure.data.tables.aio import TableClient

from worker.domain.encoded_event import MESSAGE_LIMIT, EncodedEvent
from worker.domain.errors import Permanent
from worker.domain.event import Event, encode
from worker.storage.partitions import SET_ASIDE
from worker.storage.sdk_errors import FAILURES, translated
from worker.storage.table import read_rows

log = structlog.get_logger()

# The alert as it was received is set aside first; then texts but for so many characters of each; then whole lists.
_RAW: dict[str, Any] = {"raw": None}
_TEXT_KEPT = 1_000
_LISTS: dict[str, Any] = {"links": (), "labels": {}, "resources": ()}

# A binary property ends at 64 KiB and a row at 1 MiB; the client warns of a request of 1 MiB, which holds base64.
_CHUNK = 60_000
_CHUNKS_IN_ROW = 8


class OversizeStore:
    """One partition for each event, `aside:<id>`: rows in it are never changed, since their key is their digest."""

    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def fit(self, encoded: EncodedEvent) -> EncodedEvent:
        """The event as one message carries it, once the rest of it is stored; raises Transient.

        Where it can never be stored, as where the intake may only read, a launch without it is better than none.
        """
        if encoded.fits_into_a_message:
            return encoded
        lean, rest = _divided(encoded.event)
        event_id, digest = encoded.message_id, hashlib.sha256(rest).hexdigest()
        try:
            await self._store(event_id, digest, rest)
        except Permanent as error:
            log.error("intake.remainder_left_out", event_id=event_id, error=str(error))
            raw = "Left out by the intake: too large to be carried along."
            return encoded.with_event(lean.model_copy(update={"raw": raw}))
        return encoded.with_event(lean.model_copy(update={"remainder": f"{event_id}-{digest}"}))

    async def restore(self, event: Event) -> Event:
        """The event with what was set aside of it, as far as that is still there; raises Transient, Forbidden."""
        if event.remainder is None:
            return event
        event_id, digest = event.remainder.split("-")
        rest = await self._read_stored(event_id, digest)
        if hashlib.sha256(rest).hexdigest() != digest:
            log.error("incident.remainder_gone", event_id=event_id)
            return event.model_copy(update={"raw": "The alert as it was received is not stored any more."})
        return Event.model_validate(event.model_dump() | json.loads(rest))

    async def _store(self, event_id: str, digest: str, rest: bytes) -> None:
        chunks = [rest[start : start + _CHUNK] for start in range(0, len(rest), _CHUNK)]
        rows = [chunks[start : start + _CHUNKS_IN_ROW] for start in range(0, len(chunks), _CHUNKS_IN_ROW)]
        try:
            for number, row in enumerate(rows):
                await self._table.upsert_entity(_row(event_id, digest, number, row))
        except FAILURES as error:
            raise translated(error, f"set aside what a message is too small for of {event_id}") from error

    async def _read_stored(self, event_id: str, digest: str) -> bytes:
        found = b""
        async for row in read_rows(self._table, "PartitionKey eq @pk", {"pk": _partition(event_id)}):
            if row["RowKey"].startswith(digest):
                found += b"".join(row[f"rest_{number}"] for number in range(row["chunks"]))
        return found


def _divided(event: Event) -> tuple[Event, bytes]:
    """What goes into the message, and the rest: no more than there must be."""
    kept = _RAW
    for more in (_texts(event), _LISTS):
        if len(encode(event.model_copy(update=kept))) <= MESSAGE_LIMIT:
            break
        kept = kept | more
    return event.model_copy(update=kept), event.model_dump_json(include=set(kept)).encode()


def _texts(event: Event) -> dict[str, str]:
    return {"description": _shortened(event.description), "impact": _shortened(event.impact)}


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_KEPT else text[:_TEXT_KEPT] + "…"


def _partition(event_id: str) -> str:
    return SET_ASIDE + event_id


def _row(event_id: str, digest: str, number: int, chunks: list[bytes]) -> dict[str, Any]:
    row: dict[str, Any] = {"PartitionKey": _partition(event_id), "RowKey": f"{digest}:{number:02d}"}
    return row | {"chunks": len(chunks)} | {f"rest_{place}": chunk for place, chunk in enumerate(chunks)}
