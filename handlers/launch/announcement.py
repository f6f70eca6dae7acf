"""The announcement of an incident: a card that says everything once, cut to what Teams takes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from handlers import cards
from handlers.how_it_stands import clock, how_it_stands
from handlers.launch.create_work_item import WorkItem
from handlers.launch.people_on_call import PeopleCalled, people_mark
from handlers.launch.route import Routed
from handlers.launch.untold import untold, untold_mark
from handlers.launch.work_item_description import service_name
from handlers.marks import ANNOUNCEMENT, mark
from handlers.response_facts import (
    escalation_facts,
    impact_facts,
    name_of,
    people_facts,
    relation_facts,
    severity_of,
    time_facts,
)
from handlers.restricted import for_everybody, response_for_everybody
from handlers.sanitizing import cut, harmless, unmentioned
from handlers.severities import assumed, explained, spoken
from worker.clients.posting.poster import MESSAGE_LIMIT, Announcement
from worker.clients.teams.client import Channel
from worker.domain.event import Link, Severity
from worker.domain.incident import Incident
from worker.domain.page import Page
from worker.domain.response.response import Response
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
    """What is known by now of an incident's launch and response; None is what is not there yet.

    `channel`: the incident's own, on a message that stands elsewhere. `pages`: who was told. `mentioning`: whether
    people are called by it, and `by_address` whether also those of whom no object id is known. `route`: where it lives.
    `severity`: what its alerts have raised it to, until a person sets it.
    """

    work_item: WorkItem | None = None
    on_call: OnCall | None = None
    channel: Channel | None = None
    severity: Severity | None = None
    pages: tuple[Page, ...] = ()
    mentioning: bool = True
    by_address: bool = False
    route: Routed = _BY_THE_SETTINGS
    response: Response | None = None

    def severity_of(self, incident: Incident) -> Severity:
        """The worst that anybody knows of; people's word beats that of alerts."""
        raised = self.severity
        if self.response is None:
            return raised or incident.event.severity
        set_to = severity_of(self.response)
        return set_to if raised is None or self.response.severity_by_person else min(raised, set_to)


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
    """`kind` is that of its mark: what stands in the incident's own channel, or elsewhere.

    Whoever is in the team reads it, also of a restricted incident.
    """
    incident = for_everybody(incident)
    if known.response is not None:
        known = replace(known, response=response_for_everybody(known.response))
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
    severity = known.severity_of(incident)
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
    event, response = incident.event, known.response
    severity = known.severity_of(incident)
    yield from cards.heading(cut(event.title, room.title), severity)
    if response:
        yield cards.markdown(harmless(cut(how_it_stands(response), room.fact)), weight="Bolder")
    yield from cards.plain(cut(_impact(incident, response), room.impact), weight="Bolder")
    yield cards.markdown(people.in_markdown(), **(_CALM if people.named else _LOUD))
    if said := untold(known.pages):
        yield cards.markdown(harmless(cut(said, room.note)), **_LOUD)
    yield from cards.buttons(_addresses(known))
    yield from cards.facts(_stands(known, room))
    yield from cards.plain(_last_update(response, room))
    yield from cards.facts(_facts(incident, severity, known, room))
    yield from cards.plain(cut(event.description, room.description))
    yield from _links(event.links, room.links)
    yield cards.markdown(_where_it_goes_on(known), isSubtle=True, size="Small")
    yield cards.small_print(
        incident.id, marker, people_mark(known.on_call), untold_mark(known.pages), *_version(response)
    )


def _version(response: Response | None) -> Iterator[str]:
    """Which entry of the response it shows."""
    if response:
        yield f"entry {response.seq}"


def _impact(incident: Incident, response: Response | None) -> str:
    stated = response.impact.text if response and response.impact else ""
    return stated or incident.event.impact


def _stands(known: Known, room: Room) -> Iterator[tuple[str, str]]:
    """What the response has come to: who leads, what is promised, how far the escalation is."""
    if (response := known.response) is None:
        return
    yield from _within(room, people_facts(response))
    yield from time_facts(response, cards.moment)
    yield from _within(room, escalation_facts(response, cards.moment), exact=("Goes on",))
    yield from _within(room, impact_facts(response.impact, cards.moment), exact=("Impact since", "Impact until"))
    yield from _within(room, relation_facts(response))


def _within(room: Room, facts: Iterable[tuple[str, str]], *, exact: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """People's words made safe and cut; `exact` are those of ours that are markup."""
    for title, value in islice(facts, room.people):
        yield harmless(cut(title, room.fact)), value if title in exact else harmless(cut(value, room.fact))


def _last_update(response: Response | None, room: Room) -> str:
    if response is None or (last := response.last_update) is None:
        return ""
    phase = f", {last.phase}" if last.phase else ""
    return cut(f"Update of {clock(last.at)} by {name_of(response, last.by)}{phase}: {last.text}", room.impact)


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


def _facts(incident: Incident, severity: Severity, known: Known, room: Room) -> Iterator[tuple[str, str]]:
    event, route = incident.event, known.route
    verb = "raised" if severity < event.severity else "lowered"
    changed = f", {verb} from {event.severity.value}" if severity != event.severity else ""
    says = explained(severity) if known.response else spoken(severity)
    yield "Severity", says + changed + assumed(event, room.fact)
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
