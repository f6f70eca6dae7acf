"""A shift in sentences, for one person: when it is, who goes and who comes, and what is open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from handlers import cards
from handlers.marks import SHIFT, mark
from handlers.paging.way import Recipient
from handlers.sanitizing import cut, harmless, unmentioned
from worker.clients.posting.poster import Announcement
from worker.domain.incident import Incident
from worker.engine.step import Done
from worker.oncall.notices.message import HandedOver, ShiftMessage, ShiftRecipient
from worker.oncall.notices.notice import NoticeKind

_SUMMARY_LIMIT = 255
_NAMES = 5
_NAMES_LIMIT = 300
_TITLE_IN_SMS = 80
_INCIDENTS_IN_SMS = 3


@dataclass(frozen=True, slots=True)
class ShiftWording:
    """What one person is told of a shift, in their own time zone."""

    message: ShiftMessage
    told: ShiftRecipient

    @property
    def what(self) -> str:
        """The first sentence."""
        schedule = f"for {cut(self.message.schedule, _NAMES_LIMIT)!r}"
        if self.message.kind is NoticeKind.MOVED:
            return f"Shifts of yours were moved by {self.message.by}." if self.message.by else "Shifts of yours moved."
        if self.message.kind is NoticeKind.BEFORE:
            return f"You are on call {schedule} {self._span()}."
        if self.told.comes:
            return f"You are on call {schedule} now, {self._span()}."
        return f"You are no longer on call {schedule} since {self._time(self.message.instant)} ({self._zone.key})."

    def on_card(self, incident: Incident, recipient: Recipient, done: Done) -> Announcement:
        del recipient, done
        return Announcement(
            marker=mark(incident, SHIFT),
            summary=cut(unmentioned(self.what), _SUMMARY_LIMIT),
            card=cards.card(self._body(incident), fallback=self.what),
        )

    def in_sms(self, incident: Incident, recipient: Recipient) -> str:
        del incident, recipient
        named = (self.message.incidents or ())[:_INCIDENTS_IN_SMS]
        lines = [self.what, *self._handed_over(), *(_line(each, _TITLE_IN_SMS) for each in named)]
        return "\n".join([*lines, *self._more(named)])

    def in_webhook(self, incident: Incident, recipient: Recipient, done: Done) -> dict[str, Any]:
        del done
        message = self.message
        return {
            "type": f"shift.{message.kind}",
            "id": incident.id,
            "schedule": message.schedule,
            "services": list(message.services),
            "at": message.instant.isoformat(),
            "until": self.told.until.isoformat() if self.told.until else None,
            "person": {"name": recipient.name, "address": recipient.address},
            "reason": " ".join([self.what, *self._handed_over()]),
            "going": list(message.going),
            "coming": list(message.coming),
            "on_call": list(message.on_call),
            "incidents": None
            if message.incidents is None
            else [each.model_dump(mode="json") for each in message.incidents],
            "more_incidents": message.more,
            "moves": list(message.moves),
        }

    def _handed_over(self) -> Iterator[str]:
        """Who comes or goes on the other side, and whether anything is open; or what a change moved."""
        message = self.message
        if message.kind is not NoticeKind.HANDOVER:
            yield from message.moves
            return
        if self.told.comes:
            yield f"You take over from {_names(message.going)}." if message.going else "You take over from nobody."
        else:
            yield f"You hand over to {_names(message.coming)}." if message.coming else "You hand over to nobody."
        if not message.on_call:
            yield "NOBODY is on call now."
        elif set(message.on_call) - set(message.coming):
            yield f"On call now: {_names(message.on_call)}."
        if message.services:
            yield f"Open incidents: {self._count()}."

    def _count(self) -> str:
        message = self.message
        if message.incidents is None:
            return "they could not be looked up"
        count = len(message.incidents) + message.more
        return f"more than {count}" if message.more_at_least else str(count or "none")

    def _more(self, named: Sequence[HandedOver]) -> Iterator[str]:
        message = self.message
        if more := len(message.incidents or ()) - len(named) + message.more:
            yield f"and {'more than ' if message.more_at_least else ''}{more} more"

    def _body(self, incident: Incident) -> Iterator[dict[str, Any]]:
        message = self.message
        yield from cards.plain(self.what, weight="Bolder")
        for sentence in self._handed_over():
            yield cards.markdown(harmless(sentence))
        named = message.incidents or ()
        for each in named:
            opens = {"selectAction": {"type": "Action.OpenUrl", "url": each.url}} if each.url else {}
            yield from cards.plain(_line(each, len(each.title)), **opens)
        for words in self._more(named):
            yield cards.markdown(words)
        yield from cards.facts([("Services", cards.listing(message.services, most=_NAMES, limit=_NAMES_LIMIT))])
        yield cards.small_print(mark(incident, SHIFT))

    def _span(self) -> str:
        start, end = self._time(self.message.instant), self.told.until
        if end is None:
            return f"from {start} ({self._zone.key}) on"
        again = ", and again after a pause" if self.told.pauses else ""
        return f"from {start} to {self._time(end)} ({self._zone.key}){again}"

    def _time(self, at: datetime) -> str:
        return f"{at.astimezone(self._zone):%a %d %b %H:%M}"

    @property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.told.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")


def _line(each: HandedOver, limit: int) -> str:
    service = f" ({each.service})" if each.service else ""
    holder = f", {each.has_it} has it" if each.has_it else ""
    return f"{each.severity.label.upper()}: {cut(each.title, limit)}{service}{holder}, {each.incident_id}"


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return cut(", ".join(names[:_NAMES]), _NAMES_LIMIT) + more
