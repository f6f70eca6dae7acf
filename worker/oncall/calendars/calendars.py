"""The calendar behind a token, as the intake serves it: made at most once in a while, whoever asks how often."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from azure.core.credentials_async import AsyncTokenCredential

from worker.domain.errors import TocsinError, Transient
from worker.oncall.calendars.calendar_rows import CalendarRows, open_calendar_rows
from worker.oncall.calendars.document import write_calendar
from worker.oncall.calendars.published import Published, follow
from worker.oncall.calendars.shown_shifts import name_in, shown_shifts
from worker.oncall.calendars.tokens import hash_of
from worker.oncall.reading.build import spelling_of
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.stored.keys import Kind, thing_at
from worker.oncall.stored.reading import StoredDefinitions
from worker.oncall.stored.table import PATIENCE, Schedules, open_schedules, unanswered
from worker.resilience.single_flight import SingleFlight
from worker.settings import Settings

log = structlog.get_logger()

ReadSchedules = Callable[[], Awaitable[Schedules]]
Clock = Callable[[], datetime]
Answer = TypeVar("Answer")
_Following = Callable[[Iterable[Published]], Sequence[Published]]

# A program that polls asks once in minutes to hours; an address that was revoked is none within seconds.
_PEOPLE_FRESH = timedelta(seconds=5)
_CALENDAR_FRESH = timedelta(seconds=30)
_CALENDARS_KEPT = 500
_ATTEMPTS = 4


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Made:
    content: bytes
    title: str
    published: tuple[Published, ...]
    at: float


def unreadable_in(stored: StoredDefinitions) -> Collection[str]:
    """Schedules that a broken row hides."""
    things = [thing_at(partition) for partition, _ in (row.keys for row in stored.broken)]
    hidden = {thing.name for thing in things if thing is not None and thing.kind is Kind.SCHEDULE}
    return hidden - stored.definitions.schedules.keys()


class Calendars:
    """`find` is what the intake asks; in an outage of the table it goes on by what this process knew last."""

    def __init__(self, rows: CalendarRows, schedules: ReadSchedules, clock: Clock = now_utc) -> None:
        self._rows = rows
        self._schedules = schedules
        self._clock = clock
        self._people: Mapping[str, str] | None = None
        self._people_at = 0.0
        self._looking = SingleFlight(self._read_people)
        self._made: dict[str, _Made] = {}
        self._making: dict[str, asyncio.Task[bytes]] = {}
        self._calculating = asyncio.Lock()

    async def find(self, token: str) -> bytes | None:
        """None for what is no token of anybody; raises TocsinError where that cannot be said."""
        hashed = hash_of(token)
        if not hashed:
            return None
        person = (await self._known()).get(hashed)
        return None if person is None else await self._calendar(person)

    async def _known(self) -> Mapping[str, str]:
        if self._people is None or _is_older(self._people_at, _PEOPLE_FRESH):
            return await self._looking.share()
        return self._people

    async def _read_people(self) -> Mapping[str, str]:
        try:
            self._people = await _answered(self._rows.people(), "read who has a calendar")
        except TocsinError as error:
            if self._people is None:
                raise
            log.warning("calendar.people_unread", error=type(error).__name__, reason=str(error))
        self._people_at = time.monotonic()
        return self._people

    async def _calendar(self, person: str) -> bytes:
        """All who ask at once share one making."""
        made = self._made.get(person)
        if made is not None and not _is_older(made.at, _CALENDAR_FRESH):
            return made.content
        making = self._making.get(person)
        if making is None:
            making = self._making[person] = asyncio.ensure_future(self._make(person))
            making.add_done_callback(partial(self._end, person))
        return await asyncio.shield(making)

    def _end(self, person: str, making: asyncio.Task[bytes]) -> None:
        """Its failure is that of whoever waits, if anybody does still."""
        self._making.pop(person, None)
        if not making.cancelled():
            making.exception()

    async def _make(self, person: str) -> bytes:
        stored = await self._stored()
        spelt = spelling_of(stored.definitions.people.values())(person)
        now = minute_of(self._clock())
        shown = await self._calculate(lambda: shown_shifts(stored.definitions, now, spelt))
        after = partial(follow, shown=shown, now=now, unreadable=unreadable_in(stored))
        try:
            published = await _answered(self._publish(spelt, after), "remember a calendar")
        except TocsinError as error:
            published = self._go_on(person, after, error)
        title = f"On call: {name_in(stored.definitions)(spelt)}"
        content = await self._content(person, title, published)
        self._keep(person, _Made(content, title, published, time.monotonic()))
        return content

    async def _publish(self, person: str, after: _Following) -> tuple[Published, ...]:
        """What is given out now, remembered before anybody sees it."""
        for _ in range(_ATTEMPTS):
            memory = await self._rows.memory(person)
            published = tuple(after(memory.published))
            if published == memory.published or await self._rows.remember(person, published, memory.version):
                return published
        raise Transient("Others write the memory of this calendar at the same time. Ask again in a moment.")

    async def _content(self, person: str, title: str, published: tuple[Published, ...]) -> bytes:
        made = self._made.get(person)
        if made is not None and (made.title, made.published) == (title, published):
            return made.content
        return await self._calculate(lambda: write_calendar(published, title))

    async def _calculate(self, work: Callable[[], Answer]) -> Answer:
        """One after the other: alerts are taken by the same process."""
        async with self._calculating:
            return await asyncio.to_thread(work)

    async def _stored(self) -> StoredDefinitions:
        """Raises TocsinError: that nothing can be read must not look as if nobody were on call."""
        schedules = await self._schedules()
        if schedules.trouble and not schedules.stored.rows:
            raise schedules.trouble
        return schedules.stored

    def _go_on(self, person: str, after: _Following, error: TocsinError) -> tuple[Published, ...]:
        """What is given out while the table does not answer is remembered once it does, from the same start."""
        made = self._made.get(person)
        if made is None:
            raise error
        log.warning("calendar.memory_unread", error=type(error).__name__, reason=str(error))
        return tuple(after(made.published))

    def _keep(self, person: str, made: _Made) -> None:
        self._made.pop(person, None)
        self._made[person] = made
        if len(self._made) > _CALENDARS_KEPT:
            del self._made[next(iter(self._made))]


async def _answered(answer: Awaitable[Answer], doing: str) -> Answer:
    """Raises Transient where the table takes longer than a calendar program waits."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await answer
    except TimeoutError:
        raise unanswered(doing, PATIENCE) from None


@asynccontextmanager
async def open_calendars(settings: Settings, credential: AsyncTokenCredential | None) -> AsyncIterator[Calendars]:
    async with open_schedules(settings, credential) as schedules, open_calendar_rows(settings, credential) as rows:
        yield Calendars(rows, schedules.schedules)


def _is_older(since: float, than: timedelta) -> bool:
    return time.monotonic() - since > than.total_seconds()
