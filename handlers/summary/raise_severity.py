"""Let the work item be as urgent as the worst of its alerts, and closed and reopened with them where that is wished."""

from collections.abc import Iterator, Sequence
from html import escape

from handlers.launch.create_work_item import CreateWorkItem
from handlers.summary.wording import risen, state
from worker.clients.boards.client import Boards
from worker.clients.boards.items import Item, Operation, set_field
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.errors import Unknown
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.engine.step import Done, Step

_STATE = "System.State"


class RaiseSeverity(Step[PublishedSummary]):
    """Let the work item be as urgent as the worst of its alerts, and closed and reopened with them where wished.

    The severity rises and never falls, and what a person has set since stands until it rises again.
    """

    name = "raise-severity"
    needs = (CreateWorkItem,)
    result = PublishedSummary

    def describe(self, result: PublishedSummary) -> str:
        return f"severity {result.severity}"

    def __init__(self, boards: Boards, digest: Digest, before: PublishedSummary | None) -> None:
        self._boards = boards
        self._digest = digest
        self._before = before

    async def find(self, incident: Incident, done: Done) -> PublishedSummary | None:
        # Every change is one patch on condition of the revision it was decided on: deciding again is finding.
        del incident, done
        return None

    async def run(self, incident: Incident, done: Done) -> PublishedSummary:
        severity = min(self._digest.summary.severity, self._raised_to(incident))
        boards = done[CreateWorkItem].place.boards(self._boards)
        urgency = await self._urgency(incident, severity, boards)
        wished = await self._resolved_state(boards)
        told = PublishedSummary(mark=self._digest.mark, severity=severity)
        if not urgency and not wished:
            return told
        states: list[str] = []

        def decide(item: Item) -> tuple[Operation, ...]:
            states.append(item.state)
            changes = (*_missing(item, urgency), *self._state(item, wished))
            return (*changes, _history(self._words(incident, changes, severity))) if changes else ()

        try:
            await self._boards.amend(done[CreateWorkItem].id, decide)
        except Unknown:
            # Only here is known which state it had before, and deciding again is finding what was applied.
            await self._boards.amend(done[CreateWorkItem].id, decide)
        return told.model_copy(update={"state_before": self._left_behind(states, wished)})

    def _raised_to(self, incident: Incident) -> Severity:
        before = self._before.severity if self._before else None
        return incident.event.severity if before is None else before

    async def _resolved_state(self, boards: Boards) -> str | None:
        """The wished one, or where the type of another project or service has no such state, that which ends it."""
        wished = self._digest.resolved_state
        if wished is None or boards is self._boards:
            return wished
        states = await boards.types.states(boards.work_item_type)
        return wished if any(name == wished for name, _ in states.named) else states.closed

    async def _urgency(self, incident: Incident, severity: Severity, boards: Boards) -> tuple[Operation, ...]:
        if severity == self._raised_to(incident):
            return ()
        return (await boards.types.field_map()).urgency(severity)

    def _state(self, item: Item, wished: str | None) -> Iterator[Operation]:
        """Once for each end of all alerts: where a person opens it again in spite of that, it stays open."""
        before = self._state_before
        if wished is None:
            return
        if self._all_resolved and before is None and item.state != wished:
            yield set_field(_STATE, wished)
        if not self._all_resolved and before not in {None, wished} and item.state == wished:
            yield set_field(_STATE, before)

    def _left_behind(self, seen: Sequence[str], wished: str | None) -> str | None:
        """The state that the item had when all its alerts had resolved, for as long as they stay so."""
        if wished is None or not self._all_resolved:
            return None
        return self._state_before or next((state for state in reversed(seen) if state != wished), wished)

    @property
    def _all_resolved(self) -> bool:
        return self._digest.summary.resolved_at is not None

    @property
    def _state_before(self) -> str | None:
        return self._before.state_before if self._before else None

    def _words(self, incident: Incident, changes: tuple[Operation, ...], severity: Severity) -> str:
        parts = [state(self._digest)] if any(_STATE in each.path for each in changes) else []
        if any(_STATE not in each.path for each in changes):
            parts.insert(0, risen(severity, "" if incident.event.restricted else self._digest.summary.worst))
        return " ".join(parts)


def _missing(item: Item, urgency: tuple[Operation, ...]) -> Iterator[Operation]:
    """Of both fields the lower value is the more urgent one, and a person may have set that already."""
    for each in urgency:
        given = item.fields.get(each.path.removeprefix("/fields/"))
        if given is None or str(given) > str(each.value):
            yield each


def _history(words: str) -> Operation:
    return set_field("System.History", escape(words))
