"""The sweep: looks at the incidents of late for the same key twice, and repairs or reports what it finds.

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
from worker.domain.states import StepState
from worker.engine.duplicates import Duplicate, DuplicateFinder, Repair
from worker.engine.step import Done, Playbook
from worker.incidents.history import History
from worker.storage.stores import Stores

log = structlog.get_logger()


class RepairOutcome(StrEnum):
    FOUND = "found"  # and not touched, since nobody asked to
    REPAIRED = "repaired"
    GONE = "gone"  # somebody else was quicker
    LEFT = "left"  # to people
    FAILED = "failed"


class Finding(BaseModel, frozen=True):
    """One duplicate and what became of it; or, without ids, a look that failed."""

    incident_id: str
    kind: str
    id: str = ""
    kept: str = ""
    outcome: RepairOutcome
    because: str = ""


@dataclass(frozen=True, slots=True)
class Swept:
    incidents: int
    findings: tuple[Finding, ...]

    def count(self, outcome: RepairOutcome) -> int:
        return sum(finding.outcome is outcome for finding in self.findings)

    @property
    def counts(self) -> Mapping[str, int]:
        return {"incidents": self.incidents, **{outcome.value: self.count(outcome) for outcome in RepairOutcome}}


@dataclass(frozen=True, slots=True)
class Sweep:
    """`finders` makes the finders of one sweep anew: they may remember what they saw while it lasts."""

    stores: Stores
    playbook: Playbook
    finders: Callable[[], Sequence[DuplicateFinder]]

    async def run(self, since: timedelta, *, repair: bool) -> Swept:
        """Look at every incident touched within `since`; without `repair` nothing is changed anywhere."""
        ids = await self.stores.listing.touched_since(datetime.now(UTC) - since)
        finders, findings = self.finders(), list[Finding]()
        # One after the other: a sweep has time, and the launches that share its connections and quotas have none.
        for incident_id in ids:
            with structlog.contextvars.bound_contextvars(incident=incident_id):
                findings += await self._sweep_incident(incident_id, finders, repair=repair)
        swept = Swept(len(ids), tuple(findings))
        (log.info if findings else log.debug)("sweep.done", **swept.counts)
        return swept

    async def _sweep_incident(
        self, incident_id: str, finders: Sequence[DuplicateFinder], *, repair: bool
    ) -> list[Finding]:
        history = await self.stores.incidents.history(incident_id)
        if history is None:
            return []
        findings: list[Finding] = []
        for finder in self._ripe(finders, history):
            findings += await self._find(finder, history, repair=repair)
        return findings

    def _ripe(self, finders: Sequence[DuplicateFinder], history: History) -> Iterator[DuplicateFinder]:
        for finder in finders:
            ended = history.step(finder.step.name).state is StepState.DONE
            if ended or history.has_ended:
                yield finder

    async def _find(self, finder: DuplicateFinder, history: History, *, repair: bool) -> list[Finding]:
        incident = Incident(key=history.key, event=history.event, received_at=history.received_at)
        try:
            duplicates = await finder.duplicates(incident, self._done(history))
        except TocsinError as error:
            log.warning("sweep.finder_failed", step=finder.step.name, error=str(error))
            failed = {"kind": finder.step.name, "outcome": RepairOutcome.FAILED, "because": str(error)}
            return [Finding.model_validate({"incident_id": incident.id, **failed})]
        return [await self._decide(incident.id, duplicate, repair=repair) for duplicate in duplicates]

    def _done(self, history: History) -> Done:
        stored = ((step, history.step(step.name).result) for step in self.playbook)
        return Done({type(step): step.result.model_validate(result) for step, result in stored if result is not None})

    async def _decide(self, incident_id: str, duplicate: Duplicate, *, repair: bool) -> Finding:
        found = _finding(
            incident_id, duplicate, RepairOutcome.FOUND if duplicate.repair else RepairOutcome.LEFT, duplicate.because
        )
        if not repair:
            return found
        # Noted before and after: also where this process dies between the two it stays known that there were two.
        is_new = await self._note(found)
        if duplicate.repair is not None:
            return await self._repair(found, duplicate.repair)
        if is_new:
            log.warning(
                "sweep.left", kind=duplicate.kind, id=duplicate.id, kept=duplicate.kept, because=duplicate.because
            )
        return found

    async def _repair(self, found: Finding, repair: Repair) -> Finding:
        try:
            ours = await _repair_surely(repair)
        except TocsinError as error:
            log.warning("sweep.failed", kind=found.kind, id=found.id, kept=found.kept, error=str(error))
            ended = found.model_copy(update={"outcome": RepairOutcome.FAILED, "because": str(error)})
            await self._note(ended, again=True)
            return ended
        if not ours:
            return found.model_copy(update={"outcome": RepairOutcome.GONE})
        log.info("sweep.repaired", kind=found.kind, id=found.id, kept=found.kept)
        ended = found.model_copy(update={"outcome": RepairOutcome.REPAIRED})
        await self._note(ended, again=True)
        return ended

    async def _note(self, finding: Finding, *, again: bool = False) -> bool:
        facts = {"outcome": finding.outcome.value, "kept": finding.kept, "because": finding.because}
        return await self.stores.duplicates.add(finding.incident_id, f"{finding.kind}:{finding.id}", facts, again=again)


async def _repair_surely(repair: Repair) -> bool:
    try:
        return await repair()
    except Unknown:
        # It was sent. Repairing twice is repairing once, so the second call either does it or finds it done.
        await repair()
        return True


def _finding(incident_id: str, duplicate: Duplicate, outcome: RepairOutcome, because: str = "") -> Finding:
    return Finding(
        incident_id=incident_id,
        kind=duplicate.kind,
        id=duplicate.id,
        kept=duplicate.kept,
        outcome=outcome,
        because=because,
    )
