"""How an announcement gets into a channel: what every route can do, and what it is given."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

from worker.clients.teams.client import Channel, Message, Teams
from worker.domain.errors import Gone

# Teams takes about 28 KB for a message with all its markup and cards.
MESSAGE_LIMIT = 28 * 1024
ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
_ATTACHMENTS = uuid.UUID("7a2f3c1e-5d0b-5b8e-9b52-0e6f3c9d41aa")


class Posted(BaseModel, frozen=True):
    """`id` is empty where Teams took the message without telling one, and it could not be looked up yet."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A person called by name; `name` stands in the card between `<at>` and `</at>`.

    `id` is the Entra object id, or the address by which a bot may mention as well.
    """

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message, ready to send. `marker` is what it is found by again, and stands in the card.

    `summary` is what a notification shows.
    """

    marker: str
    summary: str
    card: Mapping[str, Any]
    mentions: tuple[Mention, ...] = ()
    urgent: bool = False


class Poster(Protocol):
    mentions_by_address: bool
    """Whether a mention may name a person by address, where no object id is known."""

    async def post(self, channel: Channel, announcement: Announcement) -> Posted:
        """Post once; raises a TocsinError that says whether it may have been posted."""

    async def reply(self, channel: Channel, message_id: str, announcement: Announcement) -> Posted:
        """As `post`, in the thread of a message; raises Gone when that was deleted."""

    async def update(self, channel: Channel, message_id: str, announcement: Announcement, *, thread: str = "") -> None:
        """Let one of this route's own messages say this instead; raises Gone when it was deleted.

        `thread` is the message that it answers, if it does. Sent twice it says the same, so what may have been applied
        is simply sent again.
        """

    async def find(self, channel: Channel, marker: str) -> Posted | None:
        """The announcement this route posted earlier, never a person's message that quotes the marker."""

    async def all_of(self, channel: Channel, marker: str) -> list[Message]:
        """Every message of this route that carries the marker, the first one posted at the head."""

    async def find_reply(self, channel: Channel, message_id: str, marker: str) -> Posted | None:
        """As `find`, in the thread of a message; None as well when that was deleted."""

    async def all_replies_of(self, channel: Channel, message_id: str, marker: str) -> list[Message]:
        """As `all_of`, in the thread of a message."""

    async def delete(self, channel: Channel, message_id: str, *, thread: str = "") -> bool:
        """Delete one of this route's own messages, `thread` as in `update`; False when it was gone already."""

    async def includes(self, channel: Channel, address: str) -> bool:
        """Whether this person, by object id or address, is in the channel's team, and so hears of a mention."""

    async def check(self) -> None:
        """Raise the sentence that says why this route cannot post, as far as that shows without posting."""

    async def check_place(self, channel: Channel) -> None:
        """Raise the sentence that says why this route is not let into the team; `channel` is its primary one."""

    async def check_updates(self) -> None:
        """Raise the sentence that says why this route may post and yet not change what it posted."""


async def replies_of(teams: Teams, channel: Channel, message_id: str) -> list[Message]:
    """None where the message that they answer was deleted."""
    try:
        return await teams.replies(channel.id, message_id, team_id=channel.team_id)
    except Gone:
        return []


def posted(message: Message, channel: Channel) -> Posted:
    return Posted(id=message.id, url=message.url or channel.url)


def first_posted(messages: Iterable[Message]) -> list[Message]:
    """In the order of their ids, which count time; a listing brings a thread to the top when somebody answers in it."""
    return sorted(messages, key=lambda message: (len(message.id), message.id))


def attachment_id(marker: str) -> str:
    """The one key that Graph lets the sender choose, and echoes: the same for every attempt and every update."""
    return str(uuid.uuid5(_ATTACHMENTS, f"{marker}:announce"))
