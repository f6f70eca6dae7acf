"""Shifts as people read them, each by the clock of its schedule."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from worker.cli.drawing.shift_times import ShiftTimes
from worker.domain.text import clean_line
from worker.oncall.people import People
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import Shift
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.why import why
from worker.oncall.written_shifts import ScheduledShift

_PLACES = ("primary", "secondary")


def shift_table(found: Iterable[ScheduledShift], now: Minute, people: People) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for name in ("from", "to"):
        table.add_column(name, no_wrap=True)
    for name in ("schedule", "who", "as"):
        table.add_column(name, overflow="fold")
    for schedule, shift in found:
        times = ShiftTimes(schedule.clock, now)
        cells = (schedule.name, people.name(shift.person), _place(schedule, shift, people))
        limits = (times.dated(shift.start), times.dated(shift.end))
        table.add_row(*(Text(clean_line(cell)) for cell in (*limits, *cells)))
    return table


def _place(schedule: Schedule, shift: Shift, people: People) -> str:
    """Why only where it is not simply their turn."""
    place = _PLACES[shift.rank] if shift.rank < len(_PLACES) else f"number {shift.rank + 1}"
    if shift.place.override is None:
        return place
    return f"{place}: {why(schedule, schedule.at(shift.start), shift.place, people.name)}"
