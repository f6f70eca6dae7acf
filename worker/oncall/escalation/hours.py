"""When a policy may tell anybody at all."""

from worker.oncall.definitions import QuietHours
from worker.oncall.schedule.wall_clock import Minute, clock_of


def opening(hours: QuietHours | None, instant: Minute) -> Minute:
    """The first instant, from this one on, that lies within the hours."""
    if hours is None:
        return instant
    clock = clock_of(hours.time_zone)
    while True:  # the clock may leap over a whole window
        is_open, edge = hours.windows.at(clock.reading(instant))
        if is_open:
            return instant
        instant = clock.reached(edge)
