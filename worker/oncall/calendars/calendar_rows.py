"""What is kept of calendars in a table of their own: who has an address, and what each was given out with.

A partition for each person, with two rows: the hash of the token, and the memory of the shifts.
"""

import zlib
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from azure.core import MatchConditions
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.errors import Misconfigured
from worker.observability import telemetry
from worker.oncall.calendars.published import Published, from_text, to_text
from worker.oncall.calendars.tokens import hash_of, make_token
from worker.oncall.stored.keys import key_of
from worker.oncall.table import transport
from worker.settings import Settings
from worker.storage.rows import Row, etag
from worker.storage.sdk_errors import FAILURES, Advice, TableExists, is_conflict, translated
from worker.storage.table import table_client

_TOKEN, _PUBLISHED = "token", "published"
# A property holds 64 KiB, a row 1 MiB; what thousands of shifts come to is a tenth of that.
_CHUNK = 60_000
_CHUNKS = 15
_TEXT_LIMIT = 16 * 1024 * 1024

ADVICE = Advice(
    missing="`tocsin roster ics PERSON --link` creates it; or set TOCSIN_TABLES_CALENDARS.",
    forbidden="Give this identity the role Storage Table Data Contributor on this table; a new grant takes some "
    "minutes to work.",
    passing="Try it again.",
)

Answer = TypeVar("Answer")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Memory:
    """`version` is the row's ETag, None where there is no row yet."""

    published: tuple[Published, ...] = ()
    version: str | None = None


class CalendarRows:
    def __init__(self, table: TableClient) -> None:
        self._table = table

    async def issue(self, person: str, by: str) -> str:
        """A new token; the one before is none any more."""
        await self._create()
        token = make_token()
        row = {
            "PartitionKey": _partition(person),
            "RowKey": _TOKEN,
            "person": person,
            "hash": hash_of(token),
            "created_by": by,
            "created_at": datetime.now(UTC),
        }
        await self._ask("write", self._table.upsert_entity(row, mode=UpdateMode.REPLACE))
        return token

    async def revoke(self, person: str) -> None:
        for key in (_TOKEN, _PUBLISHED):
            await self._ask("delete", self._table.delete_entity(_partition(person), key))

    async def people(self) -> Mapping[str, str]:
        """By the hashes of their tokens; nobody where there is no table."""
        columns = ["person", "hash"]
        found = self._table.query_entities("RowKey eq @row", parameters={"row": _TOKEN}, select=columns)
        doing = f"read who has an address in the table {self._table.table_name!r}"
        with telemetry.remote_call("tables", "read", doing):
            try:
                return {str(row["hash"]): str(row["person"]) async for row in found if row.keys() >= set(columns)}
            except ResourceNotFoundError:
                return {}
            except FAILURES as error:
                raise translated(error, doing, ADVICE) from error

    async def memory(self, person: str) -> Memory:
        """Empty where it is damaged: what was given out is then told anew."""
        row = await self._read(person, _PUBLISHED)
        if row is None:
            return Memory()
        try:
            return Memory(tuple(from_text(_joined(row), person)), etag(row))
        except ValueError:
            log.warning("calendar.memory_damaged", partition=_partition(person))
            return Memory((), etag(row))

    async def remember(self, person: str, published: Sequence[Published], version: str | None) -> bool:
        """False where another intake was faster: it is to be read anew."""
        entity = {"PartitionKey": _partition(person), "RowKey": _PUBLISHED, **_chunks(published)}
        if version is None:
            write = self._table.create_entity(entity)
        else:
            write = self._table.update_entity(
                entity, mode=UpdateMode.REPLACE, etag=version, match_condition=MatchConditions.IfNotModified
            )
        doing = f"remember a calendar in the table {self._table.table_name!r}"
        with telemetry.remote_call("tables", "write", doing):
            try:
                await write
            except FAILURES as error:
                if is_conflict(error):
                    return False
                raise translated(error, doing, ADVICE) from error
        return True

    async def _create(self) -> None:
        try:
            await self._ask("create", self._table.create_table())
        except TableExists:
            return

    async def _read(self, person: str, key: str) -> Row | None:
        try:
            return await self._ask("read", self._table.get_entity(_partition(person), key))
        except Misconfigured:
            return None

    async def _ask(self, verb: str, answer: Awaitable[Answer]) -> Answer:
        """Raises Misconfigured for what is not there, be it a row."""
        doing = f"{verb} a row of the table of calendars {self._table.table_name!r}"
        with telemetry.remote_call("tables", verb, doing):
            try:
                return await answer
            except FAILURES as error:
                raise translated(error, doing, ADVICE) from error


@asynccontextmanager
async def open_calendar_rows(
    settings: Settings, credential: AsyncTokenCredential | None
) -> AsyncIterator[CalendarRows]:
    async with table_client(settings, settings.tables_calendars, credential, **transport(settings)) as table:
        yield CalendarRows(table)


def _partition(person: str) -> str:
    return key_of(person.casefold())


def _chunks(published: Iterable[Published]) -> Mapping[str, bytes]:
    """As many of the earliest as a row holds."""
    kept = list(published)
    content = zlib.compress(to_text(kept).encode())
    while len(content) > _CHUNK * _CHUNKS:
        kept = kept[: len(kept) // 2]
        content = zlib.compress(to_text(kept).encode())
    return {f"shifts_{start // _CHUNK}": content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)}


def _joined(row: Row) -> str:
    """Raises ValueError where it is damaged."""
    chunks = (row.get(f"shifts_{number}", b"") for number in range(_CHUNKS))
    try:
        return zlib.decompressobj().decompress(b"".join(chunks), _TEXT_LIMIT).decode()
    except (zlib.error, TypeError) as error:
        raise ValueError("the memory of a calendar is damaged") from error
