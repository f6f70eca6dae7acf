"""Leases and checkpoints: who may act on an incident, and how far its steps are.

One partition holds one incident. Its row `lease` carries the event and the lease; one row `step:<name>` stands for each
checkpoint. Every write goes in one entity group transaction with a conditional write of the lease row, so a worker
that lost its lease cannot write. With the end of an attempt goes a row `try:<n>` that tells what it came to. All
expiries are judged by the store's own clock: a row's `Timestamp` says when it was written, the `Date` header of an
answer says what time it is.
"""

import asyncio
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from azure.core import MatchConditions
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from worker.domain.audit import AuditRecord
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held, TocsinError, Transient
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched, Closing, Lease, Release, StoreTime
from worker.domain.states import LaunchState, StepState
from worker.incidents.history import AttemptOutcome, History
from worker.incidents.record import IncidentRecord
from worker.storage.listing import write_index_row
from worker.storage.partition import read_lease_row, read_partition
from worker.storage.retrying import retry_until, seconds_to_wait
from worker.storage.rows import (
    Row,
    audit_row,
    etag,
    event_columns,
    history,
    incident,
    incident_columns,
    is_nobody_told,
    lease_columns,
    playbook_columns,
    rest_of_lease,
    step_row,
    told_at,
    told_columns,
    try_row,
)
from worker.storage.sdk_errors import FAILURES, is_conflict, translated

# For whoever writes without a lease that would say how long there is.
_PATIENCE_SECONDS = 10

_OUTCOMES = {
    LaunchState.LAUNCHED: AttemptOutcome.LAUNCHED,
    LaunchState.LAUNCHING: AttemptOutcome.AGAIN,
    LaunchState.FAILED: AttemptOutcome.FAILED,
}


