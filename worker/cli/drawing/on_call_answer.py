"""Who is on call as people read it: each with why and until when, and who comes next."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.cli.drawing.shift_times import ShiftTimes
from worker.domain.text import clean_line
from worker.oncall.on_call import OnCall, Person
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.sources import Answered

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers for a service, and who does next."""

    service: str
    times: ShiftTimes
    on_call: OnCall
    following: Answered | None

    def until(self) -> str:
        """When the first of them is on call no more."""
        ends = [person.until for person in self.on_call.people if person.until]
        return self.times.at(minute_of(min(ends))) if ends else ""

    def next(self) -> str:
        if self.following is None:
            return ""
        return f"{names(self.following.people)}, from {self.times.at(self.following.start)}"


def answer_lines(answer: Answer) -> Iterator[str]:
    """A row of the on-call table is one line: it says no more than whom it names."""
    for person in answer.on_call.people:
        yield "  ".join(clean_line(part) for part in (person.name, person.email, person.role) if part)
        if about := _about(person, answer.times):
            yield f"{_INDENT}{clean_line(about)}"
    if answer.following is not None:
        yield f"next: {answer.next()}"


def names(people: Iterable[Person]) -> str:
    return clean_line(", ".join(person.name for person in people))


def _about(person: Person, times: ShiftTimes) -> str:
    """Of a row nothing but its end, where a schedule takes over."""
    end = f"until {times.at(minute_of(person.until))}" if person.until else ""
    return "; ".join(filter(None, (person.why if person.schedule else "", end)))
