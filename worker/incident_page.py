"""One incident as people see it: what came in, every step, and where to look."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from worker.history import History
from worker.incident import clean_line
from worker.launch_view import drawing, local, print_addresses


def print_incident(console: Console, history: History) -> None:
    console.print(drawing(history, datetime.now(UTC)))
    console.print()
    for name, value in facts(history):
        console.print(Text.assemble((f"{name:<22}  ", "dim"), value))
    print_addresses(console, history)


def facts(history: History) -> Iterator[tuple[str, str]]:
    """What is known of the incident itself, times by this machine's clock."""
    event = history.event
    known = (
        ("severity", f"{event.severity.value} ({event.severity.label})"),
        ("service", event.service),
        ("impact", event.impact),
        ("detected by", event.detection_source.value),
        ("source", event.source),
        *(
            (name, local(moment) if moment else "")
            for name, moment in (
                ("occurred", event.occurred_at),
                ("first known", event.first_known_at),
                ("received", history.received_at),
                ("launched", history.launched_at),
            )
        ),
    )
    return ((name, clean_line(value)) for name, value in known if value)
