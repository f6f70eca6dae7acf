"""The table of incidents as all who keep rows in it reach it: one client, its clock, and its errors as ours."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.data.tables.aio import TableClient, TableServiceClient

from worker.credentials import azure_credential
from worker.domain.errors import Forbidden, Misconfigured, TocsinError, Unreachable
from worker.settings import Settings
from worker.storage.rows import Row

# A table answers within milliseconds; these only bound what is never answered. The SDK re-sends nothing: it would
# re-send what was applied and report a conflict with itself.
_TRANSPORT: dict[str, Any] = {"retry_total": 0, "connection_timeout": 5, "read_timeout": 10}


@asynccontextmanager
async def open_table(settings: Settings) -> AsyncIterator[TableClient]:
    """The table of incidents of these settings; connects at its first use."""
    settings.require("tables_connection_string|tables_endpoint")
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(await _service(settings, stack))
        yield service.get_table_client(settings.tables_incidents)


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
    except AzureError as error:
        raise translated(error, "read the table of incidents") from error


async def read_row(table: TableClient, partition: str, key: str, **options: Any) -> Row | None:
    """By its two keys: the one look that costs the same in a table of any size, wherever it is."""
    try:
        found: Row = await table.get_entity(partition, key, **options)
    except ResourceNotFoundError:
        return None
    except AzureError as error:
        raise translated(error, "read the table of incidents") from error
    return found


class StoreClock:
    """Notes the `Date` of the first answer: what the store's clock said when the rows were read, or before."""

    def __init__(self) -> None:
        self.first_date = datetime.min.replace(tzinfo=UTC)

    def __call__(self, response: Any) -> None:
        if self.first_date.year == 1:
            self.first_date = parsedate_to_datetime(response.http_response.headers["Date"]).astimezone(UTC)


def is_conflict(error: AzureError) -> bool:
    """Whether the store says that a row is not as we knew it."""
    return isinstance(error, HttpResponseError) and error.status_code in {409, 412}


def translated(error: AzureError, what: str) -> TocsinError:
    """Any answer that is not a clear refusal counts as no answer: whoever wrote reads back before saying more."""
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if status in {401, 403} or isinstance(error, ClientAuthenticationError):
        return Forbidden(
            f"The table store refused to {what} ({status}). Grant this identity the role Storage Table Data "
            "Contributor on the storage account; a new grant takes some minutes to work."
        )
    if status == 404:  # noqa: PLR2004 (not found)
        return Misconfigured(
            f"The table store could not {what}: the table does not exist. Create it, or allow this identity to."
        )
    if status is not None and 400 <= status < 500 and status not in {408, 409, 412, 429}:  # noqa: PLR2004
        return Misconfigured(f"The table store refused to {what} ({status}): {_one_line(error)}")
    return Unreachable(f"The table store did not {what} ({status or type(error).__name__}): {_one_line(error)}")


def _one_line(error: AzureError) -> str:
    return " ".join(str(error.message or error).split())[:300]


async def _service(settings: Settings, stack: AsyncExitStack) -> TableServiceClient:
    if settings.tables_connection_string is not None:
        connection = settings.tables_connection_string.get_secret_value()
        try:
            return TableServiceClient.from_connection_string(connection, **_TRANSPORT)
        except ValueError as error:
            raise Misconfigured(f"TOCSIN_TABLES_CONNECTION_STRING cannot be used: {error}") from None
    credential = azure_credential(settings)
    if credential is not None:
        await stack.enter_async_context(credential)
    return TableServiceClient(settings.tables_endpoint or "", credential=credential, **_TRANSPORT)
