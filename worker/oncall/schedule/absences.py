"""When people are away: a layer that names them then does not find them there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from worker.oncall.schedule.wall_clock import NEVER, Minute


@dataclass(frozen=True, slots=True)
class Absence:
    """Of one person, from one instant to another; NEVER as the end is for whoever has left. `key` is its row's."""

    person: str
    start: Minute
    end: Minute = NEVER
    reason: str = ""
    key: str = ""


@dataclass(frozen=True)
class Absences:
    """Of all people."""

    all: tuple[Absence, ...] = ()

    @cached_property
    def _of(self) -> Mapping[str, list[Absence]]:
        found: dict[str, list[Absence]] = {}
        for absence in self.all:
            found.setdefault(absence.person, []).append(absence)
        return found

    def now(self, person: str, instant: Minute) -> tuple[bool, Minute]:
        """Whether the person is away then, and when that may change next."""
        is_away, until = False, NEVER
        for absence in self._of.get(person, ()):
            if absence.start <= instant < absence.end:
                is_away = True
                until = min(until, absence.end)
            elif instant < absence.start:
                until = min(until, absence.start)
        return is_away, until

    @classmethod
    def of(cls, absences: Iterable[Absence]) -> "Absences":
        return cls(tuple(absences))


NOBODY_AWAY = Absences()
