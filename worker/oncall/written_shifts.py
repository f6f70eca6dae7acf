"""Shifts and gaps as programs read them; fields may be added."""

from collections.abc import Sequence
from typing import Any

from worker.oncall.gaps import Gap
from worker.oncall.override_line import override_line
from worker.oncall.people import People
from worker.oncall.schedule.absences import Absence
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.shifts import Shift
from worker.oncall.schedule.wall_clock import NEVER, Minute
from worker.oncall.why import why
from worker.oncall.written_answer import written

ScheduledShift = tuple[Schedule, Shift]


def shift_document(schedule: Schedule, shift: Shift, people: People) -> dict[str, Any]:
    """`rank` is 1 for primary."""
    person = people.find(shift.person)
    return {
        "schedule": schedule.name,
        "person": shift.person,
        "name": people.name(shift.person),
        "email": (person.email if person else "") or None,
        "rank": shift.rank + 1,
        "from": written(shift.start),
        "to": written(shift.end),
        "why": why(schedule, schedule.at(shift.start), shift.place, people.name),
    }


def shifts_document(found: Sequence[ScheduledShift], start: Minute, end: Minute, people: People) -> dict[str, Any]:
    shifts = [shift_document(schedule, shift, people) for schedule, shift in found]
    return {"from": written(start), "to": written(end), "shifts": shifts}


def absence_document(absence: Absence | None) -> dict[str, Any] | None:
    """`to` is null of whoever has left."""
    if absence is None:
        return None
    end = written(absence.end) if absence.end < NEVER else None
    return {"from": written(absence.start), "to": end, "reason": absence.reason}


def gaps_document(found: Sequence[Gap], start: Minute, end: Minute) -> dict[str, Any]:
    return {"from": written(start), "to": written(end), "gaps": [_gap(gap) for gap in found]}


def closing_command(gap: Gap) -> str:
    return override_line(gap.schedule.name, gap.schedule.clock, gap.start, gap.end)


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "schedule": gap.schedule.name,
        "from": written(gap.start),
        "to": written(gap.end),
        "reason": "; ".join(gap.reasons),
        "command": closing_command(gap),
    }
