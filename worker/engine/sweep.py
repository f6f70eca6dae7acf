"""The sweep: looks at the incidents of late for the same key twice, and heals or reports what it finds.

An incident is looked at between attempts and after them. Where a step is still under way its own `find` decides what
counts, and a sweep that decided otherwise would leave a checkpoint that points at something closed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import structlog
from pydantic import BaseModel

from worker.domain.errors import TocsinError, Unknown
from worker.domain.incident import Incident
from worker.domain.states import LaunchState, StepState
from worker.engine.duplicates import Double, Heal, Look
from worker.engine.step import Done, Playbook
from worker.incidents.history import History
from worker.storage.incident_store import Store

log = structlog.get_logger()


class Outcome(StrEnum):
    FOUND = "found"  # and not touched, since nobody asked to
    HEALED = "healed"
    GONE = "gone"  # somebody else was quicker
    LEFT = "left"  # to people
    FAILED = "failed"


class Finding(BaseModel, frozen=True):
    """One double and what became of it; or, without ids, a look that failed."""

    incident_id: str
    kind: str
    id: str = ""
    kept: str = ""
    outcome: Outcome
    because: str = ""


@dataclass(frozen=True, slots=True)
class Swept:
    incidents: int
    findings: tuple[Finding, ...]

    def count(self, outcome: Outcome) -> int:
        return sum(finding.outcome is outcome for finding in self.findings)

    @property
    def counts(self) -> Mapping[str, int]:
        return {"incidents": self.incidents, **{outcome.value: self.count(outcome) for outcome in Outcome}}


@dataclass(frozen=True, slots=True)
class Sweep:
    """`looks` makes the looks of one sweep anew: they may remember what they saw while it lasts."""

    store: Store
    playbook: Playbook
    looks: Callable[[], Sequence[Look]]

    async def run(self, since: timedelta, *, heal: bool) -> Swept:
        """Look at every incident touched within `since`; without `heal` nothing is changed anywhere."""
        ids = await self.store.touched_since(datetime.now(UTC) - since)
        looks, findings = self.looks(), list[Finding]()
        # One after the other: a sweep has time, and the launches that share its connections and quotas have none.
        for incident_id in ids:
            with structlog.contextvars.bound_contextvars(incident=incident_id):
                findings += await self._incident(incident_id, looks, heal=heal)
        swept = Swept(len(ids), tuple(findings))
        (log.info if findings else log.debug)("sweep.done", **swept.counts)
        return swept

    async def _incident(self, incident_id: str, looks: Sequence[Look], *, heal: bool) -> list[Finding]:
        history = await self.store.history(incident_id)
        if history is None:
            return []
        findings: list[Finding] = []
        for look in self._ripe(looks, history):
            findings += await self._look(look, history, heal=heal)
        return findings

    def _ripe(self, looks: Sequence[Look], history: History) -> Iterator[Look]:
        for look in looks:
            ended = history.step(look.step.name).state is StepState.DONE
            if ended or history.state is not LaunchState.LAUNCHING:
                yield look

    async def _look(self, look: Look, history: History, *, heal: bool) -> list[Finding]:
        incident = Incident(key=history.key, event=history.event, received_at=history.received_at)
        try:
            doubles = await look.doubles(incident, self._done(history))
        except TocsinError as error:
            log.warning("sweep.look_failed", step=look.step.name, error=str(error))
            failed = {"kind": look.step.name, "outcome": Outcome.FAILED, "because": str(error)}
            return [Finding.model_validate({"incident_id": incident.id, **failed})]
        return [await self._decide(incident.id, double, heal=heal) for double in doubles]

    def _done(self, history: History) -> Done:
        stored = ((step, history.step(step.name).result) for step in self.playbook)
        return Done({type(step): step.result.model_validate(result) for step, result in stored if result is not None})

    async def _decide(self, incident_id: str, double: Double, *, heal: bool) -> Finding:
        found = _finding(incident_id, double, Outcome.FOUND if double.heal else Outcome.LEFT, double.because)
        if not heal:
            return found
        # Noted before and after: also where this process dies between the two it stays known that there were two.
        is_new = await self._note(found)
        if double.heal is not None:
            return await self._heal(found, double.heal)
        if is_new:
            log.warning("sweep.left", kind=double.kind, id=double.id, kept=double.kept, because=double.because)
        return found

    async def _heal(self, found: Finding, heal: Heal) -> Finding:
        try:
            ours = await _healed(heal)
        except TocsinError as error:
            log.warning("sweep.failed", kind=found.kind, id=found.id, kept=found.kept, error=str(error))
            ended = found.model_copy(update={"outcome": Outcome.FAILED, "because": str(error)})
            await self._note(ended, again=True)
            return ended
        if not ours:
            return found.model_copy(update={"outcome": Outcome.GONE})
        log.info("sweep.healed", kind=found.kind, id=found.id, kept=found.kept)
        ended = found.model_copy(update={"outcome": Outcome.HEALED})
        await self._note(ended, again=True)
        return ended

    async def _note(self, finding: Finding, *, again: bool = False) -> bool:
        facts = {"outcome": finding.outcome.value, "kept": finding.kept, "because": finding.because}
        return await self.store.note_double(finding.incident_id, f"{finding.kind}:{finding.id}", facts, again=again)


async def _healed(heal: Heal) -> bool:
    try:
        return await heal()
    except Unknown:
        # It was sent. Healing twice is healing once, so the second call either does it or finds it done.
        await heal()
        return True


def _finding(incident_id: str, double: Double, outcome: Outcome, because: str = "") -> Finding:
    return Finding(
        incident_id=incident_id, kind=double.kind, id=double.id, kept=double.kept, outcome=outcome, because=because
    )
