"""What a page says: what happened, why this person hears of it, and where to go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handlers import cards
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.route import routed
from handlers.marks import CHAT, mark
from handlers.paging.way import Recipient
from handlers.sanitizing import cut, harmless, unmentioned
from handlers.severities import spoken
from worker.clients.posting.poster import Announcement
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.engine.step import Done

_SUMMARY_LIMIT = 255
_TITLE_IN_SMS = 200
_TITLE_ON_CARD = 500
_IMPACT = 500
_RESOURCES = 10
_RESOURCES_LIMIT = 256
LINKS = {"channel": "Open the incident's channel", "work_item": "Open the work item"}


@dataclass(frozen=True, slots=True)
class PageWording:
    """That somebody is needed; `acknowledge` is the link by which they say that they have it, or empty."""

    acknowledge: str = ""

    def on_card(self, incident: Incident, recipient: Recipient, done: Done) -> Announcement:
        return on_card(incident, recipient, done, self.acknowledge)

    def in_sms(self, incident: Incident, recipient: Recipient) -> str:
        return in_sms(incident, recipient, self.acknowledge)

    def in_webhook(self, incident: Incident, recipient: Recipient, done: Done) -> dict[str, Any]:
        return in_webhook(incident, recipient, done, self.acknowledge)


def addresses(done: Done) -> dict[str, str]:
    """Where the incident can be looked at by now."""
    channel, work_item = done.wanted(CreateChannel), done.wanted(CreateWorkItem)
    return {
        **({"channel": channel.url} if channel else {}),
        **({"work_item": work_item.url} if work_item else {}),
    }


def facts_of(incident: Incident) -> Iterator[tuple[str, str]]:
    event = incident.event
    yield "Severity", spoken(event.severity)
    yield "Affected", cards.listing(event.resources, most=_RESOURCES, limit=_RESOURCES_LIMIT)
    yield "Service", harmless(event.service)
    yield "Received", cards.moment(event.received_at or incident.received_at)


def headline(incident: Incident, limit: int) -> str:
    event = incident.event
    service = f" ({event.service})" if event.service else ""
    return f"{event.severity.label.upper()}: {cut(event.title, limit)}{service}"


def in_sms(incident: Incident, recipient: Recipient, acknowledge: str) -> str:
    """A few lines without markup, the same in every attempt: the service takes no other words under a known key."""
    lines = (
        headline(incident, _TITLE_IN_SMS),
        recipient.why,
        incident.id,
        f"I have it: {acknowledge}" if acknowledge else "",
    )
    return "\n".join(line for line in lines if line)


def in_webhook(incident: Incident, recipient: Recipient, done: Done, acknowledge: str) -> dict[str, Any]:
    event = incident.event
    return {
        "type": "incident.page",
        "incident": {
            "id": incident.id,
            "title": event.title,
            "severity": event.severity.value,
            "severity_label": event.severity.label,
            "service": event.service,
            "impact": event.impact,
            "resources": list(event.resources),
            "received_at": incident.received_at.isoformat(),
        },
        "person": {"name": recipient.name, "address": recipient.address},
        "reason": recipient.why,
        "level": recipient.level,
        "links": {**addresses(done), **({"acknowledge": acknowledge} if acknowledge else {})},
    }


def on_card(incident: Incident, recipient: Recipient, done: Done, acknowledge: str) -> Announcement:
    event = incident.event
    return Announcement(
        marker=mark(incident, recipient.topic or CHAT),
        summary=cut(unmentioned(headline(incident, _TITLE_ON_CARD)), _SUMMARY_LIMIT),
        card=cards.card(
            _body(incident, recipient, done, acknowledge),
            fallback=f"{incident.id}: {event.title}",
            language=routed(done).language,
        ),
        urgent=event.severity <= Severity.HIGH,
    )


def _body(incident: Incident, recipient: Recipient, done: Done, acknowledge: str) -> Iterator[dict[str, Any]]:
    event = incident.event
    found = addresses(done)
    yield from cards.heading(cut(event.title, _TITLE_ON_CARD), event.severity)
    yield from cards.plain(cut(event.impact, _IMPACT), weight="Bolder")
    yield cards.markdown(harmless(recipient.why))
    yield from cards.buttons([*((LINKS[name], url) for name, url in found.items()), ("I have it", acknowledge)])
    yield from cards.facts(facts_of(incident))
    yield cards.small_print(incident.id, mark(incident, recipient.topic or CHAT), *found)
