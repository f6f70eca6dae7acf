"""Names, times and commands as findings say them: times by the wall clock of a schedule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from worker.oncall.findings.spans import Span
from worker.oncall.override_line import override_line
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock

PLAN = "`tocsin roster plan FILE --yes`"
_PLACES = 3


@dataclass(frozen=True, slots=True)
class Times:
    """As that wall clock shows them, to somebody who reads them at `now`."""

    clock: ZoneClock
    now: Minute

    def at(self, instant: Minute) -> str:
        """`Sat 5 Dec 09:00`; with its year where that is another, and the clock's name where the time comes twice."""
        shown = self.clock.shown(instant)
        year = "" if shown.year == self.clock.shown(self.now).year else f" {shown.year}"
        twice = shown.utcoffset() != shown.replace(fold=1 - shown.fold).utcoffset()
        return f"{shown:%a} {shown.day} {shown:%b}{year} {shown:%H:%M}{f' {shown:%Z}' if twice else ''}"

    def span(self, span: Span) -> str:
        return f"from {self.at(span[0])} to {self.at(span[1])}"

    def spans(self, spans: Sequence[Span]) -> str:
        """The first, and how many more."""
        return f"{self.span(spans[0])}{times_more(len(spans) - 1)}"


def sentence(text: str) -> str:
    """With its full stop, unless it ends with a mark of its own."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def times_more(number: int) -> str:
    return f", and {number} more time{'' if number == 1 else 's'}" if number else ""


def lasting(minutes: int) -> str:
    """`2 d 3 h`, `1 h 30 min`."""
    days, rest = divmod(minutes, DAY)
    hours, left = divmod(rest, 60)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (left, "min")) if number]
    return " ".join(parts[:2])


def override_command(schedule: str, clock: ZoneClock, span: Span, person: str = "NAME") -> str:
    """For whoever takes the span; unless it is known, who that is has to be filled in."""
    return f"`{override_line(schedule, clock, *span, person)}`"


def places_told(places: Sequence[str]) -> str:
    """Where something stands, as a parenthesis."""
    return f"({'; '.join(places[:_PLACES])}{'; …' if len(places) > _PLACES else ''})"


def meant(name: str, names: Iterable[str]) -> str:
    """The one of the names that is like it, as a clause; empty if none is."""
    by_word = {each.casefold(): each for each in names}
    found = get_close_matches(name.casefold(), by_word, n=1, cutoff=0.75)
    return f" (do you mean {by_word[found[0]]}?)" if found else ""
