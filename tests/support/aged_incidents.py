"""Incidents of any age in a table in memory, each with all that an incident leaves there."""

from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import ResourceExistsError
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.audit import AuditRecord
from worker.domain.checkpoint import Checkpoint
from worker.domain.dead_letter_subjects import DeadLetterSubjects
from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident, with_key
from worker.domain.lease import Closing, Release
from worker.domain.response.act import Outcome
from worker.domain.response.actor import CLOCK, Source
from worker.domain.states import LaunchState, StepState
from worker.grouping.alert_store import AlertStore
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.response import deciding
from worker.lifecycle.response.log import Log
from worker.lifecycle.summary_update import SummaryUpdate
from worker.retention.ages import Ages
from worker.retention.run import Retention
from worker.settings import Settings
from worker.storage.lanes import passed
from worker.storage.partitions import MESSAGES, REVIEW
from worker.storage.stores import Stores

KEEP = timedelta(days=90)
SETTINGS = Settings.read(_env_file=None)
WINDOWS = Windows(reopen=timedelta(minutes=10), idle=timedelta(hours=24))


@dataclass
class AgedIncidents:
    """One table, all who write to it, and the dead letters beside it; `through` is how they reach it."""

    through: object = straight
    table: MemoryTable = field(default_factory=lambda: MemoryTable(utc_now))
    subjects: DeadLetterSubjects = field(default_factory=DeadLetterSubjects)

    def __post_init__(self):
        with suppress(ResourceExistsError):
            self.table.create()
        self.reach(self.through)

    def copied(self):
        """The same rows, in a table of their own."""
        return AgedIncidents(self.through, copy(self.table), self.subjects)

    def reach(self, through):
        """From now on all go to the table by this way."""
        client = MemoryTableClient(self.table, through)
        self.stores = Stores.of(client, owner="one", lease_duration=timedelta(seconds=30))
        self.alert_store = AlertStore(client)
        self.grouper = Grouper(self.alert_store, GroupingRules((), timedelta(minutes=30)), WINDOWS)
        self.counting = SummaryUpdate(
            self.stores.incidents, self.alert_store, (), (), None, None, WINDOWS.reopen, timedelta(hours=4)
        )

    def retention(self, keep=KEEP):
        async def subjects():
            return self.subjects

        return Retention(self.stores, Ages.of(SETTINGS, keep), keep, subjects)

    async def raised(self, name, age, *, state=LaunchState.LAUNCHED, large=False, **facts):
        """An incident of its own, that somebody has raised, acknowledged and swept; or how far its launch came."""
        before = self.table.versions()
        event = Event(title=name, key=name, raw={"as received": "x" * 300_000} if large else None, **facts)
        incident = await self._launched(event, age, state)
        self.table.age(before, age)
        return incident

    async def alerted(self, name, age, *, state=LaunchState.LAUNCHED, alerts=3, resolved=False, large=False):
        """An incident of alerts with one fingerprint, counted."""
        before = self.table.versions()
        raw = {"as received": "x" * 300_000} if large else None
        firing = Event(title=name, source="prometheus", service=name, fingerprint=name, raw=raw)
        events = [firing.model_copy(update={"occurred_at": _at(age, number)}) for number in range(alerts)]
        events += [firing.model_copy(update={"type": EventType.RESOLVE, "ended_at": _at(age, alerts)})] * resolved
        opener, *others = [await self._received(event, age) for event in events]
        await self.grouper.place(opener)
        incident = await self._launched(opener.event, age, state)
        for other in others:
            await self.grouper.place(other)
        await self.counting._count(incident)
        self.table.age(before, age)
        return incident

    async def keyed(self, key, age):
        """An incident of a key that its sender gave."""
        before = self.table.versions()
        told = await self._received(Event(title=key, key=key), age)
        placed = await self.grouper.place(told)
        incident = await self._launched(told.event.model_copy(update={"key": placed.key}), age, LaunchState.LAUNCHED)
        self.table.age(before, age)
        return incident

    async def answered(self, name, age, *acts):
        """An incident with a response, that these have acted on, and one of its effects."""
        incident = await self.raised(name, age)
        before, now = self.table.versions(), datetime.now(UTC)
        known = deciding.opened(incident, now, 60.0)
        log = Log(known, now=now, at=now, actor=CLOCK, source=Source.LAUNCH)
        for number, state in enumerate(acts):
            log.enter("note", f"{number}", state=state)
        outcome = Outcome(verdict="done", sentence="Noted.")
        await self.stores.responses.append(None, log.response, log.entries, [("a1", outcome)])
        for lane in ("words", "tells-1", "tells-2"):
            lease = await self.stores.lanes.lease(incident, lane)
            await self.stores.lanes.store.commit(lease, [passed(1)], Release())
        for kind in (MESSAGES, REVIEW):
            self.table.transact([("create", {"PartitionKey": kind + incident.id, "RowKey": "1"})])
        self.table.age(before, age)
        return incident

    async def recorded(self, name, age):
        """The end of something that nobody heard the beginning of."""
        before = self.table.versions()
        ends = Event(type=EventType.RESOLVE, title=name, source="prometheus", fingerprint=name, ended_at=_at(age, 0))
        await self.grouper.place(await self._received(ends, age))
        self.table.age(before, age)

    async def _received(self, event, age):
        received = with_key(event.model_copy(update={"received_at": _at(age, 0)}))
        event = (await self.stores.oversize.fit(EncodedEvent.of(received))).event
        return Incident(key=event.key, event=event, received_at=event.received_at)

    async def _launched(self, event, age, state):
        incident = await self._received(event, age)
        now = datetime.now(UTC)
        lease = await self.stores.incidents.lease(incident, [Checkpoint("announce", StepState.BEGUN, 1, now)])
        await self.stores.listing.add(incident)
        lease.nobody_told = state is LaunchState.NOBODY_TOLD
        done = Checkpoint("announce", StepState.DONE, 1, now, now, result='{"id": 7}')
        ended = LaunchState.LAUNCHED if state is LaunchState.NOBODY_TOLD else state
        await self.stores.incidents.commit(lease, [done], Closing(ended))
        await self.stores.audit.add(incident.id, AuditRecord(action="acknowledge", who="ada", details={}))
        facts = {"outcome": "repaired", "kept": "1", "because": "twice"}
        await self.stores.duplicates.add(incident.id, "work-item:2", facts, again=False)
        return incident


def _at(age, minute):
    return datetime.now(UTC) - age + timedelta(minutes=minute)
