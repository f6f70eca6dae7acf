"""What was said in a channel: the whole of it, or what has changed since a link that was kept."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from msgraph.generated.teams.item.channels.item.messages.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder
from pydantic import BaseModel

from worker.clients.answers import objects_of, text_of
from worker.clients.outcomes import Answers, Interpretation
from worker.clients.teams.channel_message import ChannelMessage, Reaction, read_channel_message
from worker.clients.teams.client import LIST_MESSAGES, Channel, Teams
from worker.clients.teams.graph import GRAPH, TooMuch
from worker.clients.teams.pages import Page, read_page
from worker.domain.errors import Gone, Rejected, TocsinError

MOST_MESSAGES = 5_000
_PAGES = 200
# Each root comes with its replies, and an answer has its bounds: where one is too large, all is asked for in less.
_ROOTS_IN_A_PAGE = (20, 4, 1)


class LinkExpired(Rejected):
    """A link to later changes that Graph no longer knows."""


_GONE = Interpretation(Gone, "There is no such channel: somebody deleted it, and what was said with it.")
READ_CONVERSATION: Answers = {
    403: LIST_MESSAGES[403],
    404: _GONE,
    410: Interpretation(LinkExpired, "The link to later changes has expired; all is read anew."),
    "badly formed token": Interpretation(
        LinkExpired, "The link to later changes is none of Graph's; all is read anew."
    ),
}


class Conversation(BaseModel, frozen=True):
    """Each message once, in the order in which they were written. `gaps` are sentences on what could not be read.

    `link` is where later changes are asked for, with what is missing now; empty where there is none to go on from.
    `anew`: the link that was given was of no use, so all that stands there now was read.
    """

    messages: tuple[ChannelMessage, ...] = ()
    gaps: tuple[str, ...] = ()
    link: str = ""
    anew: bool = False


class Conversations:
    """`most` is how many messages are read at once."""

    def __init__(self, teams: Teams, *, most: int = MOST_MESSAGES) -> None:
        self._teams = teams
        self._most = most

    async def read(self, channel: Channel) -> Conversation:
        """All that stands in the channel, the newest threads where it is too much; raises where nothing can be had."""

        async def read(reading: _Reading, roots: int) -> None:
            query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=roots, expand=["replies"])
            await reading.read(reading.place.messages, query)

        reading = await self._read_in_pages(channel, read)
        return reading.conversation().model_copy(update={"link": ""})

    async def changes(self, channel: Channel, link: str = "", *, since: datetime | None = None) -> Conversation:
        """The threads that have changed since the link was given, each with all its replies; raises as `read`.

        Without a link, and where it has expired, all threads; `since` leaves out those that were last changed before.
        """
        reading = _Reading(self._teams, channel, self._most)
        if link and reading.is_graphs(link):
            with suppress(LinkExpired, TooMuch):
                await reading.read(reading.place.messages.delta.with_url(link), None)
                return reading.conversation()

        async def read(reading: _Reading, roots: int) -> None:
            query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(
                top=roots,
                expand=["replies"],
                filter=f"lastModifiedDateTime gt {_stamp(since)}" if since else None,
            )
            await reading.read(reading.place.messages.delta, query)

        return (await self._read_in_pages(channel, read)).conversation(anew=bool(link))

    async def _read_in_pages(self, channel: Channel, read: Callable[["_Reading", int], Awaitable[None]]) -> "_Reading":
        *larger, smallest = _ROOTS_IN_A_PAGE
        for roots in larger:
            reading = _Reading(self._teams, channel, self._most)
            with suppress(TooMuch):
                await read(reading, roots)
                return reading
        reading = _Reading(self._teams, channel, self._most, in_less=False)
        await read(reading, smallest)
        return reading


class _Reading:
    """One reading of one channel, which keeps what it has when a later page cannot be had.

    `in_less`: whether a page that is too large may be asked for in smaller ones, and so is raised.
    """

    def __init__(self, teams: Teams, channel: Channel, most: int, *, in_less: bool = True) -> None:
        self._in_less = in_less
        self._graph = teams.graph
        self._channel = channel
        self._most = most
        self._turn = teams.limits_of(channel.team_id).in_channel(channel.id)
        self._found: dict[str, ChannelMessage] = {}
        self._gaps: list[str] = []
        self._unreadable = 0
        self._link = ""
        self.place = self._graph.sdk.teams.by_team_id(channel.team_id).channels.by_channel_id(channel.id)

    def is_graphs(self, link: str) -> bool:
        """Whether it leads to where Graph is, and not to whatever a stored text says."""
        parts, own = urlsplit(link), urlsplit(self._graph.sdk.request_adapter.base_url)
        return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)

    async def read(self, listing: Any, query: Any) -> None:
        """Raises what the first page raises, and TooMuch."""
        trying = f"read the channel {self._channel.name!r}"
        page = await self._read_page(trying, listing, query)
        for _ in range(_PAGES):
            await self._keep_threads(page)
            self._link = page.delta or page.following
            if not page.following:
                return
            if len(self._found) >= self._most:
                break
            try:
                page = await self._read_page(trying, listing.with_url(page.following), None)
            except TocsinError as error:
                if self._in_less and isinstance(error, TooMuch):
                    raise
                self._gaps.append(f"Some threads of the channel are missing. {error}")
                return
        self._gaps.append(f"Some threads of the channel are missing: {len(self._found)} messages were read at once.")

    def conversation(self, *, anew: bool = False) -> Conversation:
        if self._unreadable:
            self._gaps.append(f"{self._unreadable} messages of the channel came without an id or a time.")
        names = {each.author_id: each.author for each in self._found.values() if each.author and each.author_id}
        messages = (_with_names(each, names) for each in self._found.values())
        in_order = sorted(messages, key=lambda each: (each.created_at, len(each.id), each.id))
        return Conversation(messages=tuple(in_order), gaps=tuple(self._gaps), link=self._link, anew=anew)

    async def _read_page(self, trying: str, listing: Any, query: Any) -> Page:
        page = await read_page(self._graph, trying, listing, query, READ_CONVERSATION, turn=self._turn)
        if not page.following or self.is_graphs(page.following):
            return page
        self._gaps.append(f"Some of what was asked for is missing: {GRAPH} named another place for the rest.")
        return Page(page.shown)

    async def _keep_threads(self, page: Page) -> None:
        for shown in page.shown:
            root = text_of(shown, "id")
            self._keep([shown, *(objects_of(shown, "replies") or [])], root)
            if (further := text_of(shown, "replies@odata.nextLink")) and self.is_graphs(further):
                await self._keep_further_replies(root, further)

    async def _keep_further_replies(self, root: str, link: str) -> None:
        listing: Any = self.place.messages.by_chat_message_id(root).replies
        for _ in range(_PAGES):
            if not link or len(self._found) >= self._most:
                break
            try:
                page = await self._read_page(f"read the replies to the message {root}", listing.with_url(link), None)
            except TocsinError as error:
                self._gaps.append(f"Some replies to the message {root} are missing. {error}")
                return
            self._keep(page.shown, root)
            link = page.following
        if link:
            self._gaps.append(f"Some replies to the message {root} are missing: there are too many.")

    def _keep(self, shown: Iterable[dict[str, Any]], root: str) -> None:
        for each in shown:
            message = read_channel_message(each, root)
            if message is None:
                self._unreadable += 1
            else:
                self._found[message.id] = message


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _with_names(message: ChannelMessage, names: dict[str, str]) -> ChannelMessage:
    """Graph mostly tells reactions by the ids of people, of whom most have written something."""
    if not message.reactions:
        return message
    named = tuple(_named(reaction, names) for reaction in message.reactions)
    return message.model_copy(update={"reactions": named})


def _named(reaction: Reaction, names: dict[str, str]) -> Reaction:
    name = reaction.person or names.get(reaction.person_id, "")
    return reaction.model_copy(update={"person": name})
