"""The announcement as a card, HTML and plain text, cut to what Teams takes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from handlers.launch.create_work_item import WorkItem
from handlers.launch.people_on_call import PeopleCalled
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import MESSAGE_LIMIT, Announcement
from worker.domain.event import Link, Severity
from worker.domain.incident import Incident
from worker.oncall.table import OnCall

# The rest is for the envelope around it, the mentions among it.
SIZE_LIMIT = MESSAGE_LIMIT - 4 * 1024
_SUBJECT_LIMIT = 255
_FALLBACK_LIMIT = 100
_AUTHORITY = "The work item is the authoritative place: what is decided and done is written there."
_COLOURS = {Severity.CRITICAL: "Attention", Severity.HIGH: "Attention", Severity.MEDIUM: "Warning"}
_CALM = {"spacing": "Medium"}
_LOUD = {"spacing": "Medium", "color": "Attention", "weight": "Bolder"}


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters each part may take, and how many people are named."""

    title: int
    impact: int
    description: int
    fact: int
    note: int
    links: int
    people: int


# Tried in turn until the whole fits: the alert's words give way first, links to runbooks last.
_ROOMS = (
    Room(title=500, impact=1_500, description=2_000, fact=256, note=600, links=8_000, people=20),
    Room(title=500, impact=500, description=300, fact=256, note=600, links=8_000, people=20),
    Room(title=200, impact=150, description=0, fact=100, note=250, links=6_000, people=10),
    Room(title=100, impact=0, description=0, fact=40, note=100, links=2_000, people=3),
)


def announcement(
    incident: Incident, work_item: WorkItem, on_call: OnCall | None, *, mentioning: bool = True
) -> Announcement:
    for room in _ROOMS:
        people = PeopleCalled.of(on_call, most=room.people, note=room.note, mentioning=mentioning)
        draft = _draft(incident, work_item, people, room)
        if size(draft) <= SIZE_LIMIT:
            break
    return draft


def size(draft: Announcement) -> int:
    """As bytes on the wire, in the costlier of the two ways: the card as a JSON string within JSON."""
    sent = (draft.subject, draft.text, draft.html, json.dumps(dict(draft.card)))
    return len(json.dumps(sent))


def _draft(incident: Incident, work_item: WorkItem, people: PeopleCalled, room: Room) -> Announcement:
    event = incident.event
    head = unmentioned(f"[{incident.id}] {event.severity.label.upper()}: {cut(event.title, room.title)}")
    return Announcement(
        marker=incident.id,
        subject=cut(head, _SUBJECT_LIMIT),
        text=f"{head}\nWork item {work_item.id}: {work_item.url}\n{people.in_text()}",
        html=_html(incident, work_item, people),
        card=_card(incident, work_item, people, room),
        mentions=tuple(people.mentions.values()),
        urgent=event.severity <= Severity.HIGH,
    )


def _html(incident: Incident, work_item: WorkItem, people: PeopleCalled) -> str:
    """Without the title, which stands above it as the subject and below it on the card."""
    link = f'<a href="{escape(work_item.url)}">Work item {work_item.id}</a>'
    return f"<p>{incident.id}: {link}</p><p>{people.in_html()}</p>"


def _card(incident: Incident, work_item: WorkItem, people: PeopleCalled, room: Room) -> dict[str, Any]:
    event = incident.event
    colour = _COLOURS.get(event.severity, "Default")
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": f"{incident.id}: {unmentioned(cut(event.title, _FALLBACK_LIMIT))} {work_item.url}",
        "body": [
            *_words(cut(event.title, room.title), size="Large", weight="Bolder", color=colour),
            *_words(cut(event.impact, room.impact), weight="Bolder"),
            _text(people.in_markdown(), **(_CALM if people.named else _LOUD)),
            {"type": "FactSet", "facts": [{"title": name, "value": value} for name, value in _facts(incident, room)]},
            *_words(cut(event.description, room.description)),
            *_links(event.links, room.links),
            _text(_AUTHORITY, isSubtle=True, size="Small"),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": f"Open work item {work_item.id}", "url": work_item.url}],
        "msteams": {"width": "Full", "entities": people.card_entities()},
    }


def _text(markdown: str, **looks: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": markdown, "wrap": True, **looks}


def _words(text: str, **looks: str) -> Iterator[dict[str, Any]]:
    """An alert's own words: in text runs, the one element of a card that reads no Markdown."""
    if text:
        run = {"type": "TextRun", "text": unmentioned(text), **looks}
        yield {"type": "RichTextBlock", "inlines": [run]}


def _facts(incident: Incident, room: Room) -> Iterator[tuple[str, str]]:
    event = incident.event
    known = (
        ("Incident", incident.id),
        ("Severity", f"{event.severity.value} ({event.severity.label})"),
        ("Service", event.service),
        ("Detected by", event.detection_source.value.replace("-", " ")),
        ("Source", event.source),
        ("Occurred", _moment(event.occurred_at)),
        ("First known", _moment(event.first_known_at)),
        ("Received", _moment(event.received_at or incident.received_at)),
    )
    return ((name, harmless(cut(value, room.fact))) for name, value in known if value)


def _links(links: Sequence[Link], limit: int) -> Iterator[dict[str, Any]]:
    """Whole links or none: half an address helps nobody."""
    shown: list[str] = []
    for link in links:
        markdown = f"[{harmless(link.text or link.href)}]({_address(link.href)})"
        limit -= len(markdown)
        if limit < 0:
            shown.append(f"and {len(links) - len(shown)} more in the work item")
            break
        shown.append(markdown)
    if shown:
        yield _text("Links: " + ", ".join(shown))


def _address(url: str) -> str:
    # A closing bracket would end the link early, and the rest of the address would read as text.
    return url.replace("(", "%28").replace(")", "%29")


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
