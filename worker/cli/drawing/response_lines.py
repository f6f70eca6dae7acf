"""How the response to an incident stands, and what happened, as lines for people."""

from collections.abc import Iterator
from datetime import timedelta

from worker.cli.drawing.wall_clock import WallClock
from worker.domain.response.state import RUNNING
from worker.domain.text import clean_line
from worker.incidents.history import History
from worker.incidents.response import ShownEntry, ShownEscalation, ShownImpact, ShownResponse, ShownRole

_SHOWN = 40
_NOTED_LATER = timedelta(minutes=1)


def response_lines(history: History, clock: WallClock) -> Iterator[str]:
    """State, owner, severity, impact, roles, next update, escalation; nothing where none has begun."""
    response = history.response
    if response is None:
        return
    by = f" by {response.by}" if response.by else ""
    yield clean_line(f"{response.state} since {clock.told(response.since)}{by}")
    nobody = "nobody yet" if response.state in RUNNING else "nobody"
    yield clean_line(f"owner: {response.owner.name if response.owner else nobody}; severity {response.severity}")
    if response.merged_into:
        yield f"goes on in {clean_line(response.merged_into)}"
    yield from (clean_line(line) for line in _more(response, clock) if line)


def _more(response: ShownResponse, clock: WallClock) -> Iterator[str]:
    if response.phase:
        yield f"phase: {response.phase}"
    if response.impact is not None:
        yield f"impact: {_impact(response.impact)}"
    for role in response.roles:
        yield _role(role, clock)
    if response.next_update_at is not None:
        yield f"next update by {clock.told(response.next_update_at)}"
    if response.escalation is not None and response.state in RUNNING:
        yield _escalation(response.escalation, clock)


def entry_lines(history: History, clock: WallClock) -> Iterator[str]:
    """In the order in which it happened, the newest last."""
    entries = sorted(history.entries, key=lambda entry: (entry.at, entry.seq))
    if len(entries) > _SHOWN:
        yield f"{len(entries) - _SHOWN:,} earlier entries: --json shows all"
    for entry in entries[-_SHOWN:]:
        yield f"{clock.told(entry.at)}  {clean_line(entry.text)} ({_origin(entry, clock)})"


def _origin(entry: ShownEntry, clock: WallClock) -> str:
    """Who, where the sentence does not begin with them, from where, and when it was noted, if that was later."""
    who = clean_line(entry.actor.name)
    is_said = clean_line(entry.text).startswith(who) or entry.actor.kind == entry.source
    is_late = entry.recorded_at - entry.at >= _NOTED_LATER
    noted = f"noted at {clock.time_of_day(entry.recorded_at)}" if is_late else ""
    return ", ".join(filter(None, ("" if is_said else who, entry.source, noted)))


def _impact(impact: ShownImpact) -> str:
    facts = (
        impact.text,
        f"{impact.customers:,} customers" if impact.customers is not None else "",
        ", ".join(impact.regions),
        ", ".join(impact.services),
    )
    return "; ".join(filter(None, facts))


def _role(role: ShownRole, clock: WallClock) -> str:
    until = f" until {clock.told(role.until)}" if role.until is not None else ""
    topic = f" for {role.topic}" if role.topic else ""
    return f"{role.role}{topic}: {role.name} since {clock.told(role.since)}{until}"


def _escalation(escalation: ShownEscalation, clock: WallClock) -> str:
    policy = f" of {escalation.policy}" if escalation.policy else ""
    due = f"; next at {clock.told(escalation.due_at)}" if escalation.due_at is not None else ""
    return f"escalation: level {escalation.level}, round {escalation.round}{policy}{due}"
