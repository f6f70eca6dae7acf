"""The ways that this installation has, and those that lead to one person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from handlers.paging.chat import Chat
from handlers.paging.sms import ShortMessage
from handlers.paging.way import Recipient, ToOne, Wording
from handlers.paging.webhook import Webhook
from handlers.paging.wording import PageWording
from worker.clients.pager.webhook import PagerWebhook
from worker.clients.posting.chats import BotChats
from worker.clients.sms.client import Sms
from worker.clients.teams.client import Teams
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.page import LAST_RESORT
from worker.domain.paging_ways import CHAT, MENTION, SMS, WEBHOOK, PagingWays, read_paging_ways
from worker.domain.phone_number import masked, read_phone_number
from worker.oncall.on_call import OnCall, Person


@dataclass(frozen=True, slots=True)
class Ways:
    """What is not configured is None, or missing from `webhooks`. `default` is for people whose row says nothing.

    `acknowledge` makes the link by which one person says that they have it; empty where there are none.
    """

    teams: Teams
    chats: BotChats | None
    sms: Sms | None
    webhooks: Mapping[str, PagerWebhook]
    default: PagingWays
    acknowledge: Callable[[Incident, str], str] = lambda *_: ""

    def chosen(self, person: Person, severity: Severity) -> Sequence[str]:
        return self.by(person.paging, severity)

    def by(self, paging: str, severity: Severity) -> Sequence[str]:
        """Those of a person whose row of the roster says this."""
        return self._read(paging).for_severity(severity)

    def to(self, incident: Incident, recipient: Recipient, by: str, wording: Wording | None = None) -> ToOne | None:
        """None where this way is not configured, or leads to nobody. Without other words it is a page."""
        says = wording or PageWording(self.acknowledge(incident, recipient.address))
        if by == CHAT and self.chats:
            return Chat(recipient, self.chats, self.teams, says)
        if by == SMS and self.sms and recipient.phone:
            return ShortMessage(recipient, self.sms, says)
        if by.startswith(WEBHOOK) and (webhook := self.webhooks.get(by.removeprefix(WEBHOOK))):
            return Webhook(recipient, webhook, says)
        return None

    def without_channel(
        self, incident: Incident, recipient: Recipient, paging: str, wording: Wording
    ) -> Sequence[ToOne]:
        """What is not urgent and concerns no channel: by the ways of the mildest severity that lead anywhere.

        A chat stands for a mention. `paging` is as it was typed.
        """
        ways = self._read(paging)
        for severity in reversed(Severity):
            chosen = dict.fromkeys(CHAT if by == MENTION else by for by in ways.for_severity(severity))
            parts = [part for by in chosen if (part := self.to(incident, recipient, by, wording)) is not None]
            if parts:
                return parts
        return ()

    def _read(self, paging: str) -> PagingWays:
        try:
            return read_paging_ways(paging) if paging else self.default
        except ValueError:
            return self.default  # the roster's lint tells of it

    def to_each(self, incident: Incident, targets: Sequence[Target], *, why: str, topic: str = "") -> Iterator[ToOne]:
        """The parts that tell whom the settings name, as far as their ways are configured."""
        for target in targets:
            if part := self.to(incident, _recipient(target, why, topic), target.by):
                yield part


def on_call_recipient(person: Person, on_call: OnCall) -> Recipient:
    return Recipient(
        name=person.name,
        address=person.email or person.key,
        why=_why(person, on_call),
        level=_level(on_call),
        object_id=person.object_id,
        phone=callable_number(person.phone),
    )


def _level(on_call: OnCall) -> int | Literal["last-resort"]:
    """The first that names somebody need not be level 1."""
    if on_call.opening is None or on_call.opening.level_1 is None:
        return 1
    return LAST_RESORT if on_call.opening.is_last_resort else on_call.opening.level_1.place.level


def _why(person: Person, on_call: OnCall) -> str:
    if on_call.opening is not None and on_call.opening.is_last_resort:
        called = f"called for {on_call.service!r} as" if on_call.service else ""
        return f"You are {called or 'called as'} the last resort, because no level of its policy names anybody."
    beside = ", ".join(filter(None, (person.role, person.shift)))
    role = f" ({beside})" if beside else ""
    service = f" for {on_call.service!r}" if on_call.service else ""
    instead = ", by default" if on_call.from_default else ""
    return f"You are on call{service}{role}{instead}."


def callable_number(text: str) -> str:
    """Empty where there is none that can be called."""
    try:
        return read_phone_number(text) if text else ""
    except ValueError:
        return ""  # the roster's lint tells of it


def _recipient(target: Target, why: str, topic: str) -> Recipient:
    shown = masked(target.to) if target.by == SMS else target.to
    phone = target.to if target.by == SMS else ""
    return Recipient(
        name=shown,
        address=shown,
        why=why,
        level=LAST_RESORT,
        phone=phone,
        topic=topic,
        is_for_want_of_others=not topic,
    )
