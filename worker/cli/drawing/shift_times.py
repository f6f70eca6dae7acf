"""Times of shifts as people read them: by the schedule's clock, and by the reader's own where that is another."""

from dataclasses import dataclass
from datetime import tzinfo

from worker.oncall.schedule.wall_clock import Minute, ZoneClock, instant_at
from worker.oncall.why import told


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """`now` is the instant that was asked for; `reader` None is this machine's zone."""

    clock: ZoneClock
    now: Minute
    reader: tzinfo | None = None

    def at(self, instant: Minute) -> str:
        """`Mon 7 Dec 09:00 CET (03:00 EST here)`."""
        shown, own = self.clock.shown(instant), instant_at(instant).astimezone(self.reader)
        here = "" if shown.utcoffset() == own.utcoffset() else f" ({own:%a %H:%M %Z} here)"
        return f"{told(instant, self.now, self.clock)} {shown:%Z}{here}"

    def span(self, start: Minute, end: Minute) -> str:
        return f"{self.at(start)} to {self.at(end)}"
