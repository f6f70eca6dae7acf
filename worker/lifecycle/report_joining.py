"""A report that names the incident which it is about: it is told there, and launches nothing."""

from dataclasses import dataclass

import structlog

from worker.domain.alert_record import AlertRecord
from worker.domain.event import EventType
from worker.domain.incident import Incident
from worker.domain.report import own_key
from worker.grouping.alert_store import AlertStore
from worker.storage.incident_store import IncidentStore

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ReportJoining:
    incidents: IncidentStore
    alert_store: AlertStore

    async def join(self, incident: Incident) -> bool:
        """Keep the report with the incident, once; False where nobody has launched that, or ever will, and where its
        sender may not see it.
        """
        joined = await self.incidents.summary(incident.id)
        if joined is None or not incident.event.told_by.may_see(joined.event.sender, joined.event.service):
            return False
        state = await self.alert_store.state(incident.id)
        if state is not None and state.closed:
            return False
        await self.alert_store.keep(incident.id, AlertRecord.of(incident, because=""))
        log.info("report.joined", into=incident.id)
        return True


def of_its_own(incident: Incident) -> Incident:
    """The incident that a report opens which there is nothing to join for: what a person says is never lost."""
    key = own_key(incident.event)
    event = incident.event.model_copy(update={"type": EventType.TRIGGER, "key": key})
    return Incident(key=key, event=event, received_at=incident.received_at)
