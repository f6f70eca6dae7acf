"""When an old event takes place: once, or as often as its rule says, less what was taken out or moved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from worker.oncall.calendars.old_events import OldCalendar, OldEvent, Written
from worker.oncall.calendars.recurrence import Recurrence
from worker.oncall.schedule.wall_clock import DAY, Minute, ZoneClock

# Of what comes again: so far back and ahead of now.
BACK, AHEAD = 400 * DAY, 400 * DAY
# Of all events together; a file that needs more was made to need them.
_STEPS = 200_000


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Between two instants."""

    start: Minute
    end: Minute


@dataclass
class Occurrences:
    """`clock` is that of days and of times without a zone; `faults` are sentences about what is not understood."""

    calendar: OldCalendar
    clock: ZoneClock
    now: Minute
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = _STEPS
        self._moved = {
            (event.uid, self._instant(event.replaces)) for event in self.calendar.events if event.replaces is not None
        }

    def of(self, event: OldEvent) -> Iterator[Occurrence]:
        clock = event.start.clock or self.clock
        length = self._end(event, clock) - event.start.wall
        if length <= 0:
            self._say(event, "it ends no later than it begins, and is left out")
            return
        for wall in self._walls(event, clock):
            yield Occurrence(clock.reached(wall), clock.reached(wall + length))

    def _end(self, event: OldEvent, clock: ZoneClock) -> Minute:
        """On the clock of its beginning."""
        ends = event.until.clock or self.clock
        return event.until.wall if ends is clock else clock.reading(ends.reached(event.until.wall))

    def _walls(self, event: OldEvent, clock: ZoneClock) -> Iterator[Minute]:
        if event.replaces is not None or not event.rule:
            if event.replaces_following:
                self._say(event, "it changes all occurrences that follow; only this one is taken")
            yield event.start.wall
            return
        if event.has_more_dates:
            self._say(event, "it has dates beside its rule, which are left out")
        taken_out = {self._instant(each) for each in event.exceptions if not each.is_day}
        days_out = {each.wall // DAY for each in event.exceptions if each.is_day}
        for wall in self._by_rule(event, clock):
            instant = clock.reached(wall)
            is_out = instant in taken_out or wall // DAY in days_out or (event.uid, instant) in self._moved
            if not is_out and instant >= self.now - BACK:
                yield wall

    def _by_rule(self, event: OldEvent, clock: ZoneClock) -> Iterator[Minute]:
        try:
            recurrence = Recurrence(event.rule, event.start.wall, clock)
        except ValueError as error:
            self._say(event, f"{error}; only its first occurrence is taken")
            yield event.start.wall
            return
        for wall in islice(recurrence.walls(clock.reading(self.now + AHEAD)), self._left):
            self._left -= 1
            yield wall
        if not self._left:
            self._say(event, "it comes again more often than is read, and the rest is left out")

    def _instant(self, written: Written) -> Minute:
        return (written.clock or self.clock).reached(written.wall)

    def _say(self, event: OldEvent, sentence: str) -> None:
        self.faults.append(f"event {event.number}, {event.summary or 'without a title'}: {sentence}.")
