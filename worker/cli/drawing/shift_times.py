"""Times of shifts as people read them: by the schedule's clock, and by the reader's own where that is another."""

from dataclasses import dataclass
from datetime import tzinfo

from worker.oncall.schedule.wall_clock import Minute, ZoneClock, instant_at
from worker.oncall.why import dated, told


@dataclass(frozen=True, slots=True)
class ShiftTimes:
    """`now` is the instant that was asked for; `reader` None is this machine's zone."""

    clock: ZoneClock
    now: Minute
    reader: tzinfo | None = None

    def at(self, instant: Minute) -> str:
        """`Mon 09:00 CET` of the days to come, `Mon 7 Dec 09:00 CET` else."""
        return f"{told(instant, self.now, self.clock)} {self.clock.shown(instant):%Z}"

    def both(self, instant: Minute) -> str:
        """`Mon 09:00 CET (Mon 03:00 EST here)`."""
        own = instant_at(instant).astimezone(self.reader)
        same = self.clock.shown(instant).utcoffset() == own.utcoffset()
        return self.at(instant) + ("" if same else f" ({own:%a %H:%M %Z} here)")

    def dated(self, instant: Minute) -> str:
        """`Mon 7 Dec 09:00 CET`, for where times stand below each other."""
        return f"{dated(instant, self.now, self.clock)} {self.clock.shown(instant):%Z}"
