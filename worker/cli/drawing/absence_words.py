"""An absence in one line."""

from worker.cli.drawing.shift_times import ShiftTimes
from worker.domain.text import clean_line
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.wall_clock import NEVER, Minute, ZoneClock


def absence_words(absence: Absence, clock: ZoneClock, now: Minute) -> str:
    times = ShiftTimes(clock, now)
    end = f" to {times.at(absence.end)}" if absence.end < NEVER else ", for good"
    reason = f" ({absence.reason})" if absence.reason else ""
    return clean_line(f"away from {times.at(absence.start)}{end}{reason}")
