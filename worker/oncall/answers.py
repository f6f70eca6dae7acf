"""Who answers for a service: its schedules, its rows of the on-call table, then the same of `default`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker.domain.text import quoted
from worker.oncall.definitions import Definitions
from worker.oncall.on_call import OnCall, Person, Roster, note_of
from worker.oncall.people import People
from worker.oncall.schedule.overrides import Place
from worker.oncall.schedule.schedule import Schedule, Stretch
from worker.oncall.schedule.shifts import until
from worker.oncall.schedule.wall_clock import Minute, instant_at
from worker.oncall.sources import Answered, Source, answered, each_once, sources_of
from worker.oncall.why import shift, why

_NAMED = 5


def who_answers(
    definitions: Definitions, roster: Roster, service: str, instant: Minute, people: People | None = None
) -> OnCall:
    """The first of them that names somebody counts; nobody is an answer too, with a loud note."""
    asked = _Asked(sources_of(definitions, roster, service), people or People(definitions, roster), instant)
    missing: list[str] = []
    for rank, source in enumerate(asked.sources):
        missing += asked.missing(source)
        if named := asked.named(rank):
            instead = not service or source.service != asked.sources[0].service
            note = note_of(service, (), named) if instead else ""
            return OnCall(people=named, service=service, from_default=instead, note=_joined(note, missing))
    return OnCall(service=service, note=_joined(note_of(service, (), ()), missing))


def who_comes_next(
    definitions: Definitions, roster: Roster, service: str, instant: Minute, people: People | None = None
) -> Answered | None:
    """Those who answer next, when they are others or nobody does now; a gap before them is passed over."""
    known = people or People(definitions, roster)
    walk = answered(sources_of(definitions, roster, service), known, instant)
    now = next(walk)
    return next((each for each in walk if each.people and each.identities != now.identities), None)


@dataclass(frozen=True)
class _Asked:
    """All that may name somebody, at an instant."""

    sources: Sequence[Source]
    people: People
    instant: Minute

    def named(self, rank: int) -> tuple[Person, ...]:
        """Whom that source names, why, and until when."""
        source = self.sources[rank]
        overtaken = self._overtaken(rank)
        rows = (person.model_copy(update={"until": _instant(overtaken)}) for person in source.people)
        return each_once([*self._by_schedules(source, overtaken), *rows])

    def missing(self, source: Source) -> Iterator[str]:
        """Sentences about what and whom nobody could find."""
        for name in source.missing:
            yield f"there is no schedule {quoted(name)!r}"
        for schedule in source.schedules:
            for person in schedule.at(self.instant).people:
                if self.people.find(person) is None:
                    yield f"{quoted(person)!r}, whom the schedule {quoted(schedule.name)!r} names, has no row"

    def _by_schedules(self, source: Source, overtaken: Minute | None) -> Iterator[Person]:
        for schedule in source.schedules:
            stretch = schedule.at(self.instant)
            for place in stretch.places:
                if person := self.people.find(place.person):
                    yield self._in_place(person, schedule, stretch, place, overtaken)

    def _in_place(
        self, person: Person, schedule: Schedule, stretch: Stretch, place: Place, overtaken: Minute | None
    ) -> Person:
        end = _earlier(until(schedule, place.person, self.instant), overtaken)
        shown = {
            "why": why(schedule, stretch, place, self.people.name),
            "until": _instant(end),
            "schedule": schedule.name,
            "shift": shift(schedule, stretch, place, end, self.people.name),
        }
        return person.model_copy(update=shown)

    def _overtaken(self, rank: int) -> Minute | None:
        """When a source that goes before names somebody again; None where that is never seen."""
        before = self.sources[:rank]
        if not any(source.schedules for source in before):
            return None
        return next((each.start for each in answered(before, self.people, self.instant) if each.people), None)


def _earlier(one: Minute | None, other: Minute | None) -> Minute | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _instant(minute: Minute | None) -> datetime | None:
    return None if minute is None else instant_at(minute)


def _joined(note: str, missing: Iterable[str]) -> str:
    return " ".join(filter(None, (note, _not_called(list(dict.fromkeys(missing))))))


def _not_called(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    more = f", and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return f"Not called: {'; '.join(missing[:_NAMED])}{more}. `tocsin roster lint` says how to mend it."
