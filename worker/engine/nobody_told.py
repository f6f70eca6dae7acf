"""That nobody has been told of an incident is said aloud, in time, while its launch is still being tried."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import structlog

from worker.domain.lease import Lease
from worker.domain.settlement import IncidentSettlement, RetryLater
from worker.engine.journal import Journal
from worker.engine.pages import Pages
from worker.observability import telemetry

log = structlog.get_logger()

# Within half a minute of the receipt somebody is told, or it is said that nobody is; the rest is for saying it.
_IN_TIME = timedelta(seconds=30)
_SAYING = timedelta(seconds=4)
# What lay in the queue for long, or was left by a worker that died, has its own chance first.
_OWN_CHANCE = timedelta(seconds=10)


class NobodyTold:
    """Watches over one attempt, used as a context: what the lease says about it goes with the next commit."""

    def __init__(self, lease: Lease, journal: Journal, pages: Pages) -> None:
        self._lease = lease
        self._journal = journal
        self._pages = pages

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch(), name=f"nobody told {self._lease.incident.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.cancel()
        with suppress(asyncio.CancelledError):
            await self._watching

    def judge(self, decided: IncidentSettlement) -> None:
        """At the end of the attempt: nobody else says it in time where the next one begins too late."""
        if self._pages.told.is_set():
            self._note_told()
        elif not (isinstance(decided, RetryLater) and self._age() + decided.delay < _IN_TIME - _SAYING):
            self._say()

    async def _watch(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._pages.told.wait(), self._left().total_seconds())
        if not self._pages.told.is_set():
            self._say()
            self._journal.hurry()
            await self._pages.told.wait()
        was_said = self._lease.nobody_told
        self._note_told()
        if was_said:
            self._journal.hurry()

    def _left(self) -> timedelta:
        """How long this attempt may yet tell somebody: one that follows others has no more than they have left it."""
        age = self._age()
        left = max(_IN_TIME - _SAYING - age, timedelta())
        return left if not self._lease.opened and age < _IN_TIME else max(left, _OWN_CHANCE)

    def _age(self) -> timedelta:
        return datetime.now(UTC) - self._lease.incident.received_at

    def _say(self) -> None:
        if not (self._lease.nobody_told or self._pages.is_held):
            self._lease.nobody_told = True
            log.error("incident.nobody_told", seconds=round(self._age().total_seconds(), 1))
            telemetry.nobody_told()

    def _note_told(self) -> None:
        self._lease.nobody_told = False
        if self._lease.told_at is None:
            self._lease.told_at = datetime.now(UTC)
            log.info("incident.told", seconds=round(self._age().total_seconds(), 3))
            telemetry.told(self._age())
