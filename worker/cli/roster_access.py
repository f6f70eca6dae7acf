"""The on-call table, opened for a command."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import typer

from worker.app.connections import open_history
from worker.credentials import azure_credential
from worker.domain.audit import AuditRecord, operator
from worker.oncall.lookup import KnownOnCall, OnCallLookup, open_lookup
from worker.oncall.on_call import Roster
from worker.oncall.table import OnCallTable, open_on_call
from worker.settings import Settings


@asynccontextmanager
async def open_roster(settings: Settings) -> AsyncIterator[OnCallTable]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        yield await stack.enter_async_context(open_on_call(settings, credential))


@asynccontextmanager
async def open_on_call_lookup(settings: Settings) -> AsyncIterator[OnCallLookup]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        yield await stack.enter_async_context(open_lookup(settings, credential))


async def read_roster(settings: Settings) -> Roster:
    async with open_roster(settings) as table:
        return await table.roster()


def read_known(settings: Settings) -> KnownOnCall:
    """Both tables; where one does not answer its copy, if there is one, as a launch would take it."""

    async def read() -> KnownOnCall:
        async with open_on_call_lookup(settings) as lookup:
            return await lookup.known()

    return asyncio.run(read())


def print_unreadable(roster: Roster) -> None:
    """On standard error: such a row calls nobody."""
    for row in roster.unreadable:
        typer.echo(f"tocsin: a row cannot be read: {row.sentence}", err=True)


async def record_changes(settings: Settings, action: str, sentences: Sequence[str], **details: str) -> None:
    """Who changed what of the table; written before it is done, so that nothing is done without it."""
    told = {**details, "changes": [" ".join(sentence.split()) for sentence in sentences]}
    async with open_history(settings) as stores:
        await stores.table.prepare()
        await stores.audit.add(None, AuditRecord(action=action, who=operator(), details=told))
