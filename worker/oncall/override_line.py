"""The command by which somebody takes a time, as it is typed."""

import shlex

from worker.oncall.schedule.moments import moment_at
from worker.oncall.schedule.wall_clock import Minute, ZoneClock


def override_line(schedule: str, clock: ZoneClock, start: Minute, end: Minute, person: str = "NAME") -> str:
    """Unless it is known who takes it, the name has to be filled in."""
    limits = f"--from {moment_at(start, clock)} --to {moment_at(end, clock)}"
    return f"tocsin roster override {shlex.quote(schedule)} --person {shlex.quote(person)} {limits}"
