"""Incidents by the state of their response, for somebody who is to choose one."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.drawing.wall_clock import ago
from worker.domain.response.state import ResponseState
from worker.domain.text import clean_line
from worker.incidents.history import History


def print_choice(console: Console, found: Sequence[tuple[History, ResponseState]]) -> None:
    """Each by its number, an id never cut."""
    now = datetime.now(UTC)
    for number, (history, state) in enumerate(found, start=1):
        facts = f"{state}, {ago(now - history.received_at)} old"
        title = clean_line(history.event.shown_title)
        line = Text.assemble((history.incident_id, "bold"), f"  {title}  ", (facts, "dim"))
        print_hanging(console, Text(f"{number:>3}  "), line)
