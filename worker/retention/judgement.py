"""Whether an incident is kept, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.domain.states import LaunchState
from worker.retention.ages import Ages
from worker.retention.stored_incident import StoredIncident
from worker.storage.rows import rest_of_lease


class Kept(StrEnum):
    """Why something stays."""

    YOUNG = "too young"
    LAUNCHING = "launching"
    NOBODY_TOLD = "nobody was told"
    RUNNING = "people are at it"
    DEAD_LETTER = "named by a dead letter"
    LEASED = "somebody acts on it"
    CHANGED = "changed meanwhile"
    UNREADABLE = "cannot be read"


_NEVER_DELETED = {LaunchState.LAUNCHING: Kept.LAUNCHING, LaunchState.NOBODY_TOLD: Kept.NOBODY_TOLD}


@dataclass(frozen=True, slots=True)
class Judge:
    """`subjects`: what the dead letters speak of, and a replay would go on with."""

    ages: Ages
    subjects: DeadLetterSubjects
    now: datetime

    def why_kept(self, stored: StoredIncident) -> Kept | None:
        """None where it is to be deleted."""
        if stored.known is not None and stored.known.state in _NEVER_DELETED:
            return _NEVER_DELETED[stored.known.state]
        if stored.is_running:
            return Kept.RUNNING
        if self.subjects.names(stored.incident_id, stored.identities, stored.event_ids):
            return Kept.DEAD_LETTER
        lease = stored.own.lease
        if lease is not None and rest_of_lease(lease, stored.own.read_at) > timedelta():
            return Kept.LEASED
        return None if self.now - stored.last_heard_of > self._age(stored) else Kept.YOUNG

    def _age(self, stored: StoredIncident) -> timedelta:
        if stored.known is None:
            return self.ages.left_over
        if stored.known.state is LaunchState.FAILED:
            return self.ages.failed
        return self.ages.resolved if stored.resolved else self.ages.idle
