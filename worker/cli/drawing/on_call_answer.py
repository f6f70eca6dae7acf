"""Who is on call as people read it: each with why and until when, and who comes next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from worker.cli.drawing.shift_times import ShiftTimes
from worker.domain.text import clean_line
from worker.oncall.on_call import OnCall, Person
from worker.oncall.schedule.wall_clock import ZoneClock, minute_of
from worker.oncall.sources import Answered

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a service, and who does next; `clocks` are those of the schedules, by their names."""

    service: str
    times: ShiftTimes
    on_call: OnCall
    following: Answered | None
    clocks: Mapping[str, ZoneClock]

    def until(self) -> str:
        """When the first of them is on call no more."""
        ends = [person.until for person in self.on_call.people if person.until]
        return self.times.at(minute_of(min(ends))) if ends else ""

    def lines(self) -> Iterator[str]:
        """A row of the on-call table is one line: it says no more than whom it names."""
        for person in self.on_call.people:
            yield "  ".join(clean_line(part) for part in (person.name, person.email, person.role) if part)
            if about := self._about(person):
                yield f"{_INDENT}{clean_line(about)}"
        if self.following is not None:
            yield f"next: {names(self.following.people)}, from {self.times.both(self.following.start)}"

    def _about(self, person: Person) -> str:
        """By the clock of their own schedule; of a row nothing but its end, where a schedule takes over."""
        times = replace(self.times, clock=self.clocks.get(person.schedule, self.times.clock))
        end = f"until {times.both(minute_of(person.until))}" if person.until else ""
        return "; ".join(filter(None, (person.why if person.schedule else "", end)))


def names(people: Iterable[Person]) -> str:
    return clean_line(", ".join(person.name for person in people))
