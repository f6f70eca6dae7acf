"""The table of schedules, opened for a command."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import typer

from worker.credentials import azure_credential
from worker.domain.errors import Permanent
from worker.oncall.definitions import Definitions
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.table import SchedulesTable
from worker.oncall.stored.table import open_schedules as open_table
from worker.settings import Settings


@asynccontextmanager
async def open_schedules(settings: Settings) -> AsyncIterator[SchedulesTable]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        yield await stack.enter_async_context(open_table(settings, credential))


async def read_definitions(settings: Settings) -> Definitions:
    """What the table holds; where it does not answer, its copy if there is one, and that is said."""
    return (await read_schedules(settings)).definitions


async def read_schedules(settings: Settings) -> StoredDefinitions:
    """The same with its rows, and what is wrong with them."""
    async with open_schedules(settings) as table:
        known = await table.schedules()
    if isinstance(known.trouble, Permanent):
        raise known.trouble
    if known.trouble:
        typer.echo(f"tocsin: as of {known.stored.read_at:%Y-%m-%d %H:%M} UTC: {known.trouble}", err=True)
    return known.stored
