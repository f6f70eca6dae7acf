"""The table of incidents: who may act on one, and how far its steps are.

One partition holds one incident. Its row `lease` carries the event and the lease; one row `step:<name>` stands for each
checkpoint. Every write goes in one entity group transaction with a conditional write of the lease row, so a worker
that lost its lease cannot write. With the end of an attempt goes a row `try:<n>` that tells what it came to. What needs
no lease never touches a step: what people did, and a row `duplicate:<kind>:<id>` for what a sweep found twice. All
expiries are judged by the store's own clock: a row's `Timestamp` says when it was written, the `Date` header of an
answer says what time it is.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ResourceExistsError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.audit import AuditRecord
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Forbidden, Held, TocsinError, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched, Closing, Lease, Release, StoreTime
from worker.domain.states import LaunchState
from worker.incidents.filter import ALL, IncidentFilter
from worker.incidents.history import AttemptOutcome, History
from worker.incidents.record import IncidentRecord
from worker.settings import Settings
from worker.storage.oversize import OversizeStore
from worker.storage.rows import (
    AUDIT,
    INDEX,
    LEASE,
    Partition,
    Row,
    audit_row,
    etag,
    event_columns,
    history,
    incident,
    incident_columns,
    index_query,
    index_row,
    lease_columns,
    playbook_columns,
    rest_of_lease,
    step_row,
    try_row,
    written_at,
)
from worker.storage.table import StoreClock, is_conflict, open_table, read_row, read_rows, translated

_PAUSE = 0.2
# For whoever writes without a lease that would say how long there is.
_PATIENCE_SECONDS = 10

# Of a long list so many incidents are looked at together, and so many of them at once.
_LOOKS_AHEAD = 100
_LOOKS_AT_ONCE = 16

_OUTCOMES = {
    LaunchState.LAUNCHED: AttemptOutcome.LAUNCHED,
    LaunchState.LAUNCHING: AttemptOutcome.AGAIN,
    LaunchState.FAILED: AttemptOutcome.FAILED,
}

# A partition beside those of the incidents: one row for each kind of work that all workers take turns at.
_TURNS = "turns"
_DUPLICATE = "duplicate:"
_NO_ROW = "nobody"
_ONE_ROW = "PartitionKey eq @pk and RowKey eq @rk"


class Store:
    def __init__(self, table: TableClient, *, owner: str, lease_duration: timedelta) -> None:
        self._table = table
        self.oversize = OversizeStore(table)
        self._owner = owner
        self._lease_duration = lease_duration

    async def prepare(self) -> None:
        """Create the table where it is missing; who may only use it finds it there. Raises Unreachable, Forbidden."""
        try:
            await self._table.create_table()
        except ResourceExistsError:
            return
        except AzureError as error:
            failure = translated(error, "create the table of incidents")
            if not isinstance(failure, Forbidden):
                raise failure from error
            await self.check()

    async def check(self) -> timedelta:
        """How far the store's clock is ahead of ours, to a second; raises what hinders reading or writing the table.

        Nothing is written: it is asked to change a row that is not there, which only who may write is told.
        """
        clock, asked = StoreClock(), datetime.now(UTC)
        async for _ in read_rows(self._table, _ONE_ROW, {"pk": _NO_ROW, "rk": _NO_ROW}, 1, raw_response_hook=clock):
            pass
        half_way = asked + (datetime.now(UTC) - asked) / 2
        row, unchanged = {"PartitionKey": _NO_ROW, "RowKey": _NO_ROW}, MatchConditions.IfNotModified
        try:
            await self._table.update_entity(row, UpdateMode.MERGE, etag='W/"never"', match_condition=unchanged)
        except ResourceNotFoundError:
            pass
        except AzureError as error:
            raise translated(error, "write to the table of incidents") from error
        # The header counts whole seconds.
        return clock.first_date + timedelta(milliseconds=500) - half_way

    async def lease(
        self, incident: Incident, begin: Sequence[Checkpoint], *, playbook: Sequence[str] = ()
    ) -> Lease | AlreadyLaunched:
        """Take the right to act; where nobody has acted before, `begin` is stored in the same transaction.

        `playbook` are the names of all the steps, for those who watch.
        Raises Held (with the rest of the other worker's lease as `retry_after`), Unreachable, Forbidden.
        """
        return await self._open(incident, begin, playbook) or await self._take_over(incident, playbook)

    async def lease_launched(self, incident_id: str) -> Lease | None:
        """The right to act on what is launched already; None where it is not. Raises as `lease` does."""
        partition = await self._read(incident_id)
        row, asked = partition.lease, time.monotonic()
        if row is None or row["state"] != LaunchState.LAUNCHED.value:
            return None
        if (rest := rest_of_lease(row, partition.read_at)) > timedelta():
            raise Held(f"{row['owner']} acts on {incident_id}.", retry_after=rest)
        valid_until = asked + self._lease_duration.total_seconds()
        change = self._lease_change(self._lease_duration)
        row_etag = await self._write(incident_id, change, etag(row), (), give_up_at=valid_until)
        return Lease(
            incident=incident(row),
            duration=self._lease_duration,
            etag=row_etag,
            valid_until=valid_until,
            attempt=int(row["attempt"]),
            first_attempt_at=row["first_attempt_at"],
            checkpoints=partition.checkpoints(),
            store_time=StoreTime(partition.read_at, asked),
        )

    async def commit(
        self, lease: Lease, checkpoints: Iterable[Checkpoint], closing: Closing | Release | None = None
    ) -> None:
        """Store these checkpoints and renew the lease, or give it back, all or nothing.

        Raises Held once the lease is lost, Unreachable when the store does not answer while it lasts.
        """
        started = time.monotonic()
        duration = timedelta() if closing else lease.duration
        change = self._lease_change(duration) | (_closing_columns(closing) if isinstance(closing, Closing) else {})
        steps = [("upsert", step_row(checkpoint), {"mode": UpdateMode.REPLACE}) for checkpoint in checkpoints]
        if isinstance(closing, Closing):
            steps.append(("upsert", self._try_row(lease, closing), {"mode": UpdateMode.REPLACE}))
        lease.etag = await self._write(lease.incident.id, change, lease.etag, steps, give_up_at=lease.valid_until)
        lease.valid_until = started + duration.total_seconds()
        if isinstance(closing, Closing) and closing.state is LaunchState.LAUNCHED:
            # It only spares those who look for what is not launched; without it they look once more.
            with suppress(TocsinError):
                await self._list(lease.incident, launched=True)

    def _try_row(self, lease: Lease, closing: Closing) -> dict[str, Any]:
        return try_row(lease.attempt, self._owner, lease.began_at, _OUTCOMES[closing.state], closing.failure)

    async def list_among_newest(self, incident: Incident) -> None:
        await self._list(incident, launched=False)

    async def _list(self, incident: Incident, *, launched: bool) -> None:
        try:
            await self._table.upsert_entity(index_row(incident, launched=launched), mode=UpdateMode.REPLACE)
        except AzureError as error:
            raise translated(error, f"list {incident.id} among the newest incidents") from error

    async def history(self, incident_id: str) -> History | None:
        return (await self._read(incident_id)).history()

    async def incident(self, incident_id: str) -> IncidentRecord | None:
        """Everything that is stored about it."""
        partition = await self._read(incident_id)
        if (known := partition.history()) is None:
            return None
        parts = {"steps": known.steps, "tries": partition.tries(), "audit": partition.audit()}
        return IncidentRecord.model_validate(dict(known) | parts)

    async def summary(self, incident_id: str) -> History | None:
        """The history without its steps: one row."""
        row = await self._lease_row(incident_id)
        return history(row, ()) if row is not None else None

    async def audit(self, incident_id: str | None) -> list[AuditRecord]:
        """What people did to the incident, oldest first; without an id, to what was none."""
        return (await self._read(incident_id or AUDIT)).audit()

    async def record(self, incident_id: str | None, record: AuditRecord) -> None:
        """Beside the incident, whoever has its lease; without an id, where those of no incident are kept."""
        row = {"PartitionKey": incident_id or AUDIT, **audit_row(record)}
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
            except AzureError as error:
                failure = translated(error, f"record the {record.action}")
                if not isinstance(failure, Unreachable) or time.monotonic() >= give_up_at:
                    raise failure from error
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def amend(self, incident_id: str, event: Event, record: AuditRecord) -> bool:
        """Give the incident another event for the steps still to come, recorded in the same transaction.

        False where no step is to come, or nothing is known of the incident: then nothing was written.
        Raises Held while somebody launches it.
        """
        partition = await self._read(incident_id)
        row = partition.lease
        if row is None or row["state"] == LaunchState.LAUNCHED.value:
            return False
        if (rest := rest_of_lease(row, partition.read_at)) > timedelta():
            raise Held(f"{row['owner']} is launching {incident_id}.", retry_after=rest)
        change = self._lease_change(timedelta()) | event_columns(event, row)
        recorded = ("upsert", audit_row(record), {"mode": UpdateMode.REPLACE})
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        await self._write(incident_id, change, etag(row), [recorded], give_up_at=give_up_at)
        return True

    async def newest(self, limit: int, wanted: IncidentFilter = ALL) -> list[History]:
        """The newest incidents first; those that are launched without their steps."""
        where, values = index_query(wanted)
        at_once = min(limit, _LOOKS_AHEAD)
        one_of_few = asyncio.Semaphore(_LOOKS_AT_ONCE)
        found: list[History] = []
        async with aclosing(read_rows(self._table, where, values, page=at_once)) as rows:
            async for listed in _batches(rows, at_once):
                known = await asyncio.gather(*(self._read_listed(row, one_of_few) for row in listed))
                found += [history for history in known if history is not None and wanted.matches(history)]
                if len(found) >= limit:
                    break
        return found[:limit]

    async def _read_listed(self, listed: Row, one_of_few: asyncio.Semaphore) -> History | None:
        async with one_of_few:
            if not listed.get("launched"):
                return await self.history(listed["incident"])
            row = await read_row(self._table, listed["incident"], LEASE)
        return history(row, ()).model_copy(update={"steps": ()}) if row is not None else None

    async def touched_since(self, moment: datetime) -> list[str]:
        """The ids of the incidents that somebody has tried to launch since then; each attempt lists itself anew."""
        where = "PartitionKey eq @pk and Timestamp ge @moment"
        return [row["incident"] async for row in read_rows(self._table, where, {"pk": INDEX, "moment": moment})]

    async def note_duplicate(self, incident_id: str, name: str, facts: Mapping[str, str], *, again: bool) -> bool:
        """Keep with the incident what stood twice. An earlier note stays, answered False, unless told `again`."""
        row = {"PartitionKey": incident_id, "RowKey": f"{_DUPLICATE}{name}", "by": self._owner, **facts}
        try:
            if again:
                await self._table.upsert_entity(row, mode=UpdateMode.REPLACE)
            else:
                await self._table.create_entity(row)
        except ResourceExistsError:
            return False
        except AzureError as error:
            raise translated(error, f"keep what stood twice for {incident_id}") from error
        return True

    async def take_turn(self, work: str, every: timedelta) -> timedelta | None:
        """The time since the last turn at work that all workers take turns at; None while it is nobody's turn yet."""
        clock = StoreClock()
        where = {"pk": _TURNS, "rk": work}
        found = read_rows(self._table, _ONE_ROW, where, 1, raw_response_hook=clock)
        last = await anext(found, None)
        since = clock.first_date - written_at(last) if last else every
        if since < every:
            return None
        row = {"PartitionKey": _TURNS, "RowKey": work, "owner": self._owner}
        try:
            await self._turn(row, last)
        except AzureError as error:
            if is_conflict(error):
                return None
            raise translated(error, f"take the turn at the {work}") from error
        return since

    async def _turn(self, row: dict[str, str], last: Row | None) -> None:
        if last is None:
            await self._table.create_entity(row)
            return
        unchanged = MatchConditions.IfNotModified
        await self._table.update_entity(row, UpdateMode.REPLACE, etag=etag(last), match_condition=unchanged)

    async def _open(self, incident: Incident, begin: Sequence[Checkpoint], playbook: Sequence[str]) -> Lease | None:
        started, now = time.monotonic(), datetime.now(UTC)
        row = self._lease_change(self._lease_duration) | incident_columns(incident) | playbook_columns(playbook)
        row |= {"state": LaunchState.LAUNCHING.value, "attempt": 1, "first_attempt_at": now}
        steps = [("create", step_row(checkpoint)) for checkpoint in begin]
        valid_until = started + self._lease_duration.total_seconds()
        try:
            row_etag = await self._write(incident.id, row, None, steps, give_up_at=valid_until)
        except Held:
            return None
        checkpoints = {checkpoint.name: checkpoint for checkpoint in begin}
        return Lease(incident, self._lease_duration, row_etag, valid_until, 1, now, checkpoints, opened=True)

    async def _take_over(self, given: Incident, playbook: Sequence[str]) -> Lease | AlreadyLaunched:
        partition = await self._read(given.id)
        row, asked = partition.lease, time.monotonic()
        if row is None:
            raise Held(f"The rows of {given.id} are being written.", retry_after=timedelta(seconds=1))
        if row["state"] == LaunchState.LAUNCHED.value:
            return AlreadyLaunched()
        if (rest := rest_of_lease(row, partition.read_at)) > timedelta():
            raise Held(f"{row['owner']} is launching {given.id}.", retry_after=rest)
        attempt = int(row["attempt"]) + 1
        # A replay is given as long as the first launch was: the time in the dead letters does not count.
        again = row["state"] == LaunchState.FAILED.value
        replayed = attempt if again else int(row.get("replayed", 0))
        first_attempt_at = datetime.now(UTC) if again else row["first_attempt_at"]
        change = self._lease_change(self._lease_duration) | playbook_columns(playbook)
        change |= {"state": LaunchState.LAUNCHING.value, "attempt": attempt, "first_attempt_at": first_attempt_at}
        change["replayed"] = replayed
        valid_until = asked + self._lease_duration.total_seconds()
        row_etag = await self._write(given.id, change, etag(row), (), give_up_at=valid_until)
        return Lease(
            incident=incident(row),
            duration=self._lease_duration,
            etag=row_etag,
            valid_until=valid_until,
            attempt=attempt,
            first_attempt_at=first_attempt_at,
            checkpoints=partition.checkpoints(),
            replayed=replayed,
            tried_for=timedelta() if again else timedelta(seconds=row.get("tried_for_seconds", 0.0)),
            store_time=StoreTime(partition.read_at, asked),
        )

    def _lease_change(self, duration: timedelta) -> dict[str, Any]:
        return lease_columns(owner=self._owner, token=uuid.uuid4().hex, duration=duration)

    async def _write(
        self,
        incident_id: str,
        lease_change: dict[str, Any],
        lease_etag: str | None,
        steps: Sequence[Any],
        *,
        give_up_at: float,
    ) -> str:
        """The lease row's new etag. A write whose end was not seen is read back, and is ours if it has our token."""
        first = ("create", lease_change) if lease_etag is None else _conditional(lease_change, lease_etag)
        operations = [_in_partition(operation, incident_id) for operation in (first, *steps)]
        while True:
            try:
                return str((await self._table.submit_transaction(operations))[0]["etag"])
            except AzureError as error:
                failure, conflict = translated(error, f"store the checkpoints of {incident_id}"), is_conflict(error)
            if not isinstance(failure, Unreachable) and not conflict:
                raise failure
            row = await self._read_back(incident_id, give_up_at, failure)
            if row is not None and row["token"] == lease_change["token"]:
                return etag(row)
            if conflict:
                raise Held(f"Another worker has taken over {incident_id}.")
            if time.monotonic() >= give_up_at:
                raise failure
            await asyncio.sleep(_PAUSE)

    async def _read_back(self, incident_id: str, give_up_at: float, failure: TocsinError) -> Row | None:
        while True:
            try:
                return await self._lease_row(incident_id)
            except Unreachable:
                if time.monotonic() >= give_up_at:
                    raise failure from None
            await asyncio.sleep(_PAUSE)

    async def _lease_row(self, incident_id: str) -> Row | None:
        where = {"pk": incident_id, "rk": LEASE}
        async for row in read_rows(self._table, _ONE_ROW, where, 1):
            return row
        return None

    async def _read(self, incident_id: str) -> Partition:
        clock = StoreClock()
        rows = [
            row
            async for row in read_rows(self._table, "PartitionKey eq @pk", {"pk": incident_id}, raw_response_hook=clock)
        ]
        return Partition(rows, clock.first_date)


@asynccontextmanager
async def open_store(settings: Settings, *, owner: str) -> AsyncIterator[Store]:
    """The store of these settings; connects at its first use."""
    async with open_table(settings) as table:
        yield Store(table, owner=owner, lease_duration=settings.lease_seconds)


async def _batches(rows: AsyncIterator[Row], size: int) -> AsyncIterator[list[Row]]:
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _conditional(lease_change: dict[str, Any], lease_etag: str) -> tuple[Any, ...]:
    condition = {"mode": UpdateMode.MERGE, "etag": lease_etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", lease_change, condition)


def _in_partition(operation: tuple[Any, ...], incident_id: str) -> tuple[Any, ...]:
    kind, row, *options = operation
    return (kind, {"PartitionKey": incident_id, **row}, *options)


def _closing_columns(closing: Closing) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": closing.state.value, "failure": closing.failure}
    columns["tried_for_seconds"] = closing.tried_for.total_seconds()
    if closing.state is LaunchState.LAUNCHED:
        columns["launched_at"] = datetime.now(UTC)
    return columns
