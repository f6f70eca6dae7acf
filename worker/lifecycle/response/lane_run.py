"""Bring about the effects of entries, lane by lane: on the engine that launches run on, none waiting for another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Held, Permanent, TocsinError, Transient, Unknown
from worker.domain.incident import Incident
from worker.domain.lease import Lease, Release
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.states import StepState
from worker.engine.executor import Failures, Timing, respond
from worker.engine.journal import Journal
from worker.engine.lane import Lane, LaneOrder
from worker.engine.step import Entry as PlaybookEntry
from worker.engine.step import Playbook
from worker.storage.lanes import LaneStore, is_watermark, passed, through
from worker.storage.response_store import ResponseStore

log = structlog.get_logger()

# In seconds: about as long as a lane takes that nothing holds up.
_PAUSES = (0.1, 0.3, 0.6)
# Whoever has a lane goes on with what is written meanwhile, and yet has a message of its own to settle.
_ROUNDS = 5


Owing = tuple[Lane, Sequence[Entry]]
"""A lane, and the entries that it concerns."""


class NotThereYet(Transient):
    """What the effect builds on is still being launched."""


@dataclass(frozen=True, slots=True)
class EffectsOf:
    """Of which incident effects are brought about, what its launch has come to, and who records what they come to.

    `show_again`: lets the newest state be shown once more at that time, since an older request may still be on its way.
    `anew`: that time has come, so what is shown is shown again.
    """

    incident: Incident
    launched: Mapping[str, Checkpoint]
    record: Callable[[Act], Awaitable[None]]
    show_again: Callable[[datetime], Awaitable[None]]
    stopping: asyncio.Event
    anew: bool = False


@dataclass(frozen=True, slots=True)
class LaneRun:
    """`launch` are the steps whose results effects build on, in their order."""

    store: LaneStore
    responses: ResponseStore
    launch: Playbook
    timing: Timing

    async def run(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> Failures:
        """By lane or step what is still owed for these entries, and for all before them; none: all is done."""
        if lane.order is not LaneOrder.EACH:
            return await self._run(lane, entries, effects)
        each = await asyncio.gather(*(self._run(lane, [entry], effects) for entry in entries))
        return {name: error for failures in each for name, error in failures.items()}

    async def _run(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> Failures:
        partition = lane.partition(entries[-1])
        return await _contained(partition, self._run_leased(partition, lane, entries, effects))

    async def _run_leased(self, partition: str, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> Failures:
        # Most that comes a second time was done the first time: to see that needs no lease.
        done = await self.store.through(effects.incident, partition)
        if done >= entries[-1].seq and not _is_anew(lane, effects):
            return {}
        lease = await self._lease(partition, lane, entries, effects)
        if lease is None:
            return {}
        async with Journal(self.store.store, lease) as journal:
            # Whatever it comes to, what was made is stored, and the lane is free for the next one.
            failures = await _contained(partition, self._catch_up(lane, entries, effects, journal))
            await journal.close(Release())
        return failures

    async def without_what_comes_later(self, owing: Sequence[Owing], effects: EffectsOf) -> Sequence[Owing]:
        """Those for which no later entry has a message: that one ends with everything that came before it."""
        left = [(lane, entries, await self._is_owed_later(lane, entries, effects)) for lane, entries in owing]
        return [(lane, entries) for lane, entries, is_owed_later in left if not is_owed_later]

    async def _is_owed_later(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> bool:
        if lane.order is LaneOrder.EACH or _is_anew(lane, effects):
            return False
        return bool(await self._newer(lane, entries[-1].seq, effects))

    async def _newer(self, lane: Lane, seq: int, effects: EffectsOf) -> Sequence[Entry]:
        return [entry for entry in await self.responses.entries(effects.incident.id, after=seq) if lane.concerns(entry)]

    async def _lease(self, partition: str, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> Lease | None:
        """None where somebody else does, or has done, what is wanted here too. Raises Held where they still have it."""
        for pause in _PAUSES:
            with suppress(Held):
                return await self.store.lease(effects.incident, partition)
            if await self._is_owed_later(lane, entries, effects):
                return None
            # Cheaper than a message that comes again, and as short as that nobody who acts waits for it.
            await asyncio.sleep(pause)
            if not effects.anew and await self.store.through(effects.incident, partition) >= entries[-1].seq:
                return None
        return await self.store.lease(effects.incident, partition)

    async def _catch_up(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf, journal: Journal) -> Failures:
        """With these entries, and with those that are written meanwhile: their messages find it done."""
        done = through(journal.lease)
        if done >= entries[-1].seq and not _is_anew(lane, effects):
            return {}
        failures, done = await self._pass(lane, entries, done, effects, journal)
        if failures or lane.order is LaneOrder.EACH:
            return failures
        for _ in range(_ROUNDS):
            newer = await self._newer(lane, done, effects)
            if not newer:
                break
            failures, done = await self._pass(lane, newer, done, effects, journal)
            if failures:
                break  # which their own messages come again for
        return {}

    async def _pass(
        self, lane: Lane, entries: Sequence[Entry], done: int, effects: EffectsOf, journal: Journal
    ) -> tuple[Failures, int]:
        """What is still owed for them, and through which entry the lane has come."""
        stored, wanted = await self.responses.read(effects.incident.id), entries[-1].seq
        if stored is None:
            return {}, wanted
        owed = entries
        if lane.order is not LaneOrder.EACH:
            later = await self.responses.entries(effects.incident.id, after=min(done, wanted - 1))
            # What was written since the state was read is not in it, and has a message of its own.
            owed = [entry for entry in later if entry.seq <= stored.response.seq]
        concerned = [entry for entry in owed if lane.concerns(entry)]
        if lane.order is LaneOrder.NEWEST:
            concerned = [lane.stands_for_all(concerned)] if concerned else []
            if (doubtful := _forget_what_was_shown(journal.lease, effects.launched)) is not None:
                await effects.show_again(doubtful)
        for entry in concerned:
            failures = await self._take(lane, entry, stored.response, effects, journal)
            if failures:
                return failures, done
            journal.note(passed(entry.seq))
        reached = max([done, wanted, *(entry.seq for entry in owed)])
        journal.note(passed(reached))
        return {}, reached

    async def _take(
        self, lane: Lane, entry: Entry, response: Response, effects: EffectsOf, journal: Journal
    ) -> Failures:
        """What is worth another attempt; what never succeeds is said, and stops nothing: the act itself stands."""
        lease, steps = journal.lease, lane.playbook(entry, response)
        playbook = (*self._launched(effects.launched), *steps)
        if missing := _missing(steps, playbook):
            return {lane.name: NotThereYet(f"{missing} is not there yet.")}
        lease.checkpoints |= effects.launched
        failures = await respond(lease, playbook, journal, self.timing, effects.stopping)
        if hopeful := {name: error for name, error in failures.items() if not isinstance(error, Permanent)}:
            return hopeful
        for name, error in failures.items():
            log.error("response.effect_failed", lane=lane.name, step=name, seq=entry.seq, error=str(error))
        own = {name: each for name, each in lease.checkpoints.items() if name not in effects.launched}
        for act in lane.follow(entry, own):
            await effects.record(act)
        return {}

    def _launched(self, launched: Mapping[str, Checkpoint]) -> Playbook:
        return [step for step in self.launch if _is_done(launched.get(step.name))]


async def _contained(partition: str, work: Awaitable[Failures]) -> Failures:
    """A fault in one lane holds up no other, and the act stands whatever it leads to."""
    try:
        return await work
    except TocsinError as error:
        return {partition: error}
    except Exception as error:
        log.exception("response.lane_crashed", lane=partition)
        return {partition: Unknown(f"It ended in an error that it does not know ({type(error).__name__}).")}


def _is_anew(lane: Lane, effects: EffectsOf) -> bool:
    return effects.anew and lane.order is LaneOrder.NEWEST


def _is_done(checkpoint: Checkpoint | None) -> bool:
    return checkpoint is not None and checkpoint.state is StepState.DONE


def _missing(steps: Playbook, playbook: Playbook) -> str:
    there: set[type[PlaybookEntry[BaseModel]]] = {type(step) for step in playbook}
    return ", ".join(need.name for step in steps for need in step.needs if need not in there)


def _forget_what_was_shown(lease: Lease, launched: Mapping[str, Checkpoint]) -> datetime | None:
    """Let the steps that show how it stands run anew; until when a request of an attempt that died may come through."""
    doubtful = None
    for name, checkpoint in list(lease.checkpoints.items()):
        if is_watermark(name) or name in launched:
            continue
        if (checkpoint.state is StepState.BEGUN or checkpoint.in_doubt) and checkpoint.clear_at is not None:
            doubtful = max(doubtful or checkpoint.clear_at, checkpoint.clear_at)
        if checkpoint.result:
            lease.outdated[name] = checkpoint.result
        del lease.checkpoints[name]
    return doubtful
