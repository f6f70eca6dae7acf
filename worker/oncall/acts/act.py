"""An act as a value: what stood before it, what stands after it, and whose shifts that moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from worker.oncall.definitions import Definitions
from worker.oncall.planning.moves import Move, whose_shifts_move
from worker.oncall.schedule.absences import Absence, Absences
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.wall_clock import WEEK, Minute

# For whatever goes on for longer, what it does at first is told.
_MOST_WEEKS = 106


@dataclass(frozen=True)
class Act:
    """`start` and `end` are when anything may differ; `sentence` says what is done, `undo` is the command against it.

    `undo` may hold `{id}`, which the row's is put for.
    """

    sentence: str
    before: Definitions
    after: Definitions
    start: Minute
    end: Minute
    undo: tuple[str, ...]
    overrides: tuple[Override, ...] = ()
    absence: Absence | None = None
    schedule: str = ""
    notes: tuple[str, ...] = ()

    @cached_property
    def moves(self) -> Sequence[Move]:
        """Within the time of the act alone, be a shift longer."""
        weeks = min(max(-((self.start - self.end) // WEEK), 1), _MOST_WEEKS)
        found = whose_shifts_move(self._seen(self.before), self._seen(self.after), self.start, weeks)
        return [move for move in found if move.start < self.end]

    @property
    def reason(self) -> str:
        if self.absence is not None:
            return self.absence.reason
        return self.overrides[0].reason if self.overrides else ""

    def noted(self, *notes: str) -> "Act":
        return replace(self, notes=(*self.notes, *notes))

    def _seen(self, definitions: Definitions) -> Definitions:
        if not self.schedule:
            return definitions
        its = {name: each for name, each in definitions.schedules.items() if name == self.schedule}
        return replace(definitions, schedules=its)


def with_overrides(definitions: Definitions, schedule: str, added: Iterable[Override]) -> Definitions:
    its = definitions.schedules[schedule]
    changed = replace(its, overrides=(*its.overrides, *added))
    return replace(definitions, schedules={**definitions.schedules, schedule: changed})


def with_absence(definitions: Definitions, absence: Absence) -> Definitions:
    """In every schedule."""
    schedules = {
        name: replace(each, absences=Absences((*each.absences.all, absence)))
        for name, each in definitions.schedules.items()
    }
    return replace(definitions, absences=(*definitions.absences, absence), schedules=schedules)
