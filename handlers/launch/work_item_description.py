"""What the work item says: everything known about the incident, as HTML made of escaped parts."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape

from handlers.launch.route import Routed
from handlers.restricted import for_everybody
from handlers.severities import assumed, spoken
from worker.clients.boards.search import title_mark
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.text import SHORT_LIMIT, clean, whole_end

# The service's own limit, counted as it counts: in UTF-16 units.
_TITLE_LIMIT = 255

# Escaped it may grow sixfold, and a long text field holds a million characters.
_RAW_LIMIT = 60_000


def title(incident: Incident) -> str:
    return cut_title(f"{title_mark(incident)} {incident.event.shown_title}")


def cut_title(text: str) -> str:
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _TITLE_LIMIT:
        return text
    kept = len(units[: 2 * (_TITLE_LIMIT - 1)].decode("utf-16-le", errors="ignore"))
    return text[: whole_end(text, kept)].rstrip() + "…"


def description(incident: Incident, route: Routed | None = None, note: str = "") -> str:
    """`note` is what of its route was refused."""
    incident, route = for_everybody(incident), route or Routed()
    event = incident.event
    parts = (
        _table(_facts(incident, route)),
        _section("Runbook", _link(route.runbook, "") if route.runbook else ""),
        _section("Not where the catalogue wishes it", _paragraph(note)),
        _section("Impact", _paragraph(event.impact)),
        _section("Description", _paragraph(event.description)),
        _section("Links", _list(_link(link.href, link.text) for link in event.links)),
        _section("Labels", _table(event.labels.items())),
        _raw(event.raw),
    )
    return "".join(parts)


def _facts(incident: Incident, route: Routed) -> Iterator[tuple[str, str]]:
    event = incident.event
    yield "Incident", incident.id
    yield "Severity", spoken(event.severity) + assumed(event, SHORT_LIMIT)
    yield "Service", service_name(event, route)
    yield "Owner", route.owner
    yield "Affected", ", ".join(event.resources)
    yield "Detected by", event.detected_by
    yield "Source", event.source
    yield "Occurred", _moment(event.occurred_at)
    yield "First known", _moment(event.first_known_at)
    yield "Received", _moment(event.received_at or incident.received_at)


def service_name(event: Event, route: Routed) -> str:
    """As the catalogue calls it, and as the alert does where that is another word."""
    name, given = route.service_of(event), event.service
    return f"{name} ({given})" if given and given.casefold() != name.casefold() else name


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td><b>{escape(name)}</b></td><td>{escape(value)}</td></tr>" for name, value in rows if value)
    return f"<table>{cells}</table>" if cells else ""


def _section(heading: str, content: str) -> str:
    return f"<h3>{escape(heading)}</h3>{content}" if content else ""


def _paragraph(text: str) -> str:
    return f"<p>{'<br>'.join(escape(line) for line in text.splitlines())}</p>" if text else ""


def _list(items: Iterable[str]) -> str:
    entries = "".join(f"<li>{item}</li>" for item in items)
    return f"<ul>{entries}</ul>" if entries else ""


def _link(href: str, text: str) -> str:
    return f'<a href="{escape(href)}">{escape(text or href)}</a>'


def _raw(alert: object) -> str:
    if alert is None:
        return ""
    text = clean(json.dumps(alert, indent=2, ensure_ascii=False, default=str))
    shown = text if len(text) <= _RAW_LIMIT else text[:_RAW_LIMIT] + "\n… (cut)"
    return f"<details><summary>The alert as it was received</summary><pre>{escape(shown)}</pre></details>"
