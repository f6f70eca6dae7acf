"""Which incident an alert belongs to: one that it opens, one that is open, or none."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker.domain.alert_identity import alert_id, identity, is_known_by_key
from worker.domain.alert_record import AlertRecord
from worker.domain.alert_status import Disposition
from worker.domain.errors import Held
from worker.domain.event import Event, EventType
from worker.domain.flood import begins_flood, is_flood
from worker.domain.grouping_rules import Grouping, GroupingRules
from worker.domain.incident import Incident, generation_key, incident_id, names_its_incident
from worker.domain.sender_rate import SenderRate
from worker.grouping.alert_store import AlertState, AlertStore, Pointer, first_key
from worker.grouping.courses import Course, Courses
from worker.grouping.flood_guard import FloodGuard
from worker.grouping.holdings import NOTHING_TOLD
from worker.observability import telemetry

log = structlog.get_logger()

# So many others may be quicker before the message waits a moment.
_ROUNDS = 5
_A_MOMENT = timedelta(seconds=1)
# In a storm all alerts ask for the same few states, which change when somebody counts.
_REMEMBERED_SECONDS = 2.0
_STATES_REMEMBERED = 1_000
_ITS_FINGERPRINT, _ITS_KEY = "its fingerprint is the same", "its sender named it by its key"
_NO_OTHER = "opened, since no open incident has its fingerprint or agrees with it"
_NO_OTHER_WITH_KEY = "opened, since no open incident has its key"
_OF_ANOTHER = (
    "recorded, and nothing is ended: another sender told what it is about, and its sender may not end that "
    "(`may-end` and `services` in TOCSIN_INTAKE_SENDERS)"
)
_ALONE = "opened, since it names no fault that another could be about as well"
# Counting waits for the reminder, and that for the queue.
_UNCOUNTED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long an incident takes further alerts of its fingerprints: after all resolved, and after the last one."""

    reopen: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class Placement:
    """`key` is the incident's, None where the alert is only recorded; `also` those that the same resolve ends, and
    those that count these as their own.
    """

    disposition: Disposition
    key: str | None
    because: str
    also: tuple[str, ...] = ()

    @property
    def incident_id(self) -> str | None:
        return incident_id(self.key) if self.key is not None else None


@dataclass(frozen=True, slots=True)
class _Known:
    state: AlertState | None
    read: float


