"""What is done about a message's event: launch its incident, group the alert, or publish what alerts have come to."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from worker.domain.alert_identity import is_grouped
from worker.domain.alert_status import Disposition
from worker.domain.errors import TocsinError
from worker.domain.event import EventType
from worker.domain.flood import begins_flood, flood_of, is_flood
from worker.domain.incident import Incident, names_its_incident
from worker.domain.settlement import Complete, RetryLater, Settlement
from worker.engine.launcher import Launcher, put_off
from worker.grouping.grouper import Grouper, Placement
from worker.lifecycle.reminders import ReminderScheduler
from worker.lifecycle.report_joining import ReportJoining, of_its_own
from worker.lifecycle.response.delivery import ResponseDelivery
from worker.lifecycle.summary_update import SummaryUpdate
from worker.messaging.lock import BrokerTime
from worker.observability import telemetry
from worker.resilience.admission import Admission
from worker.resilience.circuit_breaker import Breaker
from worker.resilience.urgency import Urgency, acting_with

log = structlog.get_logger()

_OF_RESPONSE = frozenset({EventType.ACT, EventType.TIMER})


@dataclass(frozen=True, slots=True)
class Dispatcher:
    launcher: Launcher
    grouper: Grouper
    summary_update: SummaryUpdate
    reports: ReportJoining
    reminders: ReminderScheduler
    admission: Admission
    response: ResponseDelivery

    @property
    def tables(self) -> Breaker:
        return self.launcher.tables

    async def wait_for_store(self) -> None:
        await self.launcher.wait_for_store()

    async def handle(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        """What is to be done with the message; a store that cannot be reached is not the incident's fault."""
        try:
            if incident.event.type is EventType.SUMMARY_DUE:
                return await self._admit(incident, partial(self._publish, incident, stopping))
            if incident.event.type in _OF_RESPONSE:
                return await self._respond(incident, stopping, broker_time)
            return await self._handle(incident, stopping, broker_time)
        except TocsinError as error:
            if incident.event.type is EventType.TRIGGER:
                return self.launcher.put_off(incident, error)
            return put_off(error)

    async def _publish(self, incident: Incident, stopping: asyncio.Event) -> Settlement:
        with self.tables.guard():
            return await self.summary_update.publish(incident, stopping)

    async def _respond(self, message: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        """Never put off for others: people wait for it, or for whoever is told by it."""
        return await self.response.deliver(message, stopping, broker_time)

    async def _admit(self, incident: Incident, act: Callable[[], Awaitable[Settlement]]) -> Settlement:
        """What the act comes to; not begun while others are first."""
        event = incident.event
        urgency = Urgency.of(event)
        if wait := self.admission.wait(urgency):
            log.info("launch.put_off", seconds=round(wait.total_seconds(), 1), severity=event.severity.value)
            telemetry.launch_put_off()
            return RetryLater(wait, "This worker does as much at once as it can; others are first.", crowded=True)
        with self.admission.taken(urgency), acting_with(urgency):
            return await act()

    async def _handle(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        if incident.event.type is EventType.REPORT:
            return await self._add_report(incident, stopping, broker_time)
        if not is_grouped(incident.event) and incident.event.type is EventType.TRIGGER:
            return await self._open(incident, stopping, broker_time)
        placed = await self._place(incident)
        if placed.disposition is Disposition.OPENED:
            return await self._launch(_of(placed, incident), stopping, broker_time)
        return await self._tell(incident, placed, stopping, broker_time)

    async def _open(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        """What no other alert has to do with: an incident of its own, unless its sender floods."""
        if self.grouper.rate_of(incident) is None:
            # Nothing is asked of the table, and its breaker would take that for an answer.
            return await self._launch(incident, stopping, broker_time)
        with self.tables.guard(), telemetry.commit("group"):
            placed = await self.grouper.place_alone(incident)
        if placed.disposition is Disposition.OPENED:
            return await self._launch(incident, stopping, broker_time)
        self.launcher.alarm.stop(incident)
        return await self._tell(incident, placed, stopping, broker_time)

    async def _tell(
        self, incident: Incident, placed: Placement, stopping: asyncio.Event, broker_time: BrokerTime
    ) -> Settlement:
        """What joined; the first of a flood launches that, however often its message comes."""
        if placed.key is not None and begins_flood(incident, placed.key):
            flood = flood_of(incident, placed.key, self.grouper.rate_of(incident))
            return await self._launch(flood, stopping, broker_time)
        for key in (placed.key, *placed.also):
            if key is not None and await self._says_more(incident, key):
                await self.reminders.remind(key, broker_time)
        if await self._is_to_go_on(incident, placed):
            return await self._launch(_of(placed, incident), stopping, broker_time)
        return Complete()

    async def _says_more(self, incident: Incident, key: str) -> bool:
        """A sender that repeats the very fact which opened an incident tells nobody anything."""
        if not incident.event.fact:
            return True
        with self.tables.guard():
            return await self.summary_update.has_more(_under(key, incident))

    async def _is_to_go_on(self, incident: Incident, placed: Placement) -> bool:
        """Whoever raises a key again takes up its launch, which may have been given up."""
        if incident.event.type is not EventType.TRIGGER or not names_its_incident(incident.event):
            return False
        if is_flood(placed.key):
            return False
        with self.tables.guard():
            known = await self.launcher.stores.incidents.summary(placed.incident_id or "")
        return known is None or known.launched_at is None

    async def _add_report(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        with self.tables.guard(), telemetry.commit("group"):
            joined = await self.reports.join(incident)
            if joined is None:
                own = of_its_own(incident)
                await self.reports.note_own(incident, own)
        if joined is None:
            return await self._open(own, stopping, broker_time)
        await self.reminders.remind(joined, broker_time)
        return Complete()

    async def _place(self, incident: Incident) -> Placement:
        with self.tables.guard(), telemetry.commit("group"):
            placed = await self.grouper.place(incident)
        self.launcher.alarm.stop(incident)
        return placed

    async def _launch(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        # A later incident of its key is known by that from here on.
        telemetry.launching(incident.id)
        decided = await self._admit(incident, partial(self.launcher.launch, incident, stopping))
        if isinstance(decided, Complete):
            with self.tables.guard():
                if await self.summary_update.has_more(incident):
                    await self.reminders.remind(incident.key, broker_time)
        return decided


def _of(placed: Placement, incident: Incident) -> Incident:
    """The incident that the alert was placed into, by its key: its sender's own, or that of a later one."""
    return _under(placed.key or incident.key, incident)


def _under(key: str, incident: Incident) -> Incident:
    return Incident(key=key, event=incident.event, received_at=incident.received_at)
