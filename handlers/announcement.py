"""The announcement as a card, HTML and plain text, in which an alert's words can make no link and no mention."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from handlers.create_work_item import WorkItem
from worker.clients.on_call import OnCall, Person
from worker.clients.posting import Announcement, Mention
from worker.incident import Incident, Link, Severity

# What Teams takes, less the envelope around it.
SIZE_LIMIT = 24 * 1024
_SUBJECT_LIMIT = 255
_LOOKUP_FAILED = "Who is on call could not be looked up. Call somebody yourself; the work item says what failed."
_AUTHORITY = "The work item is the authoritative place: what is decided and done is written there."
_NOBODY = "NOBODY IS ON CALL."
_NOTE_LIMIT = 600
_CALM = {"spacing": "Medium"}
_LOUD = {"spacing": "Medium", "color": "Attention", "weight": "Bolder"}
_COLOURS = {Severity.CRITICAL: "Attention", Severity.HIGH: "Attention", Severity.MEDIUM: "Warning"}
_HARMLESS = str.maketrans({"[": "(", "]": ")", "<": "\u2039", ">": "\u203a"})
_MENTION_TAG = re.compile(r"<(?=/?at\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters each part may take."""

    title: int
    impact: int
    description: int
    links: int
    people: int
    """How many are named."""


# Tried in turn until the whole fits: the alert's words give way first, links to runbooks last.
_ROOMS = (
    Room(title=500, impact=1_500, description=2_000, links=8_000, people=20),
    Room(title=500, impact=500, description=300, links=8_000, people=20),
    Room(title=200, impact=150, description=0, links=6_000, people=10),
    Room(title=100, impact=0, description=0, links=2_000, people=3),
)


def announcement(
    incident: Incident, work_item: WorkItem, on_call: OnCall | None, *, mentioning: bool = True
) -> Announcement:
    drafts = (_draft(incident, work_item, on_call, room, mentioning=mentioning) for room in _ROOMS)
    return next((draft for draft in drafts if size(draft) <= SIZE_LIMIT), None) or _draft(
        incident, work_item, on_call, _ROOMS[-1], mentioning=mentioning
    )


def size(draft: Announcement) -> int:
    """As bytes on the wire, in the costlier of the two ways: the card as a JSON string within JSON."""
    sent = (draft.subject, draft.text, draft.html, json.dumps(dict(draft.card)))
    return len(json.dumps(sent))


def _draft(
    incident: Incident, work_item: WorkItem, on_call: OnCall | None, room: Room, *, mentioning: bool
) -> Announcement:
    named = _first(on_call, room)
    mentioned = [person for person in named if person.object_id] if mentioning else []
    title = _unmentioned(cut(incident.event.title, room.title))
    head = f"[{incident.id}] {incident.event.severity.label.upper()}: {title}"
    return Announcement(
        marker=incident.id,
        subject=cut(head, _SUBJECT_LIMIT),
        text=f"{head}\nWork item {work_item.id}: {work_item.url}\n{_who(on_call, named, _plain_name, str)}",
        html=_html(head, work_item, _who(on_call, named, _html_names(mentioned), escape)),
        card=_card(incident, work_item, on_call, room, mentioned),
        mentions=tuple(Mention(harmless(person.name), person.object_id or "") for person in mentioned),
        urgent=incident.event.severity <= Severity.HIGH,
    )


def _first(on_call: OnCall | None, room: Room) -> Sequence[Person]:
    return on_call.people[: room.people] if on_call else ()


def _who(
    on_call: OnCall | None, named: Sequence[Person], write: Callable[[Person], str], safe: Callable[[str], str]
) -> str:
    """The people as one medium writes them; that nobody was found is said, never left out."""
    if on_call is None:
        return _LOOKUP_FAILED
    people = [write(person) + (f" ({safe(person.role)})" if person.role else "") for person in named]
    if len(on_call.people) > len(named):
        people.append(f"{len(on_call.people) - len(named)} more")
    told = f"On call: {', '.join(people)}." if people else ""
    note = safe(cut(on_call.note, _NOTE_LIMIT))
    return " ".join(part for part in (told, note) if part) or _NOBODY


def _plain_name(person: Person) -> str:
    return person.name


def _html_names(mentioned: list[Person]) -> Callable[[Person], str]:
    numbers = {person.email: number for number, person in enumerate(mentioned)}

    def write(person: Person) -> str:
        number = numbers.get(person.email)
        name = escape(harmless(person.name))
        return name if number is None else f'<at id="{number}">{name}</at>'

    return write


def _card_names(mentioned: list[Person]) -> Callable[[Person], str]:
    called = {person.email for person in mentioned}

    def write(person: Person) -> str:
        name = harmless(person.name)
        return f"<at>{name}</at>" if person.email in called else name

    return write


def _html(head: str, work_item: WorkItem, who: str) -> str:
    link = f'<a href="{escape(work_item.url)}">Work item {work_item.id}</a>'
    return f"<p><b>{escape(head)}</b></p><p>{link}</p><p>{who}</p>"


def _card(
    incident: Incident, work_item: WorkItem, on_call: OnCall | None, room: Room, mentioned: list[Person]
) -> dict[str, Any]:
    event = incident.event
    who = _who(on_call, _first(on_call, room), _card_names(mentioned), harmless)
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": f"{incident.id}: {cut(event.title, 100)} {work_item.url}",
        "body": [
            *_words(cut(event.title, room.title), size="Large", weight="Bolder", color=_colour(incident)),
            *_words(cut(event.impact, room.impact), weight="Bolder"),
            {"type": "TextBlock", "text": who, "wrap": True, **(_CALM if on_call and on_call.people else _LOUD)},
            {"type": "FactSet", "facts": [{"title": name, "value": value} for name, value in _facts(incident)]},
            *_words(cut(event.description, room.description)),
            *_links(event.links, room.links),
            {"type": "TextBlock", "text": _AUTHORITY, "wrap": True, "isSubtle": True, "size": "Small"},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": f"Open work item {work_item.id}", "url": work_item.url}],
        "msteams": {"width": "Full", "entities": [_entity(person) for person in mentioned]},
    }


def _words(text: str, **looks: str) -> Iterator[dict[str, Any]]:
    """An alert's own words: in text runs, the one element of a card that reads no Markdown."""
    if text:
        run = {"type": "TextRun", "text": _unmentioned(text), **looks}
        yield {"type": "RichTextBlock", "inlines": [run]}


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
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
    return ((name, harmless(value)) for name, value in known if value)


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
        yield {"type": "TextBlock", "text": "Links: " + ", ".join(shown), "wrap": True}


def _address(url: str) -> str:
    # A bracket would end the link early, and the rest of the address would read as text.
    return url.replace("(", "%28").replace(")", "%29")


def _entity(person: Person) -> dict[str, Any]:
    name = harmless(person.name)
    return {
        "type": "mention",
        "text": f"<at>{name}</at>",
        "mentioned": {"id": person.object_id, "name": name},
    }


def _colour(incident: Incident) -> str:
    return _COLOURS.get(incident.event.severity, "Default")


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def harmless(text: str) -> str:
    """The text for places that read Markdown: with these four replaced, it can make no link and no mention."""
    return text.translate(_HARMLESS)


def _unmentioned(text: str) -> str:
    """The text for places that read no Markdown, where only the tag around a mentioned name has a meaning."""
    return _MENTION_TAG.sub("\u2039", text)


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…" if limit else ""
