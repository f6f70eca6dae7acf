"""Record what an act or a timer comes to, by what stands in the store when it is written."""

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from worker.domain.errors import Held, Transient
from worker.domain.incident import Incident
from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.response.timer import Due, TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.deciding import Decision, decide, fire, opened
from worker.lifecycle.response.measuring import measure
from worker.lifecycle.response.recent import Recent
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.observability import telemetry
from worker.storage.response_store import MovedOn, ResponseStore, StoredResponse

log = structlog.get_logger()

# Of two hundred who act at once on one incident one gets through in each round.
_ROUNDS = 50
_PAUSE_SECONDS = 0.05
# More than most acts leave.
_FEW = 20


class CircumstancesOf(Protocol):
    """What is known at that moment; where nobody can say who the people are, that is refused if they are `needed`.

    `other`: the id of another incident that is looked at too.
    """

    def __call__(
        self, incident: Incident, now: datetime, *, needed: bool, other: str | None = None
    ) -> Awaitable[Circumstances]: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """How it stands, the entries of this act or timer, and what the act came to; no entries where it left none."""

    response: Response
    entries: tuple[Entry, ...] = ()
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Recorder:
    """`minute_seconds`: of the clock that a new response is given. `sent`: the acts whose timers this worker sent."""

    responses: ResponseStore
    timers: TimerScheduler
    circumstances: CircumstancesOf
    minute_seconds: float
    sent: Recent = field(default_factory=Recent)

    async def record(self, incident: Incident, act: Act, now: datetime) -> Recorded:
        """What the act came to, decided now or when its message came before. Raises Transient."""
        # Of an act whose message comes again nobody needs to know more.
        if (before := await self.responses.outcome(incident.id, act.key)) is not None:
            return await self._again(incident, act, before)
        known = await self.circumstances(incident, now, needed=False, other=act.into)
        for _ in range(_ROUNDS):
            stored, outcome = await asyncio.gather(
                self.responses.read(incident.id), self.responses.outcome(incident.id, act.key)
            )
            if outcome is not None:
                return await self._again(incident, act, outcome)
            stands = stored.response if stored else opened(incident, now, self.minute_seconds)
            decision = decide(stands, act, known)
            if await self._write(incident, stored, decision, act.key):
                self.sent.add(f"{incident.id} {act.key}")
                return Recorded(decision.response, tuple(decision.entries), decision.outcome)
        raise Held(f"Many act on {incident.id} at once.")

    async def fire(self, incident: Incident, due: Due, now: datetime) -> Recorded | None:
        """None where no response has begun. Raises Transient."""
        for _ in range(_ROUNDS):
            stored = await self.responses.read(incident.id)
            if stored is None:
                return None
            timer = stored.response.timers.get(due.kind)
            if timer is None or timer.epoch != due.epoch or timer.due_at is None:
                # It was overtaken, or it has come: its effects may still be missing.
                await self.timers.schedule(incident.key, None, stored.response)
                return Recorded(stored.response)
            known = await self.circumstances(incident, now, needed=True)
            decision = fire(stored.response, due, known)
            if decision is None:
                await self.timers.send(incident.key, incident.id, due, again=f"early{int(now.timestamp() * 1000)}")
                return Recorded(stored.response)
            if await self._write(incident, stored, decision):
                if due.kind is TimerKind.ESCALATION:
                    telemetry.escalation_fired(late=now - timer.due_at)
                return Recorded(decision.response, tuple(decision.entries))
        raise Held(f"Many act on {incident.id} at once.")

    async def _write(
        self, incident: Incident, stored: StoredResponse | None, decision: Decision, act_id: str = ""
    ) -> bool:
        outcomes = [(act_id, decision.outcome)] if decision.outcome is not None else []
        try:
            await self.responses.append(stored, decision.response, decision.entries, outcomes)
        except MovedOn:
            await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 (to get out of step with the others)
            return False
        measure(stored.response if stored else decision.response, decision.response, decision.entries)
        for entry in decision.entries:
            log.info("response.recorded", kind=entry.kind, seq=entry.seq, by=entry.actor.spoken)
        await self.timers.schedule(incident.key, stored.response if stored else None, decision.response)
        return True

    async def _again(self, incident: Incident, act: Act, outcome: Outcome) -> Recorded:
        stored = await self.responses.read(incident.id)
        if stored is None:
            raise Transient(f"What was recorded of {incident.id} could not be read.")
        if not self.sent.knows(name := f"{incident.id} {act.key}"):
            # Whoever recorded it may have died before the timers were sent.
            await self.timers.schedule(incident.key, None, stored.response)
            self.sent.add(name)
        return Recorded(stored.response, await self._entries(incident.id, act.key, outcome.seq), outcome)

    async def _entries(self, incident_id: str, act_key: str, last: int) -> tuple[Entry, ...]:
        """Those of the act, of which that is the last one; they stand one behind the other."""
        if not last:
            return ()
        near = await self.responses.entries(incident_id, after=max(last - _FEW, 0), through=last)
        if near and near[0].act_id == act_key:
            near = await self.responses.entries(incident_id, through=last)
        return tuple(entry for entry in near if entry.act_id == act_key)
