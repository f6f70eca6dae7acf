"""One run: the incidents that are over and old are exported and deleted, then what belongs to none any more."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TypeVar

import structlog

from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.observability import telemetry
from worker.resilience.retrying import retry_transient
from worker.retention.ages import Ages
from worker.retention.export import Export
from worker.retention.judgement import Judge, Kept
from worker.retention.left_over import LEFT_OVERS, Known, LeftOver
from worker.retention.report import RetentionReport
from worker.retention.stored_incident import StoredIncident
from worker.storage.purge import Purge
from worker.storage.rows import Row
from worker.storage.stores import Stores
from worker.storage.table import batches
from worker.storage.turns import RETENTION_DONE

log = structlog.get_logger()

Work = TypeVar("Work")

# A run has time, and the launches beside it none.
_AT_ONCE = 4
# Rows that are looked at together, of however many partitions.
_TOGETHER = 100
INCIDENTS = "incidents"


@dataclass(slots=True)
class _Tally:
    rows: int = 0
    deleted: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Retention:
    """`subjects` asks the dead letters what they speak of: a replay goes on where its launch stopped, or where it was
    placed, so nothing of that is deleted.
    """

    stores: Stores
    ages: Ages
    keep: timedelta
    subjects: Callable[[], Awaitable[DeadLetterSubjects]]

    async def run(self, export: Export, *, delete: bool) -> RetentionReport:
        """Without `delete` nothing is changed anywhere. Raises Transient, Forbidden, Misconfigured.

        Ended anywhere, it has left nothing half that a later run does not find: that one goes on.
        """
        now = datetime.now(UTC)
        known = Known(self.stores.purge, self.ages, await self.subjects(), now)
        tally = _Tally()
        deleting = _Deleting(self.stores.purge, export, tally, delete=delete)
        await self._incidents(known, deleting)
        for kind in LEFT_OVERS:
            await self._left_over(kind, known, deleting)
        report = RetentionReport(
            dry_run=not delete,
            keep_days=round(self.keep / timedelta(days=1), 3),
            export=str(export.file) if export.file is not None else None,
            rows=tally.rows,
            deleted=dict(tally.deleted),
            kept=dict(tally.kept),
        )
        if delete:
            await self._tell(report)
        return report

    async def _incidents(self, known: Known, deleting: "_Deleting") -> None:
        judge = Judge(self.ages, known.subjects, known.now)

        async def judged(listed: Row) -> None:
            kept = await self._judged(listed, judge, known, deleting)
            if kept is not None:
                deleting.tally.kept[kept.value] += 1

        async with aclosing(self.stores.purge.listed_before(known.now - self.ages.shortest)) as rows:
            async for some in batches(rows, _AT_ONCE):
                await _each(some, judged)

    async def _judged(self, listed: Row, judge: Judge, known: Known, deleting: "_Deleting") -> Kept | None:
        incident_id = str(listed["incident"])
        try:
            stored = await retry_transient(lambda: StoredIncident.read(self.stores.purge, listed))
        except (ValueError, KeyError) as error:
            log.error("retention.unreadable", incident=incident_id, error=type(error).__name__)
            known.set_aside = None
            return Kept.UNREADABLE
        kept = judge.why_kept(stored)
        if kept is None and await deleting.incident(stored):
            known.gone |= {incident_id, *stored.event_ids}
            return None
        if known.set_aside is not None:
            known.set_aside |= stored.event_ids
        return kept or Kept.CHANGED

    async def _left_over(self, kind: LeftOver, known: Known, deleting: "_Deleting") -> None:
        async def choose(rows: Sequence[Row]) -> None:
            rest = str(rows[0]["PartitionKey"]).removeprefix(kind.beginning)
            if chosen := await retry_transient(lambda: kind.choose(known, rest, rows)):
                await deleting.rows(kind.name, chosen)

        written_before = known.now - kind.age(self.ages)
        async with aclosing(self.stores.purge.written_before(kind.beginning, written_before)) as rows:
            async for some in batches(rows, _TOGETHER):
                partitions = [list(each) for _, each in groupby(some, key=lambda row: row["PartitionKey"])]
                for start in range(0, len(partitions), _AT_ONCE):
                    await _each(partitions[start : start + _AT_ONCE], choose)

    async def _tell(self, report: RetentionReport) -> None:
        log.info("retention.done", rows=report.rows, deleted=report.deleted, kept=report.kept, export=report.export)
        telemetry.retained(report.deleted)
        facts = {"rows": report.rows, "incidents": report.deleted.get(INCIDENTS, 0)}
        await retry_transient(lambda: self.stores.turns.note(RETENTION_DONE, facts))


@dataclass(frozen=True, slots=True)
class _Deleting:
    """Exports, then deletes, and counts; or only counts."""

    purge: Purge
    export: Export
    tally: _Tally
    delete: bool

    async def incident(self, stored: StoredIncident) -> bool:
        """False where somebody has changed it since it was read: then it stays, or is left over for a later run."""
        if self.delete:
            await self.export.write("incident", stored.rows, stored.known)
            for rows in stored.partitions:
                if not await self._delete(rows):
                    return False
        self.tally.deleted[INCIDENTS] += 1
        self.tally.rows += sum(1 for _ in stored.rows)
        return True

    async def rows(self, kind: str, rows: Sequence[Row]) -> None:
        if self.delete:
            await self.export.write(kind, rows)
            if not await self._delete(rows):
                return
        self.tally.deleted[kind] += len(rows)
        self.tally.rows += len(rows)

    async def _delete(self, rows: Sequence[Row]) -> bool:
        return await retry_transient(lambda: self.purge.delete(rows))


async def _each(items: Iterable[Work], act: Callable[[Work], Awaitable[None]]) -> None:
    """All at once; where one fails, the others come to their end first."""
    for result in await asyncio.gather(*(act(item) for item in items), return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
