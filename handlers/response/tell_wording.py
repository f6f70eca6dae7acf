"""What one person is told because of an entry: that they are needed, or that something is so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers import cards
from handlers.how_it_stands import how_it_stands, with_severity
from handlers.launch.route import routed
from handlers.marks import mark
from handlers.paging import wording
from handlers.paging.way import Recipient
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Announcement
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.engine.step import Done

_SUMMARY_LIMIT = 255
_TITLE = 500
_WHY = 1_000
_WHY_IN_SMS = 300
_TITLE_IN_SMS = 200


@dataclass(frozen=True, slots=True)
class TellWording:
    """`severity` is that of the entry, and `response` how it stands by now; `is_page`: they are needed.

    `acknowledge` is the link by which they say that they have it, or empty.
    """

    severity: int
    response: Response
    is_page: bool
    acknowledge: str = ""

    def on_card(self, incident: Incident, recipient: Recipient, done: Done) -> Announcement:
        now = with_severity(incident, self.response.severity)
        headline = wording.headline(now, _TITLE)
        summary = headline if self.is_page else f"{recipient.why} {headline}"
        return Announcement(
            marker=mark(incident, recipient.topic),
            summary=cut(unmentioned(summary), _SUMMARY_LIMIT),
            card=cards.card(
                self._body(now, recipient, done),
                fallback=f"{incident.id}: {incident.event.title}",
                language=routed(done).language,
            ),
            urgent=self.is_page and self.response.severity <= Severity.HIGH,
        )

    def in_sms(self, incident: Incident, recipient: Recipient) -> str:
        """Of the entry alone: the service takes no other words under a known key."""
        lines = (
            wording.headline(with_severity(incident, self.severity), _TITLE_IN_SMS),
            cut(recipient.why, _WHY_IN_SMS),
            incident.id,
            f"I have it: {self.acknowledge}" if self.acknowledge else "",
        )
        return "\n".join(line for line in lines if line)

    def in_webhook(self, incident: Incident, recipient: Recipient, done: Done) -> Mapping[str, Any]:
        body = wording.in_webhook(with_severity(incident, self.severity), recipient, done, self.acknowledge)
        owner = self.response.owner.name if self.response.owner else None
        stands = {"state": self.response.state.value, "since": self.response.since.isoformat(), "owner": owner}
        return {**body, "type": "incident.page" if self.is_page else "incident.notice", "response": stands}

    def _body(self, now: Incident, recipient: Recipient, done: Done) -> Iterator[dict[str, Any]]:
        event = now.event
        found = wording.addresses(done)
        yield from cards.heading(cut(event.title, _TITLE), event.severity)
        yield cards.markdown(harmless(cut(recipient.why, _WHY)), weight="Bolder")
        yield cards.markdown(harmless(how_it_stands(self.response)))
        links = [(title, found[name]) for name, title in wording.LINKS.items() if name in found]
        yield from cards.buttons([*links, ("I have it", self.acknowledge)])
        yield from cards.facts(wording.facts_of(now))
        yield cards.small_print(now.id, mark(now, recipient.topic), *found)
