"""Bring about the effects of entries, lane by lane: on the engine that launches run on, none waiting for another."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import BaseModel

from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Permanent, TocsinError, Transient
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


class NotThereYet(Transient):
    """What the effect builds on is still being launched."""


@dataclass(frozen=True, slots=True)
class LaneResult:
    """`failures` by lane and step; none: all is done.

    `again_at`: when the newest state is to be shown once more, since an older request may still be on its way.
    """

    failures: Failures
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EffectsOf:
    """Of which incident effects are brought about, what its launch has come to, and who records what they come to."""

    incident: Incident
    launched: Mapping[str, Checkpoint]
    record: Callable[[Act], Awaitable[None]]
    stopping: asyncio.Event


@dataclass(frozen=True, slots=True)
class LaneRun:
    """`launch` are the steps whose results effects build on, in their order."""

    store: LaneStore
    responses: ResponseStore
    launch: Playbook
    timing: Timing

    async def run(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> LaneResult:
        """What the lane owes for these entries, and for all before them that it still owes."""
        if lane.order is not LaneOrder.EACH:
            return await self._run(lane, entries, effects)
        return _together(await asyncio.gather(*(self._run(lane, [entry], effects) for entry in entries)))

    async def _run(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf) -> LaneResult:
        partition = lane.partition(entries[-1])
        try:
            lease = await self.store.lease(effects.incident, partition)
            async with Journal(self.store.store, lease) as journal:
                result = await self._catch_up(lane, entries, effects, journal)
                await journal.close(Release())
        except TocsinError as error:
            return LaneResult({partition: error})
        return result

    async def _catch_up(self, lane: Lane, entries: Sequence[Entry], effects: EffectsOf, journal: Journal) -> LaneResult:
        lease = journal.lease
        done, wanted = through(lease), entries[-1].seq
        stored = await self.responses.read(effects.incident.id)
        if done >= wanted or stored is None:
            return LaneResult({})
        is_each = lane.order is LaneOrder.EACH
        owed = entries if is_each else await self.responses.entries(effects.incident.id, after=done)
        concerned, again = [entry for entry in owed if lane.concerns(entry)], None
        if lane.order is LaneOrder.NEWEST:
            concerned, again = concerned[-1:], _forget_what_was_shown(lease)
        for entry in concerned:
            failures = await self._take(lane, entry, stored.response, effects, journal)
            if failures:
                return LaneResult(failures, again)
            journal.note(passed(entry.seq))
        journal.note(passed(max([wanted, *(entry.seq for entry in owed)])))
        return LaneResult({}, again)

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


def _is_done(checkpoint: Checkpoint | None) -> bool:
    return checkpoint is not None and checkpoint.state is StepState.DONE


def _missing(steps: Playbook, playbook: Playbook) -> str:
    there: set[type[PlaybookEntry[BaseModel]]] = {type(step) for step in playbook}
    return ", ".join(need.name for step in steps for need in step.needs if need not in there)


def _forget_what_was_shown(lease: Lease) -> datetime | None:
    """Let the steps that show how it stands run anew; until when a request of an attempt that died may come through."""
    doubtful = None
    for name, checkpoint in list(lease.checkpoints.items()):
        if is_watermark(name):
            continue
        if (checkpoint.state is StepState.BEGUN or checkpoint.in_doubt) and checkpoint.clear_at is not None:
            doubtful = max(doubtful or checkpoint.clear_at, checkpoint.clear_at)
        if checkpoint.result:
            lease.outdated[name] = checkpoint.result
        del lease.checkpoints[name]
    return doubtful


def _together(results: Sequence[LaneResult]) -> LaneResult:
    failures = {name: error for each in results for name, error in each.failures.items()}
    return LaneResult(failures, max(filter(None, (each.again_at for each in results)), default=None))
