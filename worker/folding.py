"""Which incident an alert belongs to: one that it opens, one that is open, or none."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker import telemetry
from worker.alert_story import Fate, alert_id, identity
from worker.alert_summary import ToldAlert
from worker.errors import Held
from worker.fold_rules import FoldRules, Grouping
from worker.folds import Folds, FoldState, Pointer
from worker.incident import EventType, Incident, incident_id, names_its_incident

log = structlog.get_logger()

# So many others may be quicker before the message waits a moment.
_ROUNDS = 5
_A_MOMENT = timedelta(seconds=1)
# In a storm all alerts ask for the same few states, which change when somebody counts.
_REMEMBERED_SECONDS = 2.0
_STATES_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Windows:
    """For how long an incident takes further alerts of its fingerprints: after all resolved, and after the last one."""

    reopen: timedelta
    idle: timedelta


@dataclass(frozen=True, slots=True)
class Placement:
    """`key` is the incident's; None where the alert is recorded, or was before, and nothing else is to be done."""

    fate: Fate
    key: str | None
    because: str

    @property
    def incident_id(self) -> str | None:
        return incident_id(self.key) if self.key is not None else None


@dataclass(frozen=True, slots=True)
class _Known:
    state: FoldState | None
    read: float


class Folding:
    def __init__(self, folds: Folds, rules: FoldRules, windows: Windows) -> None:
        self._folds = folds
        self._rules = rules
        self._windows = windows
        self._states: OrderedDict[str, _Known] = OrderedDict()

    async def place(self, incident: Incident) -> Placement:
        """Where this alert belongs, and keep it there; the same answer however often it is asked.

        `incident` is the one that the alert opens if there is none for it. Raises Held, Unreachable, Forbidden.
        """
        if incident.event.type is not EventType.TRIGGER:
            placed = await self._place_sequel(incident)
        else:
            placed = await self._place_firing(incident)
        log.info("alert.placed", fate=placed.fate.value, into=placed.incident_id, because=placed.because)
        telemetry.alert_placed(placed.fate.value)
        return placed

    async def _place_firing(self, incident: Incident) -> Placement:
        grouping = self._rules.grouping(incident.event)
        for _ in range(_ROUNDS):
            placed = await self._placed(incident, grouping)
            if placed is not None:
                return placed
        raise Held("Many alerts of one fault came at once, and others were quicker.", retry_after=_A_MOMENT)

    async def _placed(self, incident: Incident, grouping: Grouping) -> Placement | None:
        """None where somebody else decided at the same moment."""
        own, group = await asyncio.gather(
            self._folds.of_identity(identity(incident.event)), self._folds.of_group(grouping.key)
        )
        if incident.id in {pointer.incident for pointer in (own, group) if pointer}:
            return await self._open(incident, own)
        if own is not None and (found := await self._by_fingerprint(incident, own)):
            return found
        if group is not None and await self._takes(group, within=grouping.window):
            return await self._join(incident, group.key, own, grouping.because)
        deciding = group if grouping.key else own
        if not await self._decide(incident, grouping, deciding):
            return None
        return await self._open(incident, own)

    async def _by_fingerprint(self, incident: Incident, own: Pointer) -> Placement | None:
        if incident.id in own.earlier:
            return await self._join(incident, incident.key, own, "it is the same firing, told again")
        if await self._takes(own, within=self._windows.idle):
            return await self._join(incident, own.key, own, "its fingerprint is the same")
        for earlier in own.incidents:
            if await self._folds.has(earlier, alert_id(incident.event)):
                return Placement(Fate.JOINED, None, f"it was counted in {earlier} before")
        return None

    async def _takes(self, pointer: Pointer, *, within: timedelta) -> bool:
        state = await self._state(pointer.incident)
        if state is None:
            # Nobody has counted since it was opened, which is when the pointer was written.
            return pointer.read_at - pointer.since <= within
        if state.closed:
            return False
        return state.read_at - state.since <= (min(self._windows.reopen, within) if state.resolved else within)

    async def _decide(self, incident: Incident, grouping: Grouping, before: Pointer | None) -> bool:
        if grouping.key:
            return await self._folds.decide_group(grouping.key, incident.key, before)
        return await self._folds.decide_identity(identity(incident.event), incident.key, before)

    async def _open(self, incident: Incident, own: Pointer | None) -> Placement:
        because = "opened, since no open incident has its fingerprint or agrees with it"
        await self._keep(incident, incident.key, own, ToldAlert.of(incident, because=because, opened=True))
        return Placement(Fate.OPENED, incident.key, because)

    async def _join(self, incident: Incident, key: str, own: Pointer | None, why: str) -> Placement:
        because = f"joined {incident_id(key)} because {why}"
        await self._keep(incident, key, own, ToldAlert.of(incident, because=because))
        return Placement(Fate.JOINED, key, because)

    async def _keep(self, incident: Incident, key: str, own: Pointer | None, alert: ToldAlert) -> None:
        where = incident_id(key)
        await self._folds.keep(where, alert)
        if own is None or own.incident != where:
            name = identity(incident.event)
            await self._folds.point_identity(name, key, own)
            # A resolve that came meanwhile found nothing, and was left here; or it looks again and finds this.
            if (ended := await self._folds.unopened_end(name)) is not None:
                await self._folds.keep(where, ended)

    async def _place_sequel(self, incident: Incident) -> Placement:
        if names_its_incident(incident.event):
            return await self._join(incident, incident.key, None, "its sender named it by its key")
        name = identity(incident.event)
        if (own := await self._going_on(name)) is not None:
            return await self._join(incident, own.key, own, "its fingerprint is the same")
        because = "recorded, since no incident with its fingerprint is open"
        await self._folds.end_unopened(name, ToldAlert.of(incident, because=because))
        # A firing that came meanwhile did not see this yet, and is seen now.
        if (own := await self._going_on(name)) is not None:
            return await self._join(incident, own.key, own, "its fingerprint is the same")
        return Placement(Fate.RECORDED, None, because)

    async def _going_on(self, name: str) -> Pointer | None:
        """The fingerprint's incident, however old, unless its end was told long ago."""
        own = await self._folds.of_identity(name)
        if own is None:
            return None
        state = await self._state(own.incident)
        if state is None or not (state.closed or state.resolved):
            return own
        return own if not state.closed and state.read_at - state.since <= self._windows.reopen else None

    async def _state(self, incident: str) -> FoldState | None:
        known = self._states.get(incident)
        if known is None or time.monotonic() - known.read > _REMEMBERED_SECONDS:
            known = _Known(await self._folds.state(incident), time.monotonic())
            self._states[incident] = known
        self._states.move_to_end(incident)
        if len(self._states) > _STATES_REMEMBERED:
            self._states.popitem(last=False)
        return known.state