class IncidentStore:
    """`listed`: whether what it keeps stands in the list of incidents."""

    def __init__(self, table: TableClient, *, owner: str, lease_duration: timedelta, listed: bool = True) -> None:
        self._table = table
        self._owner = owner
        self._lease_duration = lease_duration
        self._listed = listed

    async def lease(
        self, incident: Incident, begin: Sequence[Checkpoint], *, playbook: Sequence[str] = ()
    ) -> Lease | AlreadyLaunched:
        """Take the right to act; where nobody has acted before, `begin` is stored in the same transaction.

        `playbook` are the names of all the steps, for those who watch.
        Raises Held (with the rest of the other worker's lease as `retry_after`), another Transient, Forbidden.
        """
        return await self._open(incident, begin, playbook) or await self._take_over(incident, begin, playbook)

    async def lease_launched(self, incident_id: str) -> Lease | None:
        """The right to act on what is launched already; None where it is not. Raises as `lease` does."""
        partition = await read_partition(self._table, incident_id)
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
            nobody_told=is_nobody_told(row),
            told_at=told_at(row),
            store_time=StoreTime(partition.read_at, asked),
        )

    async def commit(
        self, lease: Lease, checkpoints: Iterable[Checkpoint], closing: Closing | Release | None = None
    ) -> None:
        """Store these checkpoints and renew the lease, or give it back, all or nothing.

        Raises Held once the lease is lost, another Transient when the store does not answer while it lasts.
        """
        started = time.monotonic()
        duration = timedelta() if closing else lease.duration
        change = self._lease_change(duration) | told_columns(nobody_told=lease.nobody_told, told_at=lease.told_at)
        change |= _closing_columns(closing) if isinstance(closing, Closing) else {}
        steps = [("upsert", step_row(checkpoint), {"mode": UpdateMode.REPLACE}) for checkpoint in checkpoints]
        if isinstance(closing, Closing):
            steps.append(("upsert", self._try_row(lease, closing), {"mode": UpdateMode.REPLACE}))
        partition = lease.partition or lease.incident.id
        lease.etag = await self._write(partition, change, lease.etag, steps, give_up_at=lease.valid_until)
        lease.valid_until = started + duration.total_seconds()
        launched = isinstance(closing, Closing) and closing.state is LaunchState.LAUNCHED
        if self._listed and launched and not lease.nobody_told:
            # It only spares those who look for what is not launched; without it they look once more.
            with suppress(TocsinError):
                await write_index_row(self._table, lease.incident, launched=True)

    def _try_row(self, lease: Lease, closing: Closing) -> dict[str, Any]:
        return try_row(lease.attempt, self._owner, lease.began_at, _OUTCOMES[closing.state], closing.failure)

    async def history(self, incident_id: str) -> History | None:
        return (await read_partition(self._table, incident_id)).history()

    async def checkpoints(self, incident_id: str) -> dict[str, Checkpoint]:
        """How far its steps are, for whoever builds on what they made; none where nothing is known of it."""
        return (await read_partition(self._table, incident_id)).checkpoints()

    async def record(self, incident_id: str) -> IncidentRecord | None:
        """Everything that is stored about it."""
        return (await read_partition(self._table, incident_id)).record()

    async def summary(self, incident_id: str) -> History | None:
        """The history without its steps: one row."""
        row = await read_lease_row(self._table, incident_id)
        return history(row, ()) if row is not None else None

    async def amend(self, incident_id: str, event: Event, record: AuditRecord) -> bool:
        """Give the incident another event for the steps still to come, recorded in the same transaction.

        False where no step is to come, or nothing is known of the incident: then nothing was written.
        Raises Held while somebody launches it.
        """
        partition = await read_partition(self._table, incident_id)
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

    async def _take_over(
        self, given: Incident, begin: Sequence[Checkpoint], playbook: Sequence[str]
    ) -> Lease | AlreadyLaunched:
        partition = await read_partition(self._table, given.id)
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
        checkpoints = partition.checkpoints()
        # What was looked up as other incidents were opened, and not this one, never comes.
        never = {each.name for each in begin if each.state is StepState.DONE} - checkpoints.keys()
        steps = [name for name in playbook if name not in never]
        change = self._lease_change(self._lease_duration) | playbook_columns(steps)
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
            checkpoints=checkpoints,
            replayed=replayed,
            nobody_told=is_nobody_told(row),
            told_at=told_at(row),
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
        # A loop of its own, and no plain retry: between two attempts the table says whether the first one was applied.
        while True:
            try:
                return str((await self._table.submit_transaction(operations))[0]["etag"])
            except FAILURES as error:
                failure, conflict = translated(error, f"store the checkpoints of {incident_id}"), is_conflict(error)
            if not isinstance(failure, Transient) and not conflict:
                raise failure
            row = await self._read_back(incident_id, give_up_at, failure)
            if row is not None and row["token"] == lease_change["token"]:
                return etag(row)
            if conflict:
                raise Held(f"Another worker has taken over {incident_id}.")
            if time.monotonic() >= give_up_at:
                raise failure
            await asyncio.sleep(seconds_to_wait(failure, give_up_at))

    async def _read_back(self, incident_id: str, give_up_at: float, failure: TocsinError) -> Row | None:
        try:
            return await retry_until(give_up_at, partial(read_lease_row, self._table, incident_id))
        except Transient:
            raise failure from None


def _conditional(lease_change: dict[str, Any], lease_etag: str) -> tuple[Any, ...]:
    condition = {"mode": UpdateMode.MERGE, "etag": lease_etag, "match_condition": MatchConditions.IfNotModified}
    return ("update", lease_change, condition)


def _in_partition(operation: tuple[Any, ...], incident_id: str) -> tuple[Any, ...]:
    kind, row, *options = operation
    return (kind, {"PartitionKey": incident_id, **row}, *options)


def _closing_columns(closing: Closing) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": closing.state.value, "failure": closing.failure}
    columns["tried_for_seconds"] = closing.tried_for.total_seconds()
    if closing.next_try_at is not None:
        columns["next_try_at"] = closing.next_try_at
    if closing.state is LaunchState.LAUNCHED:
        columns["launched_at"] = datetime.now(UTC)
    return columns