class Grouper:
    """`floods`: of what one sender opens beyond its rate; without it there is no bound.

    `courses`: what people have made of incidents; without it they are open as long as their alerts say so.
    """

    def __init__(
        self,
        alert_store: AlertStore,
        rules: GroupingRules,
        windows: Windows,
        floods: FloodGuard | None = None,
        courses: Courses | None = None,
    ) -> None:
        self._alert_store = alert_store
        self._rules = rules
        self._windows = windows
        self._floods = floods
        self._courses = courses
        self._states: OrderedDict[str, _Known] = OrderedDict()

    async def place(self, incident: Incident) -> Placement:
        """Where this alert belongs, and keep it there; the same answer however often it is asked.

        `incident` is the one that the alert opens if there is none for it. Raises Transient, Forbidden.
        """
        if incident.event.type is not EventType.TRIGGER:
            placed = await self._place_sequel(incident)
        else:
            placed = await self._place_firing(incident)
        log.info("alert.placed", disposition=placed.disposition.value, into=placed.incident_id, because=placed.because)
        telemetry.alert_placed(placed.disposition.value)
        return placed

    def rate_of(self, incident: Incident) -> SenderRate | None:
        """Beyond which its sender floods; None without a bound."""
        return self._floods.rate_of(incident) if self._floods is not None else None

    async def place_alone(self, incident: Incident) -> Placement:
        """As place, of what no other alert has to do with: it opens an incident, unless that is one of a flood."""
        if self._floods is None or self.rate_of(incident) is None:
            return Placement(Disposition.OPENED, incident.key, _ALONE)
        key = await self._alert_store.placed_alone(incident.id)
        if key is None:
            key = await self._floods.find_flood(incident) or incident.key
            key = await self._alert_store.place_alone(incident.id, key, _record_in_flood(incident, key))
        if key == incident.key:
            return Placement(Disposition.OPENED, key, _ALONE)
        key = await self._follow_flood(incident, key)
        record = _record_in_flood(incident, key)
        await self._alert_store.keep(incident_id(key), record)
        log.info("alert.placed", disposition=Disposition.JOINED.value, into=incident_id(key), because=record.because)
        telemetry.alert_placed(Disposition.JOINED.value)
        return Placement(Disposition.JOINED, key, record.because)

    async def _place_firing(self, incident: Incident) -> Placement:
        by_key = names_its_incident(incident.event)
        grouping = None if by_key else self._rules.grouping(incident.event)
        for _ in range(_ROUNDS):
            placed = await (self._try_place(incident, grouping) if grouping else self._try_place_named(incident))
            if placed is not None:
                return placed
        raise _others_were_quicker()

    async def _try_place_named(self, incident: Incident) -> Placement | None:
        """As _try_place, by the key that its sender gave; the first incident of a key is known by that key itself."""
        own = await self._alert_store.of_key(incident.event)
        telling, first = generation_key(incident.event), first_key(incident.event, own)
        if own is not None and (opened := own.opened_by(telling)) is not None:
            return await self._open(incident, own, opened)
        is_open = own is not None and (own.opener or any(map(is_flood, own.keys)))
        if own is not None and is_open and (key := await self._find_by_identity(incident, own)) is not None:
            return await self._join(incident, key, own, _ITS_KEY)
        if self._floods is not None and (flood := await self._floods.find_flood(incident)):
            # Its sender may have been told the id of the incident that it would have opened.
            await self._alert_store.place_alone(incident_id(first), flood, _record_in_flood(incident, flood))
            return await self._join_flood(incident, flood, own)
        return await self._open(incident, own, telling if own is not None and own.opener else first)

    async def _try_place(self, incident: Incident, grouping: Grouping) -> Placement | None:
        """None where somebody else decided at the same moment."""
        event = incident.event
        own, group = await asyncio.gather(
            self._alert_store.of_identity(identity(event), event.told_by), self._alert_store.of_group(grouping.key)
        )
        # Others may have joined it on the strength of that; and nobody else will launch it.
        if incident.key in {key for pointer in (own, group) if pointer for key in pointer.keys}:
            return await self._open(incident, own, incident.key)
        if own is not None and (key := await self._find_by_identity(incident, own)) is not None:
            return await self._join(incident, key, own, _ITS_FINGERPRINT)
        if group is not None and (course := await self._taking(group, within=grouping.window)) is not None:
            return await self._join(incident, course.key, own, _why_of_group(grouping, group, event))
        if self._floods is not None and (flood := await self._floods.find_flood(incident)):
            return await self._join_flood(incident, flood, own)
        if grouping.key and not await self._alert_store.point_group(grouping.key, incident.key, event.source, group):
            return None
        return await self._open(incident, own, incident.key)

    async def _find_by_identity(self, incident: Incident, own: Pointer) -> str | None:
        """The key of the incident that has this alert already, or else takes it."""
        if not own.keys:
            return None
        current, *earlier = own.keys
        alert = alert_id(incident.event)
        had = await asyncio.gather(*(self._alert_store.has(incident_id(key), alert) for key in earlier))
        if any(had):
            return earlier[had.index(True)]
        course = await self._taking(own, within=self._windows.idle)
        if course is not None and course.key == current:
            return current
        # What it took before it was merged stays where it was, however often its message comes.
        if await self._alert_store.has(incident_id(current), alert):
            return current
        return course.key if course is not None else None

    async def _taking(self, pointer: Pointer, *, within: timedelta) -> Course | None:
        """The course of the pointer's current incident, along the merges, where a firing belongs to its end."""
        course = await self._course(pointer.keys[0])
        if not course.takes_firings(pointer.read_at):
            return None
        state = await self._read_state(incident_id(course.key))
        if state is None:
            # Nobody has counted since it was opened, which is when the pointer was written.
            return course if pointer.read_at - pointer.since <= within else None
        if state.closed:
            return None
        return course if state.age <= (min(self._windows.reopen, within) if state.resolved else within) else None

    async def _course(self, key: str) -> Course:
        return await self._courses.of(key) if self._courses is not None else Course(key)

    async def _open(self, incident: Incident, own: Pointer | None, key: str) -> Placement | None:
        has_key = names_its_incident(incident.event)
        because = _NO_OTHER_WITH_KEY if has_key else _NO_OTHER
        alert = AlertRecord.of(incident, because=because, opened=True)
        opener = generation_key(incident.event) if has_key else ""
        if not await self._keep(key, own, alert, opener=opener):
            return None
        return Placement(Disposition.OPENED, key, because)

    async def _join(self, incident: Incident, key: str, own: Pointer | None, why: str) -> Placement | None:
        if begins_flood(incident, key):
            return await self._join_flood(incident, key, own)
        because = f"joined {incident_id(key)} because {why}"
        if not await self._keep(key, own, AlertRecord.of(incident, because=because)):
            return None
        return Placement(Disposition.JOINED, key, because)

    async def _join_flood(self, incident: Incident, flood: str, own: Pointer | None) -> Placement | None:
        key = await self._follow_flood(incident, flood)
        record = _record_in_flood(incident, key)
        if not await self._keep(key, own, record):
            return None
        return Placement(Disposition.JOINED, key, record.because)

    async def _follow_flood(self, incident: Incident, flood: str) -> str:
        """Where it was merged, into which one; its own first one opens it all the same."""
        return flood if begins_flood(incident, flood) else (await self._course(flood)).key

    async def _keep(self, key: str, own: Pointer | None, alert: AlertRecord, *, opener: str = "") -> bool:
        """False where the identity was given to an incident at the same moment, or its end was told."""
        points = own is not None and key in own.keys and own.etag is not None and (own.opener or not opener)
        if not points and not await self._alert_store.point_identity(alert, key, own, opener=opener):
            return False
        await self._alert_store.keep(incident_id(key), alert)
        for end in own.holdings.ends_of(alert) if own is not None else ():
            await self._alert_store.keep(incident_id(key), end)
        return True

    async def _place_sequel(self, incident: Incident) -> Placement:
        for _ in range(_ROUNDS):
            placed = await self._try_place_sequel(incident)
            if placed is not None:
                return placed
        raise _others_were_quicker()

    async def _try_place_sequel(self, incident: Incident) -> Placement | None:
        event, by_key = incident.event, is_known_by_key(incident.event)
        find = (
            self._alert_store.of_key(event) if by_key else self._alert_store.of_identity(identity(event), event.told_by)
        )
        own = await find
        # Before anything else: a firing that it has overtaken, and that opens another incident, sees it there.
        if not await self._note_end(incident, own):
            return None
        holdings = own.holdings if own is not None else NOTHING_TOLD
        keys = [key for key in holdings.endable(event.told_by) if await self._takes_an_end(incident_id(key))]
        if not keys:
            because = f"recorded, since no incident with its {'key' if by_key else 'fingerprint'} is open"
            if holdings.is_told_by_others(event.told_by):
                because = _OF_ANOTHER
                log.warning("alert.not_its_own", sender=event.sender, type=event.type.value)
            await self._alert_store.record(AlertRecord.of(incident, because=because))
            return Placement(Disposition.RECORDED, None, because)
        why = _ITS_KEY if by_key else _ITS_FINGERPRINT
        because = f"joined {' and '.join(map(incident_id, keys))} because {why}"
        for key in keys:
            await self._alert_store.keep(incident_id(key), AlertRecord.of(incident, because=because))
        # Those into which they were merged count their alerts as well.
        courses = await asyncio.gather(*map(self._course, keys))
        told = dict.fromkeys((*keys, *(course.key for course in courses)))
        return Placement(Disposition.JOINED, keys[0], because, also=tuple(told)[1:])

    async def _note_end(self, incident: Incident, own: Pointer | None) -> bool:
        if incident.event.type is not EventType.RESOLVE:
            return await self._is_found(incident, own)
        alert = AlertRecord.of(incident, because="it came before what it ends")
        return await self._alert_store.note_end(alert, own)

    async def _is_found(self, incident: Incident, own: Pointer | None) -> bool:
        """By whoever asks what became of it: what an earlier release launched by a key is pointed to from now on."""
        if own is None or own.etag is not None:
            return True
        return await self._alert_store.keep_pointer(identity(incident.event), own)

    async def _takes_an_end(self, incident: str) -> bool:
        """However old it is, unless its end was told long ago: a firing that it took may not have been counted yet."""
        state = await self._read_state(incident)
        if state is None:
            return True
        return not state.closed and (not state.resolved or state.age <= self._windows.reopen + _UNCOUNTED)

    async def _read_state(self, incident: str) -> AlertState | None:
        known = self._states.get(incident)
        if known is not None and time.monotonic() - known.read <= _REMEMBERED_SECONDS:
            return known.state
        state = await self._alert_store.state(incident)
        # What takes no more alerts is not remembered: the next one may reopen it.
        if state is not None and (state.resolved or state.closed):
            self._states.pop(incident, None)
            return state
        self._states[incident] = _Known(state, time.monotonic())
        if len(self._states) > _STATES_REMEMBERED:
            self._states.popitem(last=False)
        return state


def _record_in_flood(incident: Incident, key: str) -> AlertRecord:
    """The first of a flood counts as what opened it: the flood's own event tells of no fault."""
    opened = begins_flood(incident, key)
    what = f"opened {incident_id(key)}, a flood," if opened else f"joined {incident_id(key)}"
    because = f"{what} because {incident.event.sent_by} opens more incidents than one sender may at a time"
    return AlertRecord.of(incident, because=because, opened=opened or key == incident.key)


def _why_of_group(grouping: Grouping, group: Pointer, event: Event) -> str:
    told_by_another = group.source and group.source.casefold() != event.source.casefold()
    return grouping.across if told_by_another and grouping.across else grouping.because


def _others_were_quicker() -> Held:
    return Held("Many alerts of one fault came at once, and others were quicker.", retry_after=_A_MOMENT)
