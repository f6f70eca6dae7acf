"""What people have made of the incidents that alerts belong to: merged into others, or ended."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from worker.domain.incident import incident_id
from worker.domain.response.response import Response
from worker.domain.response.state import RUNNING, ResponseState
from worker.storage.incident_store import IncidentStore
from worker.storage.response_store import ResponseStore

# In a storm all alerts ask for the same few incidents; what people do counts at once, or nearly so.
_REMEMBERED_SECONDS = 0.5
_REMEMBERED = 1_000
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Course:
    """`key`: of the incident into which it was merged at last, else its own.

    `open_until`: what was resolved is reopened by a firing for a while, what has ended by none; None: it has not.
    """

    key: str
    open_until: datetime | None = None

    def takes_firings(self, now: datetime) -> bool:
        return self.open_until is None or now <= self.open_until


class Courses:
    """`reopen`: for so long a firing reopens what was resolved. Raises as the stores do."""

    def __init__(self, incidents: IncidentStore, responses: ResponseStore, reopen: timedelta) -> None:
        self._incidents = incidents
        self._responses = responses
        self._reopen = reopen
        self._known: OrderedDict[str, tuple[float, Course]] = OrderedDict()

    async def of(self, key: str) -> Course:
        """Along all merges. One into an incident that is not stored any more, or in a ring, ends where it began."""
        known = self._known.get(key)
        if known is not None and time.monotonic() - known[0] <= _REMEMBERED_SECONDS:
            return known[1]
        course = await self._follow(key)
        self._known.pop(key, None)
        if course == Course(key):
            self._known[key] = (time.monotonic(), course)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return course

    async def merged_into(self, incident: str) -> tuple[str, ...]:
        """The ids of those that were merged into it, through others as well."""
        stored = await self._responses.read(incident)
        return stored.response.merged_from if stored is not None else ()

    async def _follow(self, key: str) -> Course:
        own = current = await self._read(incident_id(key))
        last, passed = key, {incident_id(key)}
        while current is not None and current.state is ResponseState.MERGED:
            into = current.merged_into
            summary, following = await asyncio.gather(self._incidents.summary(into), self._read(into))
            if summary is None or into in passed:
                return self._course(key, own)
            passed.add(into)
            last, current = summary.key, following
        return self._course(last, current)

    async def _read(self, incident: str) -> Response | None:
        stored = await self._responses.read(incident)
        return stored.response if stored is not None else None

    def _course(self, key: str, response: Response | None) -> Course:
        if response is None or response.state in RUNNING:
            return Course(key)
        is_resolved = response.state is ResponseState.RESOLVED
        return Course(key, response.since + self._reopen if is_resolved else _NEVER)
