"""The announcement of an incident: a card that says everything once, cut to what Teams takes."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from handlers import cards
from handlers.launch.create_work_item import WorkItem
from handlers.launch.people_on_call import PeopleCalled, people_mark
from handlers.launch.route import Routed
from handlers.launch.untold import untold, untold_mark
from handlers.launch.work_item_description import service_name
from handlers.marks import ANNOUNCEMENT, mark
from handlers.sanitizing import cut, harmless, unmentioned
from handlers.severities import assumed, spoken
from worker.clients.posting.poster import MESSAGE_LIMIT, Announcement
from worker.clients.teams.client import Channel
from worker.domain.event import Link, Severity
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.oncall.on_call import OnCall

# The rest is for the envelope around it, the mentions among it.
SIZE_LIMIT = MESSAGE_LIMIT - 4 * 1024
_SUMMARY_LIMIT = 255
_AUTHORITY = "The work item is the authoritative place: what is decided and done is written there."
_IN_CHANNEL = "All else is said in the incident's channel."
_NO_WORK_ITEM = "There is no work item yet; it is still being tried, and its link will stand here."
_CALM = {"spacing": "Medium"}
_LOUD = {"spacing": "Medium", "color": "Attention", "weight": "Bolder"}
_RESOURCES = 10
_BY_THE_SETTINGS = Routed()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known by now of an incident's launch; None is what is not there yet.

    `channel`: the incident's own, on a message that stands elsewhere. `pages`: who was told. `mentioning`: whether
    people are called by it, and `by_address` whether also those of whom no object id is known. `route`: where it lives.
    """

    work_item: WorkItem | None = None
    on_call: OnCall | None = None
    channel: Channel | None = None
    severity: Severity | None = None
    pages: tuple[Page, ...] = ()
    mentioning: bool = True
    by_address: bool = False
    route: Routed = _BY_THE_SETTINGS


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


def announcement(incident: Incident, known: Known, *, kind: str = ANNOUNCEMENT) -> Announcement:
    """`kind` is that of its mark: what stands in the incident's own channel, or elsewhere."""
    for room in _ROOMS:
        draft = _draft(incident, known, room, mark(incident, kind))
        if size(draft) <= SIZE_LIMIT:
            break
    return draft


def size(draft: Announcement) -> int:
    """As bytes on the wire, in the costlier of the two ways: the card as a JSON string within JSON."""
    return len(json.dumps((draft.summary, json.dumps(dict(draft.card)))))


def _draft(incident: Incident, known: Known, room: Room, marker: str) -> Announcement:
    event = incident.event
    severity = known.severity or event.severity
    people = PeopleCalled.of(
        known.on_call, most=room.people, note=room.note, mentioning=known.mentioning, by_address=known.by_address
    )
    return Announcement(
        marker=marker,
        summary=cut(unmentioned(f"{severity.label.upper()}: {event.title}"), _SUMMARY_LIMIT),
        card=cards.card(
            _body(incident, known, people, room, marker),
            fallback=f"{incident.id}: {event.title}",
            entities=people.card_entities(),
            language=known.route.language,
        ),
        mentions=tuple(people.mentions.values()),
        urgent=severity <= Severity.HIGH,
    )


def _body(incident: Incident, known: Known, people: PeopleCalled, room: Room, marker: str) -> Iterator[dict[str, Any]]:
    event = incident.event
    severity = known.severity or event.severity
    yield from cards.heading(cut(event.title, room.title), severity)
    yield from cards.plain(cut(event.impact, room.impact), weight="Bolder")
    yield cards.markdown(people.in_markdown(), **(_CALM if people.named else _LOUD))
    if said := untold(known.pages):
        yield cards.markdown(harmless(cut(said, room.note)), **_LOUD)
    yield from cards.buttons(_addresses(known))
    yield from cards.facts(_facts(incident, severity, known.route, room))
    yield from cards.plain(cut(event.description, room.description))
    yield from _links(event.links, room.links)
    yield cards.markdown(_where_it_goes_on(known), isSubtle=True, size="Small")
    yield cards.small_print(incident.id, marker, people_mark(known.on_call), untold_mark(known.pages))


def _where_it_goes_on(known: Known) -> str:
    if known.work_item:
        return _AUTHORITY
    return _IN_CHANNEL if known.channel else _NO_WORK_ITEM


def _addresses(known: Known) -> Iterator[tuple[str, str]]:
    if known.channel:
        yield "Open the incident's channel", known.channel.url
    if known.work_item:
        yield f"Open work item {known.work_item.id}", known.work_item.url
    if known.route.runbook:
        yield "Open the runbook", known.route.runbook


def _facts(incident: Incident, severity: Severity, route: Routed, room: Room) -> Iterator[tuple[str, str]]:
    event = incident.event
    raised = f", raised from {event.severity.value}" if severity < event.severity else ""
    yield "Severity", spoken(severity) + raised + assumed(event, room.fact)
    yield "Affected", cards.listing(event.resources, most=_RESOURCES, limit=room.fact)
    yield "Service", harmless(cut(service_name(event, route), room.fact))
    yield "Owner", harmless(cut(route.owner, room.fact))
    yield "Detected by", event.detected_by
    yield "Source", harmless(cut(event.source, room.fact))
    yield "Occurred", cards.moment(event.occurred_at)
    yield "First known", cards.moment(event.first_known_at)
    yield "Received", cards.moment(event.received_at or incident.received_at)


def _links(links: Sequence[Link], limit: int) -> Iterator[dict[str, Any]]:
    """Whole links or none: half an address helps nobody."""
    shown: list[str] = []
    for link in links:
        linked = f"[{harmless(link.text or link.href)}]({_address(link.href)})"
        limit -= len(linked)
        if limit < 0:
            shown.append(f"and {len(links) - len(shown)} more in the work item")
            break
        shown.append(linked)
    if shown:
        yield cards.markdown("Links: " + ", ".join(shown))


def _address(url: str) -> str:
    # A closing bracket would end the link early, and the rest of the address would read as text.
    return url.replace("(", "%28").replace(")", "%29")
