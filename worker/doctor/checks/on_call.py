"""The on-call table: whether it can be read, and whether it would call somebody."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from worker.credentials import azure_credential
from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe
from worker.doctor.roster_lint import AREA, lint
from worker.domain.errors import Forbidden, Misconfigured, TocsinError
from worker.oncall.on_call import Person, Roster
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.table import OnCallTable, open_on_call
from worker.settings import Settings

_NEEDED = "tables_connection_string|tables_endpoint"
_CHECK = Probe(
    AREA,
    "",
    why="Nobody is assigned, mentioned or named: a launch finds nobody to call.",
    remedy="Check the connection string or TOCSIN_TABLES_ENDPOINT.",
    remedies={
        Forbidden: "az role assignment create --assignee <identity> --scope <the account's id> "
        "--role 'Storage Table Data Reader'",
        Misconfigured: "tocsin roster import people.csv --yes creates it; or set TOCSIN_TABLES_ONCALL.",
    },
)


async def check_on_call(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, _NEEDED):
        return
    try:
        roster = await _roster(settings)
    except TocsinError as error:
        yield _CHECK.failed(error)
        return
    for result in lint(roster):
        yield result


async def people_on_call(settings: Settings) -> tuple[Person, ...]:
    """Everybody whom a launch could call now, each once; nobody where the table cannot be read."""
    if not is_set(settings, _NEEDED):
        return ()
    try:
        roster = await _roster(settings)
    except TocsinError:
        return ()
    services = {DEFAULT_SERVICE, *(row.service for row in roster.rows)}
    people = (person for service in sorted(services) for person in roster.on_call(service).people)
    return tuple({person.email.casefold(): person for person in people}.values())


async def _roster(settings: Settings) -> Roster:
    async with _table(settings) as table:
        return await table.roster()


@asynccontextmanager
async def _table(settings: Settings) -> AsyncIterator[OnCallTable]:
    async with AsyncExitStack() as stack:
        credential = azure_credential(settings)
        if credential is not None:
            await stack.enter_async_context(credential)
        yield await stack.enter_async_context(open_on_call(settings, credential))
