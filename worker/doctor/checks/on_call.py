"""The tables of people on call: whether they can be read, and whether they would call somebody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from worker.doctor.checks.settings import is_set
from worker.doctor.finding import CheckResult
from worker.doctor.on_call_tables import UNREADABLE, OnCallTables, read_on_call_tables
from worker.doctor.people_ahead import people_ahead
from worker.doctor.schedule_lint import outline_schedules
from worker.domain.errors import TocsinError
from worker.oncall.on_call import Person
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.wall_clock import minute_of
from worker.settings import Settings

_NEEDED = "tables_connection_string|tables_endpoint"


async def check_on_call(settings: Settings) -> AsyncIterator[CheckResult]:
    if not is_set(settings, _NEEDED):
        return
    try:
        tables = await _read(settings)
    except TocsinError as error:
        yield UNREADABLE.failed(error)
        return
    for result in await asyncio.to_thread(tables.results, outline_schedules):
        yield result


async def people_on_call(settings: Settings) -> tuple[Person, ...]:
    """Everybody whom a launch could call now, and whom schedules do in the next days, each once.

    Nobody where the tables cannot be read.
    """
    if not is_set(settings, _NEEDED):
        return ()
    try:
        survey = (await _read(settings)).survey
    except TocsinError:
        return ()
    services = {DEFAULT_SERVICE, *(row.service for row in survey.roster.rows)}
    people = [person for service in sorted(services) for person in survey.roster.on_call(service).people]
    ahead = await asyncio.to_thread(people_ahead, survey)
    return tuple({person.email.casefold(): person for person in (*people, *ahead)}.values())


async def _read(settings: Settings) -> OnCallTables:
    return await read_on_call_tables(settings, minute_of(datetime.now(UTC)))
