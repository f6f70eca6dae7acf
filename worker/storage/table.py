"""A table of the store as all who keep rows in one reach it: its client, its rows, and its clock."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableClient

from worker.credentials import azure_credential
from worker.domain.errors import Misconfigured
from worker.domain.text import quoted
from worker.settings import Settings
from worker.storage.rows import Row
from worker.storage.sdk_errors import FAILURES, translated

# A table answers within milliseconds; these only bound what is never answered. The SDK re-sends nothing: it would
# re-send what was applied and report a conflict with itself.
_TRANSPORT: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 10}


@asynccontextmanager
async def open_table(settings: Settings) -> AsyncIterator[TableClient]:
    """The table of incidents of these settings; connects at its first use."""
    async with AsyncExitStack() as stack:
        credential = None if settings.tables_connection_string is not None else azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        client = table_client(settings, settings.tables_incidents, credential, **_TRANSPORT)
        yield await stack.enter_async_context(client)


def table_client(
    settings: Settings, name: str, credential: AsyncTokenCredential | None, **transport: Any
) -> TableClient:
    """It connects at its first use. Raises Misconfigured."""
    settings.require("tables_connection_string|tables_endpoint")
    connection = settings.tables_connection_string
    try:
        if connection is not None:
            return TableClient.from_connection_string(connection.get_secret_value(), name, **transport)
        return TableClient(settings.tables_endpoint or "", name, credential=credential, **transport)
    except ValueError as error:
        wrong = "TOCSIN_TABLES_ENDPOINT" if connection is None else "TOCSIN_TABLES_CONNECTION_STRING"
        # The SDK's sentence names what is wrong with the form, never the key.
        raise Misconfigured(f"{wrong} cannot be used: {quoted(str(error))}.") from None


async def read_rows(
    table: TableClient,
    where: str,
    parameters: dict[str, Any],
    limit: int | None = None,
    *,
    page: int | None = None,
    **options: Any,
) -> AsyncGenerator[Row, None]:
    try:
        async for row in table.query_entities(where, parameters=parameters, results_per_page=page or limit, **options):
            yield row
            if limit is not None and (limit := limit - 1) == 0:
                return
    except FAILURES as error:
        raise translated(error, "read the table of incidents") from error


async def find_row(table: TableClient, partition: str, key: str, **options: Any) -> Row | None:
    """By a query, which raises where the table is missing: `read_row` answers None to that as well."""
    both = "PartitionKey eq @pk and RowKey eq @rk"
    async with aclosing(read_rows(table, both, {"pk": partition, "rk": key}, 1, **options)) as rows:
        return await anext(rows, None)


async def read_row(table: TableClient, partition: str, key: str, **options: Any) -> Row | None:
    """By its two keys: the one look that costs the same in a table of any size, wherever it is."""
    try:
        found: Row = await table.get_entity(partition, key, **options)
    except ResourceNotFoundError:
        return None
    except FAILURES as error:
        raise translated(error, "read the table of incidents") from error
    return found


async def batches(rows: AsyncIterator[Row], size: int) -> AsyncIterator[list[Row]]:
    """The rows, so many together."""
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class StoreClock:
    """Notes the `Date` of the first answer: what the store's clock said when the rows were read, or before."""

    def __init__(self) -> None:
        self.first_date = datetime.min.replace(tzinfo=UTC)

    def __call__(self, response: Any) -> None:
        if self.first_date.year == 1:
            self.first_date = parsedate_to_datetime(response.http_response.headers["Date"]).astimezone(UTC)
