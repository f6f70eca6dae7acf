"""The open incidents of a service, for somebody who is about to raise another one."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.drawing.wall_clock import ago
from worker.domain.text import clean_line
from worker.incidents.open_incident import OpenIncident

_INDENT = "     "


def print_open_incidents(console: Console, found: Sequence[OpenIncident], now: datetime) -> None:
    """Each by its number, within the width of the terminal: an id and an address are never cut."""
    console.print(Text(_headline(found), style="bold"))
    for number, each in enumerate(found, start=1):
        for head, line in _lines(number, each, now):
            print_hanging(console, Text(head), line)
        if each.url:
            console.print(Text(f"{_INDENT}{clean_line(each.url)}", style="dim"), soft_wrap=True)


def _headline(found: Sequence[OpenIncident]) -> str:
    services = ", ".join(dict.fromkeys(clean_line(each.service) for each in found))
    return f"{len(found)} open already for {services}:"


def _lines(number: int, each: OpenIncident, now: datetime) -> Iterator[tuple[str, Text]]:
    age = f"severity {each.severity.value}, {ago(now - each.received_at)} old"
    yield f"{number:>3}  ", Text.assemble((each.incident_id, "bold"), f"  {clean_line(each.title)}")
    yield _INDENT, Text(f"{age}, {_whose(each)}", style="dim")


def _whose(each: OpenIncident) -> str:
    return f"with {clean_line(each.has_it)}" if each.has_it else "with nobody yet"
