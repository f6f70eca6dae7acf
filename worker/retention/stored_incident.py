"""One incident with all rows that belong to it, as they were read together."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.grouping.alert_store import is_state, stored_summary
from worker.incidents.record import IncidentRecord
from worker.storage.partitions import ALERTS, LANE, MESSAGES, RESPONSE, REVIEW, SET_ASIDE
from worker.storage.purge import Purge
from worker.storage.response_rows import STATE, response_of
from worker.storage.rows import LEASE, Partition, Row, moment, written_at

# Written by our clocks. What a sender says of its own times may lie in any year.
_OUR_TIMES = frozenset(
    {"received_at", "first_attempt_at", "launched_at", "told_at", "begun_at", "began_at", "at", "published_at"}
)
_ENDS_OF_OURS = ("step:", "try:")


@dataclass(frozen=True, slots=True)
class StoredIncident:
    """`listed`: its row of the list; `own`, `alerts`, `response` and `set_aside`: its partitions. `besides`: the
    messages of its channel, its review, and each lane of its effects.

    `known`: what is shown of it; None where it has no lease: the rest of it is left over. `is_running`: people are at
    it.
    """

    incident_id: str
    listed: Row
    own: Partition
    alerts: Sequence[Row]
    response: Sequence[Row]
    besides: Sequence[Sequence[Row]]
    set_aside: Sequence[Row]
    known: IncidentRecord | None
    is_running: bool

    @classmethod
    async def read(cls, purge: Purge, listed: Row) -> "StoredIncident":
        """Raises Transient, Forbidden; ValueError, KeyError for rows that nobody can read."""
        incident_id = str(listed["incident"])
        names = (kind + incident_id for kind in ("", ALERTS, RESPONSE, MESSAGES, REVIEW))
        own, alerts, response, *others = await asyncio.gather(*map(purge.read, names))
        lanes = await purge.read_all(f"{LANE}{incident_id}:")
        known = own.record()
        event_id = _set_aside_by(known)
        set_aside = await purge.read(SET_ASIDE + event_id) if event_id else None
        if known is not None:
            counted = next((stored_summary(row) for row in alerts.rows if is_state(row)), None)
            known = known.model_copy(update={"alerts": counted})
        besides = [*(each.rows for each in others), *lanes]
        apart = set_aside.rows if set_aside else ()
        running = any(response_of(row).is_running for row in response.rows if row["RowKey"] == STATE)
        return cls(incident_id, listed, own, alerts.rows, response.rows, besides, apart, known, running)

    @property
    def partitions(self) -> Iterator[Sequence[Row]]:
        """In the order in which they are deleted.

        Its lease goes first, with what a launch goes on from: from then on it is not there. Its row of the list goes
        last: as long as anything is left of it, that leads there.
        """
        first = sorted(self.own.rows, key=lambda row: (row["RowKey"] != LEASE, not row["RowKey"].startswith("step:")))
        # Of its response the state goes first: nothing is recorded behind it.
        response = sorted(self.response, key=lambda row: row["RowKey"] != STATE)
        yield from filter(None, (first, response, *self.besides, self.alerts, self.set_aside, [self.listed]))

    @property
    def rows(self) -> Iterator[Row]:
        return (row for rows in self.partitions for row in rows)

    @property
    def resolved(self) -> bool:
        if self.response and not self.is_running:
            return True
        return any(row.get("resolved", False) for row in self.alerts if is_state(row))

    @property
    def identities(self) -> set[str]:
        return {str(row["identity"]) for row in self.alerts if "identity" in row}

    @property
    def event_ids(self) -> set[str]:
        """Of its event, where a part of that is stored apart."""
        return {event_id} if (event_id := _set_aside_by(self.known)) else set()

    @property
    def last_heard_of(self) -> datetime:
        """By our own clocks; of what is left over, by the store's."""
        if self.own.lease is None:
            return max(written_at(row) for row in self.rows)
        return max(*_times((*self.own.rows, *self.alerts)), *map(written_at, self.response))


def _set_aside_by(known: IncidentRecord | None) -> str | None:
    remainder = known.event.remainder if known is not None else None
    return remainder.partition("-")[0] if remainder else None


def _times(rows: Iterable[Row]) -> Iterator[datetime]:
    for row in rows:
        names = _OUR_TIMES | ({"ended_at"} if row["RowKey"].startswith(_ENDS_OF_OURS) else set())
        yield from (moment(row[name]) for name in names if isinstance(row.get(name), datetime))
