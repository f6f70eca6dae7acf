"""What the table of schedules keeps of calendars: who has an address, and what each was given out with.

A partition for each person, with two rows: the hash of the token, and the memory of the shifts. They are no
definitions, and whoever reads those leaves them out.
"""

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from azure.core import MatchConditions
from azure.data.tables import UpdateMode

from worker.domain.errors import Misconfigured
from worker.oncall.calendars.published import Published, from_text, to_text
from worker.oncall.calendars.tokens import hash_of, make_token
from worker.oncall.stored.keys import BEHIND_CALENDARS, CALENDARS, key_of
from worker.oncall.stored.table import ADVICE, SchedulesTable
from worker.storage.rows import Row, etag
from worker.storage.sdk_errors import FAILURES, is_conflict, translated
from worker.storage.table import read_row, read_rows

_TOKEN, _PUBLISHED = "token", "published"
# A String holds 32 Ki UTF-16 units, and one character may take two of them.
_CHUNK = 15_000
_CHUNKS = 60

Answer = TypeVar("Answer")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Memory:
    """`version` is the row's ETag, None where there is no row yet."""

    published: tuple[Published, ...] = ()
    version: str | None = None


class CalendarRows:
    def __init__(self, schedules: SchedulesTable) -> None:
        self._schedules = schedules
        self._table = schedules.client

    async def issue(self, person: str, by: str) -> str:
        """A new token; the one before is none any more."""
        await self._schedules.create()
        token = make_token()
        row = {
            "PartitionKey": _partition(person),
            "RowKey": _TOKEN,
            "person": person,
            "hash": hash_of(token),
            "created_by": by,
            "created_at": datetime.now(UTC),
        }
        await self._ask("store a calendar's address", self._table.upsert_entity(row, mode=UpdateMode.REPLACE))
        return token

    async def revoke(self, person: str) -> None:
        for key in (_TOKEN, _PUBLISHED):
            await self._ask("revoke a calendar's address", self._table.delete_entity(_partition(person), key))

    async def people(self) -> Mapping[str, str]:
        """By the hashes of their tokens; nobody where there is no table."""
        where = "PartitionKey ge @first and PartitionKey lt @behind and RowKey eq @row"
        asked = {"first": CALENDARS, "behind": BEHIND_CALENDARS, "row": _TOKEN}
        try:
            async with aclosing(read_rows(self._table, where, asked)) as rows:
                return {str(row.get("hash", "")): str(row["person"]) async for row in rows if row.get("person")}
        except Misconfigured:
            return {}

    async def memory(self, person: str) -> Memory:
        """Empty where it is damaged: what was given out is then told anew."""
        row = await self._read(person, _PUBLISHED)
        if row is None:
            return Memory()
        text = "".join(str(row.get(f"shifts_{number}", "")) for number in range(_CHUNKS))
        try:
            return Memory(tuple(from_text(text, person)), etag(row))
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
        try:
            await write
        except FAILURES as error:
            if is_conflict(error):
                return False
            raise translated(error, "remember what a calendar was given out with", ADVICE) from error
        return True

    async def _read(self, person: str, key: str) -> Row | None:
        return await read_row(self._table, _partition(person), key)

    async def _ask(self, doing: str, answer: Awaitable[Answer]) -> Answer:
        try:
            return await answer
        except FAILURES as error:
            raise translated(error, doing, ADVICE) from error


def _partition(person: str) -> str:
    return CALENDARS + key_of(person.casefold())


def _chunks(published: Iterable[Published]) -> Mapping[str, str]:
    """As many of the earliest as a row holds."""
    kept = list(published)
    text = to_text(kept)
    while len(text) > _CHUNK * _CHUNKS // 2:
        kept = kept[: len(kept) * 3 // 4]
        text = to_text(kept)
    return {f"shifts_{start // _CHUNK}": text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK)}
