"""One message of an incident's response: recorded first, then its effects, each lane by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from worker.domain.errors import Held, Interrupted
from worker.domain.incident import Incident
from worker.domain.response.act import INTERNAL_ACTS, Act
from worker.domain.response.entry import Entry
from worker.domain.response.timer import Due, TimerKind
from worker.domain.settlement import Complete, RetryLater, Settlement, dead_letter
from worker.engine.executor import Failures
from worker.engine.lane import Lane, LaneOrder
from worker.lifecycle.response.effects_limit import EffectsLimit
from worker.lifecycle.response.first_seen import FirstSeen
from worker.lifecycle.response.lane_run import EffectsOf, LaneRun, NotThereYet, Owing
from worker.lifecycle.response.recording import Recorded, Recorder
from worker.messaging.lock import BrokerTime
from worker.resilience.backoff import backoff
from worker.resilience.circuit_breaker import Breaker
from worker.storage.incident_store import IncidentStore
from worker.storage.oversize import OversizeStore

log = structlog.get_logger()

# The message that opens an incident may be behind the one that acts on it, however old both of them are.
_BEGUN_WITHIN = timedelta(minutes=10)
_SOON = timedelta(seconds=1)
# What has failed for a while is tried less often, and yet soon after the end of any outage.
_SELDOM = timedelta(seconds=30)
_PART_OF_AGE = 10
# However many there are, each has its turn.
_NO_LONGER = timedelta(minutes=1)
# Entries are numbered from one: the effects of this one are what is shown once more.
_ANEW = 0


@dataclass(frozen=True, slots=True)
class ResponseDelivery:
    incidents: IncidentStore
    oversize: OversizeStore
    recorder: Recorder
    lanes: Sequence[Lane]
    run: LaneRun
    tables: Breaker
    limit: EffectsLimit
    unknown: FirstSeen = field(default_factory=FirstSeen)

    async def deliver(self, message: Incident, stopping: asyncio.Event, broker_time: BrokerTime) -> Settlement:
        """What is to be done with the message of an act or a timer; `message` is known by its incident's key."""
        if message.event.act is not None and message.event.act.act in INTERNAL_ACTS:
            return dead_letter("NotOurs", f"Only workers {message.event.act.act} an incident. Discard the message.")
        with self.tables.guard():
            incident = await self._incident(message)
            if incident is None:
                return self._unknown(message)
            recorded = await self._record(incident, message, broker_time())
            if recorded is None:
                return Complete()
            entries = recorded.entries or await self._owed(message)
            await self._hand_on(entries, broker_time())
        return await self._bring_about(incident, message, entries, stopping, broker_time)

    async def record(self, incident: Incident, act: Act, now: datetime) -> Recorded:
        """What workers do themselves; the effects come by a message of their own, sent before this returns."""
        recorded = await self.recorder.record(incident, act, now)
        await self._hand_on(recorded.entries, now)
        if any(lane.concerns(entry) for lane in self.lanes for entry in recorded.entries):
            due = Due(kind=TimerKind.EFFECTS, epoch=recorded.entries[0].seq, due_at=now)
            await self.recorder.timers.send(incident.key, incident.id, due)
        return recorded

    async def _hand_on(self, entries: Sequence[Entry], now: datetime) -> None:
        """Record at other incidents what they are to know of these entries; what they know already stays as it is."""
        for onward in [onward for entry in entries for onward in entry.onward]:
            known = await self.incidents.summary(onward.incident_id)
            if known is not None:
                incident = Incident(key=known.key, event=known.event, received_at=known.received_at)
                await self.record(incident, onward.act, now)

    async def _bring_about(
        self,
        incident: Incident,
        message: Incident,
        entries: Sequence[Entry],
        stopping: asyncio.Event,
        broker_time: BrokerTime,
    ) -> Settlement:
        """Return once every effect of these entries is there, or say when to come back."""
        owing = [(lane, concerned) for lane in self.lanes if (concerned := _concerned(lane, entries))]
        if not owing:
            return Complete()

        async def record(act: Act) -> None:
            await self.record(incident, act, broker_time())

        async def show_again(at: datetime) -> None:
            due = Due(kind=TimerKind.EFFECTS, epoch=_ANEW, due_at=at)
            await self.recorder.timers.send(incident.key, incident.id, due)

        launched = await self.incidents.checkpoints(incident.id)
        effects = EffectsOf(incident, launched, record, show_again, stopping, anew=_is_anew(message.event.due))
        return await self._bring_about_in_turn(owing, effects, age=broker_time() - message.received_at)

    async def _bring_about_in_turn(self, owing: Sequence[Owing], effects: EffectsOf, age: timedelta) -> Settlement:
        """Whoever is to be told is told at once; what is shown waits while as much is shown as there is room for."""
        if not self.limit.is_reached or age > _NO_LONGER:
            with self.limit.taken():
                return _decide(await self._run(owing, effects), age)
        failures = await self._run([each for each in owing if each[0].order is LaneOrder.EACH], effects)
        shown = [each for each in owing if each[0].order is not LaneOrder.EACH]
        if failures or not await self.run.without_what_comes_later(shown, effects):
            return _decide(failures, age)
        delay = max(_SOON, age / _PART_OF_AGE)
        return RetryLater(delay, "Others are shown first; whoever is to be told is told.", outage=True, crowded=True)

    async def _run(self, owing: Sequence[Owing], effects: EffectsOf) -> Failures:
        results = await asyncio.gather(*(self.run.run(lane, entries, effects) for lane, entries in owing))
        return {name: error for each in results for name, error in each.items()}

    async def _incident(self, message: Incident) -> Incident | None:
        known = await self.incidents.summary(message.id)
        if known is None:
            return None
        incident = Incident(key=known.key, event=known.event, received_at=known.received_at)
        if incident.event.remainder is None:
            return incident
        return incident.model_copy(update={"event": await self.oversize.restore(incident.event)})

    async def _record(self, incident: Incident, message: Incident, now: datetime) -> Recorded | None:
        event = message.event
        if event.act is not None:
            recorded = await self.recorder.record(incident, event.act, now)
            log.info("response.acted", act=event.act.act, verdict=recorded.outcome and recorded.outcome.verdict)
            return recorded
        if event.due is None:
            return None
        if event.due.kind is TimerKind.EFFECTS:
            stored = await self.recorder.responses.read(incident.id)
            return Recorded(stored.response) if stored is not None else None
        return await self.recorder.fire(incident, event.due, now)

    async def _owed(self, message: Incident) -> Sequence[Entry]:
        """Of a timer that has fired before, or of effects alone: what may be missing; those that are there cost a look.

        The epoch of effects is the first entry that they are of.
        """
        due = message.event.due
        if due is None:
            return ()
        first = max(due.epoch, 1) if due.kind is TimerKind.EFFECTS else 1
        return await self.recorder.responses.entries(message.id, after=first - 1)

    def _unknown(self, message: Incident) -> Settlement:
        """What falls due of an incident that is stored no more is nothing: its first act was recorded behind it."""
        if message.event.due is not None:
            log.info("response.timer_outlived", incident=message.id, due=message.event.due.kind)
            return Complete()
        if self.unknown.since(message.id) < _BEGUN_WITHIN:
            return RetryLater(timedelta(seconds=5), f"No worker has begun {message.id} yet.")
        return dead_letter(
            "NoSuchIncident",
            f"It acts on {message.id}, and no worker has begun that incident. Look whether the id is right, or whether "
            "the message that opens it is among the dead letters; replay that first, then this one.",
        )


def _concerned(lane: Lane, entries: Sequence[Entry]) -> Sequence[Entry]:
    return [entry for entry in entries if lane.concerns(entry)]


def _is_anew(due: Due | None) -> bool:
    return due is not None and due.kind is TimerKind.EFFECTS and due.epoch == _ANEW


def _decide(failures: Failures, age: timedelta) -> Settlement:
    """`age`: of the message, which is when this began."""
    if any(isinstance(error, Interrupted) for error in failures.values()):
        return RetryLater(timedelta(), "The worker is stopping.")
    if not failures:
        return Complete()
    text = " ".join(f"{name}: {error}" for name, error in failures.items())
    log.warning("response.effects_put_off", because=text)
    return RetryLater(_delay(failures, age), text, outage=True)


def _delay(failures: Failures, age: timedelta) -> timedelta:
    asked = [error.retry_after for error in failures.values() if error.retry_after is not None]
    patient = min(age / _PART_OF_AGE, _SELDOM)
    if all(isinstance(error, Held | NotThereYet) for error in failures.values()):
        return min([*asked, max(_SOON, patient)])
    return max([*asked, backoff(2), patient])
