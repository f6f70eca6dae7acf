"""What is done about the event of a message: an incident is launched, an alert folded, or what was folded is told."""

import asyncio
from dataclasses import dataclass

from worker.domain.alert_identity import folds
from worker.domain.alert_status import Fate
from worker.domain.errors import TocsinError
from worker.domain.event import EventType
from worker.domain.incident import Incident, names_its_incident
from worker.domain.settlement import Complete, Settlement
from worker.engine.launcher import Launcher, put_off
from worker.grouping.grouper import Folding, Placement
from worker.lifecycle.reminders import Telling
from worker.lifecycle.summary_update import FollowUp
from worker.messaging.lock import BrokerTime
from worker.observability import telemetry
from worker.resilience.circuit_breaker import Breaker


@dataclass(frozen=True, slots=True)
class Handling:
    launcher: Launcher
    folding: Folding
    follow_up: FollowUp
    telling: Telling

    @property
    def tables(self) -> Breaker:
        return self.launcher.tables

    async def store_answers(self) -> None:
        await self.launcher.store_answers()

    async def handle(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        """What is to be done with the message; a store that cannot be reached is not the incident's fault."""
        try:
            if incident.event.type is EventType.UPDATE:
                with self.tables.guard():
                    return await self.follow_up.tell(incident, stopping)
            return await self._handle(incident, stopping, broker_time)
        except TocsinError as error:
            return put_off(error)

    async def _handle(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        if not folds(incident.event) and incident.event.type is EventType.TRIGGER:
            return await self._launched(incident, stopping, broker_time)
        placed = await self._placed(incident)
        if placed.fate is Fate.OPENED:
            return await self._launched(incident, stopping, broker_time)
        for key in (placed.key, *placed.also):
            if key is not None:
                await self.telling.remind(key, broker_time)
        return Complete()

    async def _placed(self, incident: Incident) -> Placement:
        with self.tables.guard(), telemetry.commit("fold"):
            return await self.folding.place(incident)

    async def _launched(self, incident: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        decided = await self.launcher.launch(incident, stopping)
        event = incident.event
        if isinstance(decided, Complete) and (folds(event) or names_its_incident(event)):
            with self.tables.guard():
                if await self.follow_up.has_more(incident):
                    await self.telling.remind(incident.key, broker_time)
        return decided
