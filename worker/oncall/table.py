"""The table of on-call people: who is to be woken for a service."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from azure.core.credentials_async import AsyncTokenCredential
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient
from pydantic import ValidationError

from worker.domain.errors import Misconfigured
from worker.domain.validation import faults
from worker.observability import telemetry
from worker.oncall.on_call import Roster, UnreadableRow
from worker.oncall.rows import Row, read_row, service_of
from worker.settings import Settings
from worker.storage.sdk_errors import FAILURES, Advice, TableExists, translated
from worker.storage.table import table_client

Answer = TypeVar("Answer")

# Somebody's staff list put here by mistake must not become our memory; a rota has tens of rows.
_ROWS_LIMIT = 20_000
_RETRIES = 2  # reads, and writes that may safely be written twice
_CONNECTING = timedelta(seconds=10)

ADVICE = Advice(
    missing="Create it with `tocsin roster import`, or set TOCSIN_TABLES_ONCALL.",
    forbidden="Give this identity the role Storage Table Data Reader (Contributor to change it) on the "
    "storage account, then replay; a new grant takes some minutes to work.",
    refused="Mend what the answer names, then replay.",
    passing="It is tried again.",
)


class OnCallTable:
    """Rows with name, email, service and oncall, whatever their keys are."""

    def __init__(self, table: TableClient) -> None:
        self.client = table

    @property
    def spoken(self) -> str:
        return f"the on-call table {self.client.table_name!r}"

    async def roster(self) -> Roster:
        """The whole table: services are compared without regard to case, which no filter of the store can do."""
        rows: list[Row] = []
        unreadable: list[UnreadableRow] = []
        for entity in await self._ask("read", self._entities()):
            try:
                rows.append(read_row(entity))
            except ValidationError as error:
                keys = (str(entity["PartitionKey"]), str(entity["RowKey"]))
                unreadable.append(UnreadableRow(keys=keys, fault=faults(error), service=service_of(entity)))
        return Roster(rows=tuple(rows), unreadable=tuple(unreadable))

    async def rows(self) -> tuple[Row, ...]:
        return (await self.roster()).rows

    async def upsert(self, row: Row) -> None:
        """Write the row's columns; other columns that stand there stay."""
        await self._ask("write to", self.client.upsert_entity(row.to_entity(), mode=UpdateMode.MERGE))

    async def delete(self, keys: tuple[str, str]) -> None:
        """Take the row out, columns that we do not know included; one that is gone already is no fault."""
        await self._ask("delete from", self.client.delete_entity(*keys))

    async def create(self) -> None:
        """Make the table unless it is there."""
        try:
            await self._ask("create", self.client.create_table())
        except TableExists:
            return

    async def _entities(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        async for entity in self.client.list_entities():
            if len(found) == _ROWS_LIMIT:
                raise Misconfigured(
                    f"The table {self.client.table_name!r} holds more than {_ROWS_LIMIT} rows; that is no on-call "
                    "table. Check TOCSIN_TABLES_ONCALL."
                )
            found.append(entity)
        return found

    async def _ask(self, verb: str, answer: Awaitable[Answer]) -> Answer:
        doing = f"{verb} {self.spoken}"
        with telemetry.remote_call("tables", verb.partition(" ")[0], doing):
            try:
                return await answer
            except FAILURES as error:
                raise translated(error, doing, ADVICE) from error


@asynccontextmanager
async def open_on_call(settings: Settings, credential: AsyncTokenCredential | None) -> AsyncIterator[OnCallTable]:
    async with table_client(settings, settings.tables_oncall, credential, **transport(settings)) as table:
        yield OnCallTable(table)


def transport(settings: Settings) -> dict[str, Any]:
    """How patient the client of a table is that is read at once, and may be."""
    patience = settings.call_timeout_seconds
    return {
        "retry_total": _RETRIES,
        "connection_timeout": min(_CONNECTING, patience).total_seconds(),
        "read_timeout": patience.total_seconds(),
    }
