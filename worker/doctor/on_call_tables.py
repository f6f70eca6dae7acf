"""Both tables of people as they are now, for whoever looks for what is wrong with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TypeVar

from azure.core.credentials_async import AsyncTokenCredential

from worker.credentials import azure_credential
from worker.doctor.finding import CheckResult, Probe
from worker.doctor.roster_lint import AREA, lint
from worker.domain.errors import Forbidden, Misconfigured, TocsinError
from worker.oncall.definitions import Definitions
from worker.oncall.findings.survey import Survey
from worker.oncall.on_call import Roster
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.table import open_schedules
from worker.oncall.table import open_on_call
from worker.settings import Settings

Answer = TypeVar("Answer")

_GRANT = "az role assignment create --assignee <identity> --scope <the account's id> --role 'Storage Table Data Reader'"
UNREADABLE = Probe(
    AREA,
    "",
    why="Nobody is assigned, mentioned or named: a launch finds nobody to call.",
    remedy="Check the connection string or TOCSIN_TABLES_ENDPOINT.",
    remedies={
        Forbidden: _GRANT,
        Misconfigured: "tocsin roster import people.csv --yes creates it; or set TOCSIN_TABLES_ONCALL.",
    },
)
_SCHEDULES = Probe(
    AREA,
    "",
    why="Schedules call nobody; the rows of the on-call table do.",
    remedy="Check the connection string or TOCSIN_TABLES_ENDPOINT.",
    remedies={Forbidden: _GRANT, Misconfigured: "Set TOCSIN_TABLES_SCHEDULES."},
)


@dataclass(frozen=True)
class OnCallTables:
    """What they hold; `failed` says which of them could not be read, whose part of the survey is empty."""

    survey: Survey
    has_rows: bool
    failed: tuple[CheckResult, ...]

    def results(self, of_schedules: Callable[[Survey], list[CheckResult]]) -> list[CheckResult]:
        """With those of the schedules only where there are any."""
        rows = lint(self.survey.roster, self.survey.scheduled) if self.has_rows else []
        return [*self.failed, *rows, *(of_schedules(self.survey) if self.survey.holds_something else ())]


async def read_on_call_tables(settings: Settings, start: Minute, days: int = 30) -> OnCallTables:
    """One that cannot be read is not in the way of the other. Raises TocsinError where neither can."""
    roster, stored = await asyncio.gather(_read(_roster(settings)), _read(_stored(settings)))
    if isinstance(roster, TocsinError) and isinstance(stored, TocsinError):
        raise roster
    survey = Survey(
        stored.definitions if isinstance(stored, StoredDefinitions) else Definitions(),
        start,
        days,
        roster=roster if isinstance(roster, Roster) else Roster(rows=(), unreadable=()),
        unreadable=stored.broken if isinstance(stored, StoredDefinitions) else (),
        has_last_resort=bool(settings.last_resort),
    )
    return OnCallTables(survey, isinstance(roster, Roster), tuple(_failed(roster, stored, survey)))


def _failed(
    roster: Roster | TocsinError, stored: StoredDefinitions | TocsinError, survey: Survey
) -> Iterator[CheckResult]:
    # Whoever has schedules needs no other table.
    is_missing = isinstance(roster, Misconfigured) and survey.holds_something
    if isinstance(roster, TocsinError) and not is_missing:
        yield UNREADABLE.failed(roster)
    if isinstance(stored, TocsinError):
        yield _SCHEDULES.failed(stored)


async def _read(reading: Awaitable[Answer]) -> Answer | TocsinError:
    try:
        return await reading
    except TocsinError as error:
        return error


async def _roster(settings: Settings) -> Roster:
    async with AsyncExitStack() as stack:
        credential = await _credential(settings, stack)
        return await (await stack.enter_async_context(open_on_call(settings, credential))).roster()


async def _stored(settings: Settings) -> StoredDefinitions:
    async with AsyncExitStack() as stack:
        credential = await _credential(settings, stack)
        return await (await stack.enter_async_context(open_schedules(settings, credential))).stored()


async def _credential(settings: Settings, stack: AsyncExitStack) -> AsyncTokenCredential | None:
    credential = azure_credential(settings)
    return None if credential is None else await stack.enter_async_context(credential)
