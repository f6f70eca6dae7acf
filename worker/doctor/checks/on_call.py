"""The on-call table: whether it can be read, and whether it would call somebody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from worker.credentials import azure_credential
from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult, Probe
from worker.doctor.people_ahead import people_ahead
from worker.doctor.roster_lint import AREA, lint
from worker.doctor.schedule_lint import outline_schedules
from worker.domain.errors import Forbidden, Misconfigured, TocsinError
from worker.oncall.definitions import Definitions
from worker.oncall.findings.survey import Survey
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.table import OnCallTable, Person, Roster, open_on_call
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
        survey = await _survey(settings)
    except TocsinError as error:
        yield _CHECK.failed(error)
        return
    for result in await asyncio.to_thread(_results, survey):
        yield result


def _results(survey: Survey) -> list[CheckResult]:
    rows = lint(survey.roster, survey.scheduled)
    return [*rows, *outline_schedules(survey)] if survey.holds_something else rows


async def people_on_call(settings: Settings) -> tuple[Person, ...]:
    """Everybody whom a launch could call now, and whom schedules do in the next days, each once.

    Nobody where the tables cannot be read.
    """
    if not is_set(settings, _NEEDED):
        return ()
    try:
        survey = await _survey(settings)
    except TocsinError:
        return ()
    roster = survey.roster
    services = {DEFAULT_SERVICE, *(row.service for row in roster.rows)}
    people = [person for service in sorted(services) for person in roster.on_call(service).people]
    ahead = await asyncio.to_thread(people_ahead, survey.definitions, survey.start)
    return tuple({person.email.casefold(): person for person in (*ahead, *people)}.values())


async def _survey(settings: Settings) -> Survey:
    return Survey(
        Definitions(),
        minute_of(datetime.now(UTC)),
        roster=await _roster(settings),
        has_last_resort=bool(settings.last_resort),
    )


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
