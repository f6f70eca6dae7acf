"""What `remove` means by a word: an override, a swap, an absence, a whole thing, or a single row of the table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from worker.domain.errors import Rejected
from worker.domain.text import quoted
from worker.oncall.acts.act import Act
from worker.oncall.acts.leaving import AHEAD, clock_of_absence
from worker.oncall.acts.references import references_to
from worker.oncall.acts.words import (
    absence_command,
    absence_words,
    override_command,
    override_words,
    swap_command,
    swap_words,
)
from worker.oncall.rows import printed_keys
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.overrides import Override
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import NEVER, Minute
from worker.oncall.stored.keys import ABSENCES, Kind, Thing, thing_at
from worker.oncall.stored.plan import partition_of
from worker.oncall.stored.reading import StoredDefinitions, read_definitions
from worker.oncall.stored.row import StoredRow
from worker.oncall.why import Naming


@dataclass(frozen=True)
class Undoing:
    """`keys` are all rows that go. `thing` goes whole; `is_small` where what is undone is a person's own act."""

    act: Act
    keys: tuple[tuple[str, str], ...]
    thing: Thing | None = None
    is_small: bool = False


@dataclass(frozen=True)
class Undoer:
    stored: StoredDefinitions
    now: Minute
    name: Naming

    def find(self, word: str) -> Undoing | None:
        """None where nothing of the table of schedules is meant. Raises Rejected."""
        found = [*self._overrides(word), *self._absences(word)]
        if len(found) > 1:
            keys = ", ".join(sorted(undoing.keys[0][1] for undoing in found))
            raise Rejected(f"{quoted(word)!r} is more than one, and nothing was changed. Write one of them: {keys}")
        return found[0] if found else self._row(word) or self._thing(word)

    def _overrides(self, word: str) -> Iterator[Undoing]:
        """By the whole key, its last part, or the name that both halves of a swap have."""
        for schedule in self.stored.definitions.schedules.values():
            meant = {together(each) for each in schedule.overrides if word in _ids(each)}
            for name in sorted(meant):
                yield self._override(schedule, tuple(each for each in schedule.overrides if together(each) == name))

    def _override(self, schedule: Schedule, halves: tuple[Override, ...]) -> Undoing:
        is_swap = len(halves) > 1
        said = swap_words(halves, schedule, self.name) if is_swap else override_words(halves[0], schedule, self.name)
        again = swap_command(halves, schedule) if is_swap else override_command(halves[0], schedule)
        keys = tuple((self._partition(schedule), each.key) for each in halves)
        start = min(each.start.instant(schedule.clock) for each in halves)
        end = max(each.end.instant(schedule.clock) for each in halves)
        act = self._act(f"no more: {said}", keys, start, end, again)
        return Undoing(replace(act, overrides=halves, schedule=schedule.name), keys, is_small=True)

    def _absences(self, word: str) -> Iterator[Undoing]:
        for each in self.stored.definitions.absences:
            if each.key and word.casefold() == each.key.casefold():
                yield self._absence(each)

    def _absence(self, absence: Absence) -> Undoing:
        keys = ((ABSENCES, absence.key),)
        clock = clock_of_absence(self.stored.definitions, absence.person)
        end = absence.end if absence.end < NEVER else max(self.now, absence.start) + AHEAD
        said = f"no more: {absence_words(absence, clock, self.name)}"
        act = self._act(said, keys, absence.start, end, absence_command(absence))
        return Undoing(replace(act, absence=absence), keys, is_small=True)

    def _thing(self, word: str) -> Undoing | None:
        asked = thing_at(word.strip())
        if asked is None:
            return None
        partition = partition_of(Thing(asked.kind, " ".join(asked.name.split())), self.stored)
        rows = self.stored.of(partition)
        thing = thing_at(partition)
        if not rows or thing is None:
            raise Rejected(f"There is no {asked.kind} {quoted(asked.name)!r} in the table, and nothing was changed.")
        self._refuse_needed(thing)
        keys = tuple(row.keys for row in rows)
        return Undoing(self._ahead(f"no more: {thing}", keys), keys, thing)

    def _refuse_needed(self, thing: Thing) -> None:
        needed = references_to(thing, self.stored.definitions, self.now)
        if needed:
            raise Rejected(
                f"The {thing.kind} {thing.name!r} is still needed, and nothing was changed: by {', '.join(needed)}. "
                "Change these first."
            )

    def _row(self, word: str) -> Undoing | None:
        """By its keys as lint prints them."""
        row = next((row for row in self.stored.rows if printed_keys(row.keys) == word), None)
        return Undoing(self._ahead(f"no more: the row {word}", (row.keys,)), (row.keys,)) if row else None

    def _ahead(self, sentence: str, keys: tuple[tuple[str, str], ...]) -> Act:
        return self._act(sentence, keys, self.now, self.now + AHEAD, ())

    def _act(
        self, sentence: str, keys: Iterable[tuple[str, str]], start: Minute, end: Minute, again: tuple[str, ...]
    ) -> Act:
        after = read_definitions(self._without(frozenset(keys)), self.stored.read_at).definitions
        return Act(sentence, self.stored.definitions, after, start, end, again)

    def _without(self, keys: frozenset[tuple[str, str]]) -> list[StoredRow]:
        return [row for row in self.stored.rows if row.keys not in keys]

    def _partition(self, schedule: Schedule) -> str:
        return partition_of(Thing(Kind.SCHEDULE, schedule.name), self.stored)


def _ids(override: Override) -> frozenset[str]:
    return frozenset(filter(None, (override.key, short_id(override.key), override.swap)))


def together(override: Override) -> str:
    """What both halves of a swap share."""
    return override.swap or override.key


def short_id(key: str) -> str:
    """Of `override:<UTC start>:<id>`."""
    return key.rpartition(":")[2]
