"""One level told, or passed over since it names nobody."""

from dataclasses import dataclass

from worker.oncall.escalation.state import Cause, Place
from worker.oncall.schedule.wall_clock import Minute


@dataclass(frozen=True, slots=True)
class Notification:
    """`people` in the order in which they are told, each once. `vacancies`: why nobody is named, as clauses."""

    at: Minute
    place: Place
    people: tuple[str, ...]
    cause: Cause
    severity: int
    vacancies: tuple[str, ...] = ()

    @property
    def is_skipped(self) -> bool:
        """A last resort without people is none that is passed over: it is the loudest thing there is."""
        return not self.people and not self.place.is_last_resort
