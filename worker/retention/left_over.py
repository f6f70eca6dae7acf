"""What belongs to no incident, or to none any more: for each kind of partition, which of its rows are deleted."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.grouping.alert_store import is_of_senders_key, is_pointer, pointed_to
from worker.retention.ages import Ages
from worker.storage.partitions import (
    ALERTS,
    AUDIT,
    GROUP,
    IDENTITY,
    INCIDENT,
    LANE,
    MESSAGES,
    NOTICE,
    PLACED,
    RESPONSE,
    REVIEW,
    SENDER,
    SET_ASIDE,
)
from worker.storage.purge import Purge
from worker.storage.rows import Row, is_audit, written_at


@dataclass(slots=True)
class Known:
    """What a run has found out so far.

    `gone`: the ids of incidents that it has deleted, or would, and of their events. `set_aside`: ids of the events of
    which the incidents that stay need what is stored apart; None where one of them could not be read, so that nobody
    knows.
    """

    purge: Purge
    ages: Ages
    subjects: DeadLetterSubjects
    now: datetime
    gone: set[str] = field(default_factory=set)
    set_aside: set[str] | None = field(default_factory=set)

    async def is_there(self, incident_id: str) -> bool:
        return incident_id not in self.gone and await self.purge.is_there(incident_id)

    def is_older(self, row: Row, age: timedelta) -> bool:
        return self.now - written_at(row) > age


# Of the old rows of one partition, in their order, those that are deleted.
Choose = Callable[[Known, str, Sequence[Row]], Awaitable[Sequence[Row]]]


@dataclass(frozen=True, slots=True)
class LeftOver:
    """One kind of partition, of which rows of an `age` are looked at; `choose` gets the rest of its name."""

    name: str
    beginning: str
    choose: Choose
    age: Callable[[Ages], timedelta] = attrgetter("left_over")


async def _of_no_incident(known: Known, incident_id: str, rows: Sequence[Row]) -> Sequence[Row]:
    """What somebody did to an incident that nobody launched is kept as long as what was done to none."""
    if incident_id in known.subjects.incidents | known.gone or await known.is_there(incident_id):
        return ()
    return [row for row in rows if not is_audit(row) or known.is_older(row, known.ages.audit)]


async def _of_own_incident(known: Known, rest: str, rows: Sequence[Row]) -> Sequence[Row]:
    return await _of_no_incident(known, INCIDENT + rest, rows)


async def _of_no_incident_in_lane(known: Known, rest: str, rows: Sequence[Row]) -> Sequence[Row]:
    return await _of_no_incident(known, rest.partition(":")[0], rows)


async def _leading_nowhere(known: Known, identity: str, rows: Sequence[Row]) -> Sequence[Row]:
    """Beside its pointer a fingerprint has the alerts that belong to no incident: these go by their age."""
    if identity in known.subjects.identities:
        return ()
    return [row for row in rows if not is_pointer(row) or not await _leads_somewhere(known, row)]


async def _leads_somewhere(known: Known, pointer: Row) -> bool:
    if is_of_senders_key(pointer) and not known.is_older(pointer, known.ages.senders_key):
        return True
    for incident_id in pointed_to(pointer):
        if incident_id in known.subjects.incidents or await known.is_there(incident_id):
            return True
    return False


async def _of_no_event(known: Known, event_id: str, rows: Sequence[Row]) -> Sequence[Row]:
    needed = known.set_aside is None or event_id in known.set_aside | known.subjects.events
    return () if needed or event_id in known.gone else rows


async def _placed_nowhere(known: Known, incident_id: str, rows: Sequence[Row]) -> Sequence[Row]:
    """Into which flood an incident went that was never launched itself."""
    if incident_id in known.subjects.incidents:
        return ()
    return [row for row in rows if not await _leads_somewhere(known, row)]


async def _old_enough(known: Known, rest: str, rows: Sequence[Row]) -> Sequence[Row]:
    del known, rest
    return rows


# Every kind of partition that grows, but the list, whose rows go with their incidents.
LEFT_OVERS = (
    LeftOver("left over", INCIDENT, _of_own_incident),
    LeftOver("alerts", ALERTS, _of_no_incident),
    LeftOver("channel messages", MESSAGES, _of_no_incident),
    LeftOver("reviews", REVIEW, _of_no_incident),
    LeftOver("responses", RESPONSE, _of_no_incident),
    LeftOver("effects", LANE, _of_no_incident_in_lane),
    LeftOver("fingerprints", IDENTITY, _leading_nowhere),
    LeftOver("groups", GROUP, _leading_nowhere),
    LeftOver("gathered", PLACED, _placed_nowhere),
    LeftOver("shift messages", NOTICE, _old_enough),
    LeftOver("senders", SENDER, _old_enough),
    LeftOver("set aside", SET_ASIDE, _of_no_event, attrgetter("set_aside")),
    LeftOver("audit", AUDIT, _old_enough, attrgetter("audit")),
)
