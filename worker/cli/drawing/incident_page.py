"""One incident as people see it: every step, what came in, the way of its message, and what people did."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.text import Text

from worker.cli.drawing.durations import spell
from worker.cli.drawing.hanging_indent import print_hanging
from worker.cli.drawing.launch_table import CALL_SOMEBODY, drawing, print_addresses
from worker.cli.drawing.response_lines import entry_lines, response_lines
from worker.cli.drawing.wall_clock import WallClock
from worker.domain.alert_summary import AlertSummary
from worker.domain.audit import ACKNOWLEDGE, AuditRecord
from worker.domain.event import Severity
from worker.domain.states import LaunchState
from worker.domain.text import clean_line
from worker.incidents.history import Attempt, AttemptOutcome, History
from worker.incidents.record import IncidentRecord

_NAME_WIDTH = 22
_TRIES_SHOWN = 12
_LINES_OF_EVENT = 40
_LONGEST_LINE = 300
_DEEDS = {ACKNOWLEDGE: "acknowledged"}
_OUTCOMES = {
    AttemptOutcome.LAUNCHED: "launched; the message was completed",
    AttemptOutcome.AGAIN: "to be tried again",
    AttemptOutcome.FAILED: "failed; the message was dead-lettered",
}


def print_incident(console: Console, record: IncidentRecord, clock: WallClock) -> None:
    console.print(drawing(record, datetime.now(UTC), clock))
    _print_part(console, "The response", response_lines(record, clock))
    console.print()
    for name, value in facts(record, clock):
        console.print(Text.assemble((f"{name:<{_NAME_WIDTH}}  ", "dim"), value))
    print_addresses(console, record)
    _print_part(console, "What people added", added(record.alerts, clock) if record.alerts else ())
    _print_part(console, "Who was told", told(record, clock))
    _print_part(console, "What happened", entry_lines(record, clock))
    _print_part(console, "The way of its message", way(record, clock))
    _print_part(console, "What people did", deeds(record.audit, clock))
    _print_part(console, "The event as received", event_lines(record))
    if record.state is LaunchState.FAILED:
        console.print(
            f"\nOnce the cause is mended: tocsin dead-letters replay --incident {record.incident_id} --yes",
            soft_wrap=True,
        )


def _print_part(console: Console, heading: str, lines: Iterable[str]) -> None:
    told = list(lines)
    if told:
        console.print(Text(f"\n{heading}", style="bold"))
    for line in told:
        indent = " " * (2 + len(line) - len(line.lstrip()))
        print_hanging(console, Text(indent), Text(line.lstrip()))


def facts(history: History, clock: WallClock) -> Iterator[tuple[str, str]]:
    """What is known of the incident itself."""
    event = history.event
    known = (
        ("severity", _severity(history)),
        ("alerts", _alerts(history.alerts) if history.alerts else ""),
        ("service", event.service),
        ("impact", event.impact),
        ("detected by", event.detected_by),
        ("source", event.source),
        *((name, clock.told(moment) if moment else "") for name, moment in _times(history)),
    )
    return ((name, clean_line(value)) for name, value in known if value)


def _times(history: History) -> Iterator[tuple[str, datetime | None]]:
    """As they were corrected, where they were; what the event and the journal say is not said a second time."""
    event, known = history.event, history.response.times if history.response else {}

    def at(name: str) -> datetime | None:
        return known[name].value if name in known else None

    yield "occurred", at("occurred_at") or event.occurred_at
    first_known = at("first_known_at") or event.first_known_at
    yield "first known", first_known if first_known != history.received_at else None
    yield "received", history.received_at
    yield "launched", history.launched_at
    for name in ("acknowledged", "mitigated", "resolved", "closed"):
        yield name, at(f"{name}_at")


def _severity(history: History) -> str:
    first = history.event.severity
    worst = min(first, history.alerts.severity) if history.alerts else first
    raised = f", raised from {first.value} ({first.label}) by its alerts" if worst < first else ""
    unread = history.event.unread_severity
    assumed = f", assumed: nobody here knows {unread!r}" if unread else ""
    response = history.response
    now = Severity(response.severity) if response is not None else worst
    by_now = f"; by now {now.value} ({now.label})" if now is not worst else ""
    return f"{worst.value} ({worst.label}){raised}{assumed}{by_now}"


def added(summary: AlertSummary, clock: WallClock) -> Iterator[str]:
    """The reports that joined it, the newest first."""
    for each in summary.reports:
        by = f" by {clean_line(each.by)}" if each.by else ""
        yield f"{clock.told(each.at)}{by}: {clean_line(each.title)}"
        yield from (f"  {clean_line(words)}" for words in (each.impact, each.description) if words)
    if summary.more_reports:
        yield f"and {summary.more_reports:,} earlier"


def _alerts(summary: AlertSummary) -> str:
    alerts = "1 alert" if summary.alerts == 1 else f"{summary.alerts:,} alerts"
    faults = "1 fault" if summary.faults == 1 else f"{summary.faults:,} faults"
    firing = f"{summary.firing:,} still firing" if summary.firing else "all resolved"
    unreported = f", {summary.unreported:,} of these no longer reported" if summary.unreported else ""
    return f"{alerts} of {faults}, {firing}{unreported}"


def told(history: History, clock: WallClock) -> Iterator[str]:
    """Each person by each way, and what the way answered."""
    for page in history.told:
        verb = "by" if page.told else "NOT by"
        when = f"{clock.told(page.at)}  " if page.at else ""
        yield f"{when}{clean_line(page.name)} {verb} {clean_line(page.by)}: {clean_line(page.answer)}"
    if history.told_at is None and history.has_ended and not history.event.closed:
        yield CALL_SOMEBODY


def way(record: IncidentRecord, clock: WallClock) -> Iterator[str]:
    """From its receipt through every attempt to its settlement."""
    yield f"received {clock.told(record.received_at)}"
    tries = record.tries
    if not tries or tries[0].number == 1:
        first = tries[0].began_at if tries else record.first_attempt_at
        yield f"waited {_between(record.received_at, first)} in the queue"
    if len(tries) > _TRIES_SHOWN:
        yield f"of {record.attempts} attempts, the last {_TRIES_SHOWN} that ended:"
    previous: Attempt | None = None
    for each in tries[-_TRIES_SHOWN:]:
        if previous is not None and previous.number == each.number - 1:
            yield f"waited {_between(previous.ended_at, each.began_at)}"
        elif previous is not None:
            yield f"attempts {previous.number + 1} to {each.number - 1} came to no end: their workers were stopped"
        yield _attempt(each, clock)
        previous = each
    if record.attempts > (previous.number if previous else 0):
        yield f"attempt {record.attempts}: still at work, or its worker was stopped and another will go on"


def _attempt(each: Attempt, clock: WallClock) -> str:
    when = f"{clock.told(each.began_at)} for {_between(each.began_at, each.ended_at)}"
    because = f": {clean_line(each.because)}" if each.outcome is AttemptOutcome.AGAIN and each.because else ""
    return f"attempt {each.number}, {when}, by {clean_line(each.worker)}: {_OUTCOMES[each.outcome]}{because}"


def _between(start: datetime, end: datetime) -> str:
    return spell(max(end - start, timedelta()))


def deeds(audit: Iterable[AuditRecord], clock: WallClock) -> Iterator[str]:
    for record in audit:
        told = "; ".join(
            _detail(name, value)
            for name, value in record.details.items()
            if value and not name.endswith("message_id")  # for programs, which read --json
        )
        action = _DEEDS.get(record.action, record.action)
        yield f"{clock.told(record.at)}  {action} by {clean_line(record.who)}" + (f": {told}" if told else "")


def _detail(name: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = clean_line(text)
    return f"{name.replace('_', ' ')} {line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + '…'}"


def event_lines(history: History) -> Iterator[str]:
    """The alert as the monitoring system sent it, else the event; what it holds is text, whatever it wants to be."""
    event = history.event
    received = event.raw if event.raw is not None else event.model_dump(mode="json", exclude_defaults=True)
    text = received if isinstance(received, str) else json.dumps(received, indent=2, ensure_ascii=False)
    lines = text.splitlines()
    for line in lines[:_LINES_OF_EVENT]:
        yield (" " * (len(line) - len(line.lstrip())) + clean_line(line))[:_LONGEST_LINE]
    if len(lines) > _LINES_OF_EVENT:
        yield f"and {len(lines) - _LINES_OF_EVENT:,} more lines: --json shows all"
