"""Gaps as people read them: when, why, and what closes each."""

from collections.abc import Iterable, Iterator

from worker.cli.drawing.shift_times import ShiftTimes
from worker.domain.text import clean_line
from worker.oncall.gaps import Gap
from worker.oncall.schedule.wall_clock import Minute
from worker.oncall.written_shifts import closing_command


def gap_lines(found: Iterable[Gap], now: Minute) -> Iterator[str]:
    for gap in found:
        times = ShiftTimes(gap.schedule.clock, now)
        yield clean_line(f"{gap.schedule.name}: nobody from {times.both(gap.start)} to {times.both(gap.end)}")
        for reason in gap.reasons:
            yield f"    {clean_line(reason)}"
        yield f"    to close it: {clean_line(closing_command(gap))}"
