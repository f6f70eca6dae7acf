"""The ways that this installation has, and those that lead to one person."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from handlers.paging.chat import Chat
from handlers.paging.sms import ShortMessage
from handlers.paging.way import Recipient, ToOne
from handlers.paging.webhook import Webhook
from worker.clients.pager.webhook import PagerWebhook
from worker.clients.posting.chats import BotChats
from worker.clients.sms.client import Sms
from worker.clients.teams.client import Teams
from worker.domain.event import Severity
from worker.domain.incident import Incident
from worker.domain.last_resort import Target
from worker.domain.page import LAST_RESORT
from worker.domain.paging_ways import CHAT, SMS, WEBHOOK, PagingWays, read_paging_ways
from worker.domain.phone_number import masked, read_phone_number
from worker.oncall.table import OnCall, Person


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
        try:
            ways = read_paging_ways(person.paging) if person.paging else self.default
        except ValueError:
            ways = self.default  # the roster's lint tells of it
        return ways.for_severity(severity)

    def to(self, incident: Incident, recipient: Recipient, by: str) -> ToOne | None:
        """None where this way is not configured, or leads to nobody."""
        link = self.acknowledge(incident, recipient.address)
        if by == CHAT and self.chats:
            return Chat(recipient, self.chats, self.teams, link)
        if by == SMS and self.sms and recipient.phone:
            return ShortMessage(recipient, self.sms, link)
        if by.startswith(WEBHOOK) and (webhook := self.webhooks.get(by.removeprefix(WEBHOOK))):
            return Webhook(recipient, webhook, link)
        return None

    def to_each(self, incident: Incident, targets: Sequence[Target], *, why: str, topic: str = "") -> Iterator[ToOne]:
        """The parts that tell whom the settings name, as far as their ways are configured."""
        for target in targets:
            if part := self.to(incident, _recipient(target, why, topic), target.by):
                yield part


def on_call_recipient(person: Person, on_call: OnCall) -> Recipient:
    return Recipient(
        name=person.name,
        address=person.email,
        why=_why(person, on_call),
        object_id=person.object_id,
        phone=_phone(person.phone),
    )


def _why(person: Person, on_call: OnCall) -> str:
    beside = ", ".join(filter(None, (person.role, person.shift)))
    role = f" ({beside})" if beside else ""
    service = f" for {on_call.service!r}" if on_call.service else ""
    instead = ", by default" if on_call.from_default else ""
    return f"You are on call{service}{role}{instead}."


def _phone(text: str) -> str:
    try:
        return read_phone_number(text) if text else ""
    except ValueError:
        return ""  # the roster's lint tells of it


def _recipient(target: Target, why: str, topic: str) -> Recipient:
    shown = masked(target.to) if target.by == SMS else target.to
    phone = target.to if target.by == SMS else ""
    return Recipient(name=shown, address=shown, why=why, level=LAST_RESORT, phone=phone, topic=topic)
