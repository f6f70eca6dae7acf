"""What people are told of shifts: leases and checkpoints as of incidents, in partitions that no list of those knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from azure.data.tables.aio import TableClient

from worker.domain.checkpoint import Checkpoint
from worker.domain.lease import AlreadyLaunched, Closing, Lease
from worker.domain.shift_notice import ShiftNotice
from worker.domain.states import LaunchState
from worker.storage.incident_store import IncidentStore
from worker.storage.partitions import NOTICE
from worker.storage.rows import LEASE, incident, moment
from worker.storage.table import read_rows


@dataclass(frozen=True, slots=True)
class KnownNotice:
    """A notice that somebody has begun to tell. `next_try_at`: not before then, by the clock of who tried last."""

    notice: ShiftNotice
    state: LaunchState
    next_try_at: datetime | None = None


class ShiftNotices:
    def __init__(self, table: TableClient, *, owner: str, lease_duration: timedelta) -> None:
        self._table = table
        self.store = IncidentStore(table, owner=owner, lease_duration=lease_duration, listed=False)

    async def since(self, key: str) -> list[KnownNotice]:
        """Those that are about that time or a later one; `key` is how the key of such a notice begins."""
        where = "PartitionKey ge @first and PartitionKey lt @end and RowKey eq @lease"
        end = NOTICE[:-1] + chr(ord(NOTICE[-1]) + 1)
        values: dict[str, Any] = {"first": NOTICE + key, "end": end, "lease": LEASE}
        return [
            KnownNotice(
                notice=ShiftNotice.model_validate(incident(row).model_dump()),
                state=LaunchState(row["state"]),
                next_try_at=moment(row["next_try_at"]) if "next_try_at" in row else None,
            )
            async for row in read_rows(self._table, where, values)
        ]

    async def leave(self, notice: ShiftNotice, said: Checkpoint) -> None:
        """Let the workers tell it, with what is settled of it already. Raises Transient, Forbidden."""
        lease = await self.lease(notice, [said], playbook=[said.name])
        if isinstance(lease, Lease):
            await self.store.commit(lease, [], Closing(LaunchState.LAUNCHING))

    async def lease(
        self, notice: ShiftNotice, begin: Sequence[Checkpoint], *, playbook: Sequence[str]
    ) -> Lease | AlreadyLaunched:
        """As that of an incident."""
        lease = await self.store.lease(notice, begin, playbook=playbook)
        if isinstance(lease, Lease):
            lease.incident = notice
        return lease
