"""Who is on call for a service now, from both tables of people, and from their copies where they do not answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import structlog
from azure.core.credentials_async import AsyncTokenCredential

from worker.domain.errors import TocsinError
from worker.observability import telemetry
from worker.oncall.answers import who_answers, who_comes_next
from worker.oncall.asking import clock_of_service
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import OnCall, Roster, UnreadableRow
from worker.oncall.people import People
from worker.oncall.rows import DEFAULT_SERVICE
from worker.oncall.schedule.wall_clock import Minute, ZoneClock, minute_of
from worker.oncall.sources import Answered, schedules_of
from worker.oncall.stored.last_good import LastGood, Shape
from worker.oncall.stored.row import BrokenRow
from worker.oncall.stored.table import (
    PATIENCE,
    Schedules,
    SchedulesTable,
    open_schedules,
    source_of,
    tell_copy_used,
    unanswered,
)
from worker.oncall.table import OnCallTable, open_on_call
from worker.settings import Settings

log = structlog.get_logger()

# A launch reads anew; this is for the worker that has not launched anything for long when the tables go.
_REFRESHED = timedelta(minutes=5)
_FAULTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class _KnownRoster:
    """The simple table's rows, of when they are, and the trouble that keeps them from being what it holds now."""

    roster: Roster
    read_at: datetime | None = None
    trouble: TocsinError | None = None


@dataclass(frozen=True)
class KnownOnCall:
    """Both tables as they were read together."""

    simple: _KnownRoster
    schedules: Schedules

    @property
    def definitions(self) -> Definitions:
        return self.schedules.stored.definitions

    @property
    def roster(self) -> Roster:
        return self.simple.roster

    @cached_property
    def people(self) -> People:
        return People(self.definitions, self.roster)

    @property
    def as_of(self) -> str:
        """What of it is from a copy, and of when; nothing where both tables answered."""
        return _as_of(self.simple, self.schedules)

    def definitions_of(self, service: str) -> Definitions:
        """Whatever the service: a table says which schedules are whose."""
        del service
        return self.definitions

    def clock(self, service: str) -> ZoneClock:
        return clock_of_service(self.definitions, service)

    def answer(self, service: str, instant: Minute) -> OnCall:
        """Raises TocsinError where it depends on a table that nothing is known of."""
        found = who_answers(self.definitions, self.roster, service, instant, self.people)
        if self.simple.trouble and self.simple.read_at is None and (found.from_default or not found.people):
            raise self.simple.trouble
        notes = (
            self.as_of,
            found.note,
            _left_out(
                "row of the on-call table cannot be read, and whoever it names is not called",
                self.roster.unreadable_for(found),
            ),
            _left_out(
                "row of the table of schedules cannot be read, and does not count", _broken(self.schedules, found)
            ),
        )
        return found.model_copy(update={"note": " ".join(filter(None, notes))})

    def following(self, service: str, instant: Minute) -> Answered | None:
        return who_comes_next(self.definitions, self.roster, service, instant, self.people)


