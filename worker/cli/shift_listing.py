"""Shifts found for a command, and shown to people."""

from worker.cli.asked_range import AskedRange
from worker.oncall.people import People
from worker.oncall.schedule.shifts import whole_shifts
from worker.oncall.written_shifts import ScheduledShift


def find_shifts(asked: AskedRange, person: str | None) -> list[ScheduledShift]:
    """In the order in which they begin; of everybody without a person."""
    found = [
        (schedule, shift)
        for schedule in asked.schedules
        for shift in whole_shifts(schedule, asked.start, asked.end)
        if person is None or shift.person == person
    ]
    return sorted(found, key=lambda pair: (pair[1].start, pair[0].name.casefold(), pair[1].rank))


def print_shifts(found: list[ScheduledShift], asked: AskedRange, people: People) -> None:
    # Programs need none of what draws a table.
    from worker.cli.consoles import stdout_console  # noqa: PLC0415
    from worker.cli.drawing.shift_table import shift_table  # noqa: PLC0415

    stdout_console().print(shift_table(found, asked.start, people))
