"""The figures of many incidents in a terminal: each incident is a dot, and no mean stands alone."""

from collections.abc import Iterator, Sequence
from math import log10

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worker.incidents.figures.distribution import Distribution
from worker.incidents.figures.durations import DURATIONS
from worker.incidents.figures.report import IncidentReport, Share
from worker.incidents.review.markdown_time import spelled

_NAME_WIDTH = 19
_PLOT_WIDTH = 21
# From a second to ten days, by powers of ten: an incident of a minute and one of a day stand in one picture.
_FIRST, _LAST = 0.0, 6.0
# How many stand in one place: one, two, three, four and more.
_DOTS = " ·:⁖⁘"
_BARS = " ▁▂▃▄▅▆▇█"


def print_report(console: Console, report: IncidentReport) -> None:
    for line in _lines(report):
        console.print(Text(line), soft_wrap=True)
    if report.incidents:
        console.print()
        console.print(_table(report))
        console.print(Text(f"{'':{_NAME_WIDTH}}  each incident a dot: {scale()}", style="dim"), soft_wrap=True)
        console.print()
        for line in _nights(report):
            console.print(Text(line), soft_wrap=True)


def _lines(report: IncidentReport) -> Iterator[str]:
    more = " (and more, which were not looked at)" if report.truncated else ""
    yield f"{_many(report.incidents)} from {report.since:%Y-%m-%d} to {report.until:%Y-%m-%d}{more}"
    if report.left_out:
        yield "left out: " + ", ".join(f"{count} {why}" for why, count in report.left_out.items())
    if not report.incidents:
        return
    yield "severity: " + ", ".join(f"{severity}: {count}" for severity, count in report.by_severity.items())
    yield f"found by customers, or by anybody but monitoring: {_share(report.found_by_customers)} of those known"
    yield f"nobody said when it began: {_share(report.occurred_guessed)}"
    at_level_1 = _share(report.acknowledged_at_level_1)
    yield f"acknowledged by a person: {_share(report.acknowledged)}; at level 1: {at_level_1}"
    yield f"escalated: {_share(report.escalated)}; to the last resort: {_share(report.last_resort)}"
    yield f"promised updates kept: {_share(report.updates_on_time)}"
    if report.reopened:
        yield f"reopened: {report.reopened}, each counted once with all the time that it hurt"


def _many(count: int) -> str:
    return "1 incident" if count == 1 else f"{count:,} incidents"


def _share(share: Share, of_which: str = "") -> str:
    """Of few the numbers alone: a percentage of three says more than is known."""
    if share.percent is None:
        return "nothing to count"
    return f"{share.count} of {share.of} ({share.percent:g} %)" + (f" {of_which}" if of_which else "")


def _table(report: IncidentReport) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("duration", width=_NAME_WIDTH, no_wrap=True)
    for name in ("known", "median", "p90"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", width=_PLOT_WIDTH, no_wrap=True)
    for each in DURATIONS:
        found = report.durations.get(each.name, Distribution(count=0))
        known = f"{found.count} of {found.count + found.unknown}"
        numbers = [spelled(value) if value is not None else "?" for value in (found.median, found.p90)]
        table.add_row(each.title, known, *numbers, Text(dots(found.values)))
    return table


def dots(values: Sequence[float]) -> str:
    """Where each stands between a second and ten days; several in one place are one sign of more dots."""
    places = [0] * _PLOT_WIDTH
    for value in values:
        share = (log10(max(value, 1.0)) - _FIRST) / (_LAST - _FIRST)
        places[min(round(share * (_PLOT_WIDTH - 1)), _PLOT_WIDTH - 1)] += 1
    return "".join(_DOTS[min(count, len(_DOTS) - 1)] for count in places)


def scale() -> str:
    return "1 s to 11 days, left to right, by powers of ten"


def _nights(report: IncidentReport) -> Iterator[str]:
    nights = report.nights
    people = "1 person" if nights.people == 1 else f"{nights.people} people"
    yield f"nights interrupted (22:00 to 07:00 by the clock of whoever was told): {nights.interrupted}, of {people}"
    if nights.pages:
        yield f"pages by hour of their day, 0 to 23:  {bars(nights.by_hour)}  ({nights.pages} in all)"
    if nights.in_utc:
        yield f"of {nights.in_utc} of these nobody knows the person's time zone: they are counted in UTC"


def bars(counts: Sequence[int]) -> str:
    highest = max(counts, default=0)
    steps = len(_BARS) - 1
    return "".join(_BARS[-(-count * steps // highest)] if highest else _BARS[0] for count in counts)