class OnCallLookup:
    """An outage of a table never means that nobody is on call: what it held last counts."""

    def __init__(
        self, table: OnCallTable, schedules: SchedulesTable, copies: LastGood[Roster], patience: timedelta
    ) -> None:
        self._table = table
        self._schedules = schedules
        self._copies = copies
        self._patience = patience
        self._unreadable: tuple[str, ...] = ()

    async def on_call(self, service: str) -> OnCall:
        """Whom a launch calls. Raises TocsinError where neither a table nor a copy says."""
        return (await self.known()).answer(service, minute_of(datetime.now(UTC)))

    async def known(self) -> KnownOnCall:
        """What both tables say. Raises Transient."""
        simple, schedules = await asyncio.gather(self._roster(), self._schedules.schedules())
        return KnownOnCall(simple, schedules)

    async def definitions(self) -> Definitions:
        """Raises Transient."""
        return await self._schedules.definitions()

    async def refresh(self) -> None:
        """Read both tables, so that their copies are of now. Raises TocsinError where one of them cannot be read."""
        simple, _ = await asyncio.gather(self._roster(), self._schedules.refresh())
        if simple.trouble:
            raise simple.trouble

    def _tell_unreadable(self, roster: Roster) -> None:
        """In the log once until they change: each launch reads the table anew."""
        rows = tuple(row.sentence for row in roster.unreadable)
        telemetry.roster_read(unreadable=len(rows))
        if rows and rows != self._unreadable:
            log.warning("roster.rows_unreadable", count=len(rows), rows=rows[:_FAULTS_NAMED])
        self._unreadable = rows

    async def _roster(self) -> _KnownRoster:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                roster = await self._table.roster()
        except TimeoutError:
            trouble: TocsinError = unanswered(f"read {self._table.spoken}", self._patience)
        except TocsinError as error:
            trouble = error
        else:
            self._tell_unreadable(roster)
            read_at = datetime.now(UTC)
            await self._copies.keep(roster, read_at)
            return _KnownRoster(roster, read_at)
        copy = await self._copies.recall()
        if copy is None:
            return _KnownRoster(Roster(rows=(), unreadable=()), None, trouble)
        tell_copy_used(self._table.client, copy.read_at, trouble)
        return _KnownRoster(copy.content, copy.read_at, trouble)


async def keep_fresh(lookup: OnCallLookup) -> None:
    """Until cancelled: in an outage the rows of some minutes ago count, be it the first launch of the day."""
    while True:
        try:
            with telemetry.errand("refresh-on-call"):
                await lookup.refresh()
        except TocsinError as error:
            log.error("roster.not_read", error=str(error))
        except Exception:
            # The outer edge of this task: a fault of ours costs one look, never those to come.
            log.exception("roster.refresh_crashed")
        await asyncio.sleep(_REFRESHED.total_seconds())


def _as_of(simple: _KnownRoster, schedules: Schedules) -> str:
    told = []
    if schedules.trouble and schedules.stored.rows:
        told.append(f"The schedules are as of {_time(schedules.stored.read_at)}: their table does not answer.")
    elif schedules.trouble:
        told.append(f"The schedules are left out: {schedules.trouble}")
    if simple.trouble and simple.read_at:
        told.append(f"The rows of the on-call table are as of {_time(simple.read_at)}: it does not answer.")
    return " ".join(told)


def _time(instant: datetime) -> str:
    today = instant.date() == datetime.now(UTC).date()
    return f"{instant:%H:%M} UTC" if today else f"{instant:%Y-%m-%d %H:%M} UTC"


def _broken(schedules: Schedules, found: OnCall) -> list[BrokenRow]:
    """What cannot be read of the schedules that were asked."""
    services = {found.service, DEFAULT_SERVICE} if found.from_default or not found.people else {found.service}
    names = {name for service in services for name in schedules_of(schedules.stored.definitions, service)}
    asked = {f"service:{name}" for name in services} | {f"schedule:{name}" for name in names | services}
    spelt = {partition.casefold() for partition in asked}
    return [row for row in schedules.stored.broken if row.keys[0].casefold() in spelt]


def _left_out(what: str, rows: Sequence[UnreadableRow | BrokenRow]) -> str:
    if not rows:
        return ""
    more = f", and {len(rows) - 1} more" if len(rows) > 1 else ""
    return f"A {what}: {rows[0].sentence}{more}. `tocsin roster lint` says how to mend it."


def _encode(roster: Roster) -> object:
    return roster.model_dump(mode="json")


def _decode(content: object, read_at: datetime) -> Roster:
    del read_at
    return Roster.model_validate(content)


@asynccontextmanager
async def open_lookup(
    settings: Settings, credential: AsyncTokenCredential | None, *, patience: timedelta = PATIENCE
) -> AsyncIterator[OnCallLookup]:
    async with AsyncExitStack() as stack:
        table = await stack.enter_async_context(open_on_call(settings, credential))
        schedules = await stack.enter_async_context(open_schedules(settings, credential, patience=patience))
        copies = LastGood("oncall", source_of(table.client), settings.on_call_copy, Shape(_encode, _decode))
        yield OnCallLookup(table, schedules, copies, patience)
