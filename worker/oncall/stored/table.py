"""The table of schedules as launches read it: for a few seconds at once, and from a copy where it does not answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient

from worker.domain.errors import Misconfigured, Permanent, TocsinError, Transient
from worker.observability import telemetry
from worker.oncall.definitions import Definitions
from worker.oncall.stored.last_good import LastGood, Shape
from worker.oncall.stored.reading import StoredDefinitions, read_definitions
from worker.oncall.stored.row import StoredRow, row_of
from worker.oncall.table import transport
from worker.resilience.recent_look import RecentLook
from worker.settings import Settings
from worker.storage.sdk_errors import FAILURES, Advice, TableExists, translated
from worker.storage.table import table_client

log = structlog.get_logger()

# Years of overrides; somebody's log put here by mistake must not become our memory.
_ROWS_LIMIT = 50_000
# A storm of launches reads once; who has just changed a schedule need not wait for it.
_FRESH = timedelta(seconds=2)
_FAULTS_NAMED = 5
_MISSING = frozenset({"TableNotFound", "ResourceNotFound"})
# Of the five seconds that a launch waits for people, so that the copy still answers within them.
PATIENCE = timedelta(seconds=4)

ADVICE = Advice(
    missing="Create it with `tocsin roster import`, or set TOCSIN_TABLES_SCHEDULES.",
    forbidden="Give this identity the role Storage Table Data Reader (Contributor to change it) on the "
    "storage account; a new grant takes some minutes to work.",
    refused="Mend what the answer names.",
    passing="It is tried again.",
)


@dataclass(frozen=True, slots=True)
class Schedules:
    """What is known of the table; `trouble` says why it is not what the table holds now."""

    stored: StoredDefinitions
    trouble: TocsinError | None = None


class SchedulesTable:
    """A table that is missing is empty: nobody has written a schedule yet.

    By the copy it is told from one that is gone.
    """

    def __init__(self, table: TableClient, copies: LastGood[StoredDefinitions], patience: timedelta) -> None:
        self.client = table
        self._copies = copies
        self._patience = patience
        self._known = RecentLook(self._read_or_recall, lambda: _FRESH)
        self._broken: tuple[str, ...] = ()

    async def definitions(self) -> Definitions:
        """As they were a second or two ago at the most, or when the table answered last. Raises Transient."""
        return (await self.schedules()).stored.definitions

    async def schedules(self) -> Schedules:
        """The same, with its rows and what is wrong with them; where the table refuses us, there are none.

        Raises Transient where it does not answer, and there is no copy.
        """
        return await self._known.share()

    async def refresh(self) -> None:
        """Renew the copy; launches read for themselves. Raises TocsinError where the table cannot be read."""
        if trouble := (await self._read_or_recall()).trouble:
            raise trouble

    async def stored(self) -> StoredDefinitions:
        """As the table holds it now. Raises TocsinError."""
        return await _read(await self._rows() or [])

    async def create(self) -> None:
        """Make the table unless it is there."""
        doing = f"create the table of schedules {self.client.table_name!r}"
        with telemetry.remote_call("tables", "create", doing):
            try:
                await self.client.create_table()
            except FAILURES as error:
                told = translated(error, doing, ADVICE)
                if not isinstance(told, TableExists):
                    raise told from error

    async def _read_or_recall(self) -> Schedules:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                stored = await self._stored_unless_gone()
        except TimeoutError:
            trouble: TocsinError = unanswered(f"read {self._name}", self._patience)
        except TocsinError as error:
            trouble = error
        else:
            self._tell_broken(stored)
            await self._copies.keep(stored, stored.read_at)
            return Schedules(stored)
        return await self._recall(trouble)

    async def _stored_unless_gone(self) -> StoredDefinitions:
        """Raises Misconfigured where a table is missing that has had rows: the copy counts until it is back."""
        rows = await self._rows()
        copy = await self._copies.recall() if rows is None else None
        if copy is not None and copy.content.rows:
            raise Misconfigured(
                f"Tried to read {self._name}; it is gone, and held {len(copy.content.rows)} rows at "
                f"{copy.read_at.isoformat(timespec='minutes')}. {ADVICE.missing} An empty table is one of nobody."
            )
        return await _read(rows or [])

    async def _recall(self, trouble: TocsinError) -> Schedules:
        copy = await self._copies.recall()
        if copy is not None:
            tell_copy_used(self.client, copy.read_at, trouble)
            return Schedules(copy.content, trouble)
        if isinstance(trouble, Permanent):
            # An identity may read one table and not the other: the rows of that one call people all the same.
            return Schedules(read_definitions((), datetime.now(UTC)), trouble)
        raise trouble

    def _tell_broken(self, stored: StoredDefinitions) -> None:
        """In the log once until they change."""
        rows = tuple(row.sentence for row in stored.broken)
        if rows and rows != self._broken:
            log.warning("roster.rows_unreadable", count=len(rows), rows=rows[:_FAULTS_NAMED])
        self._broken = rows

    async def _rows(self) -> list[StoredRow] | None:
        """None where the table is missing. Raises TocsinError."""
        doing = f"read {self._name}"
        with telemetry.remote_call("tables", "read", doing):
            try:
                return [row async for row in self._bounded()]
            except FAILURES as error:
                if isinstance(error, ResourceNotFoundError) and getattr(error, "error_code", None) in _MISSING:
                    return None
                raise translated(error, doing, ADVICE) from error

    async def _bounded(self) -> AsyncIterator[StoredRow]:
        number = 0
        async for entity in self.client.list_entities():
            number += 1
            if number > _ROWS_LIMIT:
                raise Misconfigured(
                    f"The table {self.client.table_name!r} holds more than {_ROWS_LIMIT} rows; that is no table of "
                    "schedules. Check TOCSIN_TABLES_SCHEDULES."
                )
            yield row_of(entity)

    @property
    def _name(self) -> str:
        return f"the table of schedules {self.client.table_name!r}"


async def _read(rows: Sequence[StoredRow]) -> StoredDefinitions:
    return await asyncio.to_thread(read_definitions, rows, datetime.now(UTC))


def tell_copy_used(table: TableClient, read_at: datetime, trouble: TocsinError) -> None:
    log.warning("roster.copy_used", table=table.table_name, as_of=read_at.isoformat(), error=str(trouble))


def unanswered(doing: str, patience: timedelta) -> Transient:
    return Transient(f"Tried to {doing}; it did not answer in {patience.total_seconds():g} s. It is tried again.")


def _encode(stored: StoredDefinitions) -> Any:
    return [asdict(row) for row in stored.rows]


def _decode(content: Any, read_at: datetime) -> StoredDefinitions:
    return read_definitions([StoredRow(**row) for row in content], read_at)


def source_of(table: TableClient) -> str:
    """Which table of which account; a connection string's key or signature is in neither."""
    return f"{table.account_name}/{table.table_name}"


@asynccontextmanager
async def open_schedules(
    settings: Settings, credential: AsyncTokenCredential | None, *, patience: timedelta = PATIENCE
) -> AsyncIterator[SchedulesTable]:
    async with table_client(settings, settings.tables_schedules, credential, **transport(settings)) as table:
        copies = LastGood("schedules", source_of(table), settings.on_call_copy, Shape(_encode, _decode))
        yield SchedulesTable(table, copies, patience)
