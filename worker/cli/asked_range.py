"""Of which schedules a command asks, and of which days."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import typer

from worker.cli.on_call_source import OnCallSource, read_at
from worker.oncall.asking import clock_of_schedules, schedules_asked
from worker.oncall.schedule.schedule import Schedule
from worker.oncall.schedule.wall_clock import DAY, Minute

Found = TypeVar("Found")

# Two years of a rotation by the hour are as much as anybody looks through.
_LONGEST = 731
ScheduleName = Annotated[
    str | None,
    typer.Argument(metavar="SCHEDULE", help="A schedule, or a service for all of its own; every schedule without it."),
]
Days = Annotated[int, typer.Option("--days", min=1, max=_LONGEST, help="For how many days from then on.")]


@dataclass(frozen=True, slots=True)
class AskedRange:
    """From `start` until before `end`."""

    schedules: list[Schedule]
    start: Minute
    end: Minute


def read_range(source: OnCallSource, name: str | None, at: str | None, days: int) -> AskedRange:
    """A schedule that nobody knows, and a time that cannot be read, are wrong use."""
    schedules = or_wrong_use("SCHEDULE", lambda: schedules_asked(source.definitions_of(name or ""), name))
    start = read_at(at, clock_of_schedules(schedules))
    return AskedRange(schedules, start, start + days * DAY)


def or_wrong_use(argument: str, find: Callable[[], Found]) -> Found:
    try:
        return find()
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=argument) from None
