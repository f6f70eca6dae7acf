"""The lanes of an incident's effects: leases and checkpoints as of its launch, each lane in a partition of its own.

A lane does one kind of effect for the incident's entries, in their order. Its lease fences it from other workers and
from no other lane: whoever waits for one system keeps nobody from the others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from azure.data.tables.aio import TableClient

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.lease import Lease
from worker.domain.states import StepState
from worker.storage.incident_store import IncidentStore
from worker.storage.partitions import LANE
from worker.storage.rows import checkpoint, step_key
from worker.storage.table import read_row

# The checkpoint that tells through which entry the lane has come.
_THROUGH = "through"


class _LaneOfIncident(Incident, frozen=True):
    lane: str

    @cached_property
    def id(self) -> str:
        return f"{LANE}{Incident(key=self.key, event=self.event, received_at=self.received_at).id}:{self.lane}"


class LaneStore:
    """`store` is what the journals of lanes write to."""

    def __init__(self, table: TableClient, *, owner: str, lease_duration: timedelta) -> None:
        self._table = table
        self.store = IncidentStore(table, owner=owner, lease_duration=lease_duration, listed=False)

    async def lease(self, incident: Incident, lane: str) -> Lease:
        """The right to act in the lane. Raises Held while somebody else has it, Transient, Forbidden."""
        place = _place(incident, lane)
        lease = await self.store.lease(place, [])
        if not isinstance(lease, Lease):
            raise Held(f"The lane {lane} of {incident.id} is closed.")
        lease.partition, lease.incident = place.id, incident
        # Nothing was begun with the lease.
        lease.opened = False
        return lease

    async def made(self, incident_id: str, lane: str) -> Sequence[Checkpoint]:
        """What the steps of the lane came to, for whoever shows it."""
        return list((await self.store.checkpoints(f"{LANE}{incident_id}:{lane}")).values())

    async def through(self, incident: Incident, lane: str) -> int:
        """As `through` of its lease, for whoever only looks."""
        row = await read_row(self._table, _place(incident, lane).id, step_key(_THROUGH))
        return _entry_of(checkpoint(row)) if row is not None else 0


def _place(incident: Incident, lane: str) -> _LaneOfIncident:
    event = Event(title=f"Effects: {lane}")
    return _LaneOfIncident(key=incident.key, event=event, received_at=incident.received_at, lane=lane)


def through(lease: Lease) -> int:
    """The entry up to which everything in this lane is done; 0 before the first."""
    stored = lease.checkpoints.get(_THROUGH)
    return _entry_of(stored) if stored is not None else 0


def _entry_of(watermark: Checkpoint) -> int:
    return int(watermark.result or 0)


def passed(seq: int) -> Checkpoint:
    """What notes that the lane is done with that entry."""
    now = datetime.now(UTC)
    return Checkpoint(_THROUGH, StepState.DONE, 1, begun_at=now, ended_at=now, result=str(seq))


def is_watermark(name: str) -> bool:
    """Whether it is that checkpoint, and of no step."""
    return name == _THROUGH
