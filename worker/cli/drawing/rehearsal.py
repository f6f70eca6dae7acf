"""A rehearsed escalation as people read it: who is told when, by which way and why, and how it stands at the end."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.drawing.wall_clock import WallClock
from worker.domain.event import Severity
from worker.domain.paging_ways import SMS, PagingWays, read_paging_ways
from worker.domain.text import clean_line
from worker.oncall.escalation.because import because, place_words
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.rehearsal import Rehearsal
from worker.oncall.escalation.state import Status
from worker.oncall.on_call import Person
from worker.oncall.schedule.wall_clock import Minute, instant_at

Find = Callable[[str], Person | None]

_EVENT_WORDS = {EventType.POLICY: "policy edited", EventType.ROLE: "role"}


def print_rehearsal(console: Console, found: Rehearsal, find: Find, paging: PagingWays, clock: WallClock) -> None:
    """`find`: what is known of a person; `paging`: the ways of whoever has none of their own."""
    words = _Words(find, paging)
    for each in found.timeline:
        told = words.told(each) if isinstance(each, Notification) else words.happened(each)
        print_hanging(console, _time(each.at, clock), told)
    print_hanging(console, _time(found.until, clock), words.end(found))


class _Words:
    def __init__(self, find: Find, paging: PagingWays) -> None:
        self._find = find
        self._paging = paging

    def told(self, told: Notification) -> Text:
        place = place_words(told.place)
        if told.is_skipped:
            return Text(f"{place} is skipped: {clean_line('; '.join(told.vacancies))}", style="dim")
        why = f", because {clean_line(because(told, self.name))}"
        if not told.people:
            return Text.assemble((f"{place}: NOBODY", "bold red"), why)
        named = ", ".join(self._reached(person, told.severity) for person in told.people)
        return Text.assemble((place, "bold"), f": {named}", (why, "dim"))

    def happened(self, event: Event) -> Text:
        what = [_EVENT_WORDS.get(event.type, event.type.value)]
        if event.type is EventType.SEVERITY:
            what.append(str(event.severity))
        if event.type is EventType.ROLE:
            what += [event.role, "is", ", ".join(map(self.name, event.people)) or "nobody"]
        elif event.by:
            what += ["by", self.name(event.by)]
        return Text(clean_line(" ".join(what)), style="cyan")

    def end(self, found: Rehearsal) -> Text:
        end = found.end
        policy = f"policy {clean_line(end.policy.name)}" if end.policy else "no policy"
        owner = f"{self.name(end.owner)} has it" if end.owner else "nobody has it"
        silent = end.status is Status.TRIGGERED and end.due is None
        after = "; nobody else will be told" if silent else ""
        return Text(f"it stands {end.status.value}: severity {end.severity}, {policy}, {owner}{after}", style="bold")

    def name(self, person: str) -> str:
        known = self._find(person)
        return clean_line(known.name if known else person)

    def _reached(self, person: str, severity: int) -> str:
        if ":" in person:  # a webhook, which is its own way
            return self.name(person)
        known = self._find(person)
        chosen = self._ways(known).for_severity(Severity(severity))
        ways = [way for way in chosen if way != SMS or (known and known.phone)]
        return f"{self.name(person)} ({' + '.join(ways) or 'by no way: there is no telephone number'})"

    def _ways(self, known: Person | None) -> PagingWays:
        try:
            return read_paging_ways(known.paging) if known and known.paging else self._paging
        except ValueError:
            return self._paging


def _time(minute: Minute, clock: WallClock) -> Text:
    return Text(f"{clock.told(instant_at(minute)).replace(':00 ', ' ', 1)}  ", style="dim")
