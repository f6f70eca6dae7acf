"""Times and lists of people in sentences of a plan."""

from collections.abc import Iterable

from worker.oncall.schedule.layer import Entry
from worker.oncall.schedule.wall_clock import Minute, ZoneClock


def time_words(minute: Minute, clock: ZoneClock, *, year: bool = False) -> str:
    """`Mon 7 Dec 09:00`, as the wall clock shows it; what it shows twice has its zone's abbreviation, too."""
    shown = clock.shown(minute)
    zone = f" {shown:%Z}" if shown.utcoffset() != shown.replace(fold=1 - shown.fold).utcoffset() else ""
    return f"{shown:%a} {shown.day} {shown:%b}{f' {shown.year}' if year else ''} {shown:%H:%M}{zone}"


def span_words(start: Minute, end: Minute, clock: ZoneClock) -> str:
    return f"{time_words(start, clock)} \N{EN DASH} {time_words(end, clock)}"


def list_words(entries: Iterable[Entry]) -> str:
    """`ada; ben + cem; -`, as a row and a table of schedules have it."""
    return "; ".join(" + ".join(entry) or "-" for entry in entries) or "nobody"
