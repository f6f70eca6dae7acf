"""A report that names the incident which it is about: it is told there, and launches nothing."""

from dataclasses import dataclass
from enum import Enum, auto

import structlog

from worker.domain.alert_identity import identity, tracking_id
from worker.domain.alert_record import AlertRecord
from worker.domain.alert_status import Disposition
from worker.domain.event import EventType
from worker.domain.incident import Incident, incident_id
from worker.domain.report import own_key
from worker.domain.sender_scope import Sender
from worker.grouping.alert_store import AlertStore
from worker.grouping.courses import Courses
from worker.storage.incident_store import IncidentStore

log = structlog.get_logger()


class _Joinable(Enum):
    OPEN = auto()
    ENDED = auto()
    NO = auto()


@dataclass(frozen=True, slots=True)
class ReportJoining:
    incidents: IncidentStore
    alert_store: AlertStore
    courses: Courses | None = None

    async def join(self, incident: Incident) -> str | None:
        """Keep the report with the incident, once; None where nobody has launched that, or ever will, and where its
        sender may not see it.

        A report that comes again stays where it was, whatever its key has by now.
        """
        known = await self.alert_store.status(tracking_id(incident.event))
        if known is not None and known.disposition is Disposition.OPENED:
            return None
        key = await self.alert_store.key_of(incident.event) or await self._find_last(incident)
        if key is None:
            return None
        into = incident_id(key)
        report = AlertRecord.of(incident, because=f"joined {into}, which it names")
        await self.alert_store.keep(into, report)
        await self.alert_store.record(report, into=into)
        log.info("report.joined", into=into)
        return key

    async def note_own(self, report: Incident, own: Incident) -> None:
        """Let whoever asks for the report find the incident that it is to open."""
        because = f"opened {own.id}, since there is nothing to join by its key"
        await self.alert_store.record(AlertRecord.of(report, because=because, opened=True), into=own.id)

    async def _find_last(self, incident: Incident) -> str | None:
        """Where people have merged it, the one into which they did, if its sender may see that as well."""
        key = await self._find(incident)
        if key is None or self.courses is None:
            return key
        last = (await self.courses.of(key)).key
        return last if await self._state_of(last, incident.event.told_by) is not _Joinable.NO else key

    async def _find(self, incident: Incident) -> str | None:
        """The incident with this very key, unless it has ended and its key has another one by now."""
        by = incident.event.told_by
        joinable = await self._state_of(incident.key, by)
        if joinable is _Joinable.OPEN:
            return incident.key
        pointer = await self.alert_store.of_identity(identity(incident.event), by)
        current = pointer.keys[0] if pointer is not None and pointer.keys else incident.key
        if current != incident.key and await self._state_of(current, by) is not _Joinable.NO:
            return current
        return None if joinable is _Joinable.NO else incident.key

    async def _state_of(self, key: str, by: Sender) -> "_Joinable":
        known = await self.incidents.summary(incident_id(key))
        if known is None or not by.may_see(known.event.sender, known.event.service):
            return _Joinable.NO
        state = await self.alert_store.state(incident_id(key))
        if state is not None and state.closed:
            return _Joinable.NO
        return _Joinable.ENDED if state is not None and state.resolved else _Joinable.OPEN


def of_its_own(incident: Incident) -> Incident:
    """The incident that a report opens which there is nothing to join for: what a person says is never lost."""
    key = own_key(incident.event)
    event = incident.event.model_copy(update={"type": EventType.TRIGGER, "key": key})
    return Incident(key=key, event=event, received_at=incident.received_at)
