"""A team in Microsoft Teams: its channels, their messages, and who its people are."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from msgraph.generated.chats.item.messages.messages_request_builder import (
    MessagesRequestBuilder as ChatMessagesRequestBuilder,
)
from msgraph.generated.models.channel import Channel as GraphChannel
from msgraph.generated.models.channel_membership_type import ChannelMembershipType
from msgraph.generated.teams.item.channels.channels_request_builder import ChannelsRequestBuilder
from msgraph.generated.teams.item.channels.item.messages.item.replies.replies_request_builder import (
    RepliesRequestBuilder,
)
from msgraph.generated.teams.item.channels.item.messages.messages_request_builder import MessagesRequestBuilder
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from pydantic import BaseModel
from structlog.contextvars import clear_contextvars
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_exponential

from worker.clients.answers import object_of, objects_of, text_of
from worker.clients.breakers import Breakers
from worker.clients.outcomes import LOOK_FIRST, Answers, Interpretation
from worker.clients.teams.graph import GRAPH, Graph, graph_identity, open_graph
from worker.clients.teams.limits import TeamLimits
from worker.clients.teams.pages import asking, read_pages
from worker.clients.teams.room import Room
from worker.domain.errors import Forbidden, Gone, Misconfigured, Rejected, TocsinError, Transient, Unknown
from worker.observability import telemetry
from worker.resilience.rate_limit import FREE, Turn
from worker.resilience.single_flight import SingleFlight
from worker.settings import Settings

NAME_LIMIT = 50
DESCRIPTION_LIMIT = 1_024
# Not `email`, which is slow.
_CHANNEL_FIELDS = ["id", "displayName", "description", "webUrl", "createdDateTime", "isArchived"]
# The largest page there is; an incident's own channel rarely fills one before it is announced.
_MESSAGES_IN_A_PAGE = 50
_PAGES = 10
_PEOPLE_KEPT = 1_000
_KNOWN_FOR = timedelta(hours=1)
_TEAMS_KEPT = 256
_BEFORE_COUNTING = timedelta(seconds=5)
_PAGES_OF_CHANNELS = 100  # a team holds a thousand channels; more pages than channels are no listing


class NameTaken(Rejected):
    """The team has, or had within thirty days, a channel of this name."""


class TeamFull(Rejected):
    """The team holds as many channels as a team can."""


_TEAM: Answers = {
    404: Interpretation(
        Misconfigured,
        "No such team can be seen: check TOCSIN_TEAMS_TEAM_ID, the teams of the service, and the identity's "
        "permissions.",
    ),
    "archived": Interpretation(
        Rejected, "The team or channel is archived: restore it or name another team, then replay."
    ),
}
# For whoever writes, changes or deletes there.
ARCHIVED: Answers = {
    "archived": Interpretation(
        Forbidden, "The channel or its team is archived: nobody writes there until it is opened again."
    ),
}
_TAKEN = Interpretation(NameTaken, "The name is taken.")
_FULL = Interpretation(
    TeamFull, "The team is full: name a further team of the service, or another TOCSIN_TEAMS_TEAM_ID, then replay."
)

# Graph refuses a taken name with 400, the code in one of two places, and in words that stay while codes change.
CREATE_CHANNEL: Answers = {
    "NameAlreadyExists": _TAKEN,
    "already exist": _TAKEN,
    # Graph has told it by this code, and by a plain Forbidden with these words.
    "ResourceLimitExceeded": _FULL,
    "max allowed channels": _FULL,
    "maximum number of channels": _FULL,
    403: Interpretation(
        Forbidden, "Grant the application Channel.Create.Group in the team (or Channel.Create), then replay."
    ),
    **_TEAM,
    502: Interpretation(Unknown, LOOK_FIRST),  # seen after a handful of creates on one team, some of them applied
}
LIST_CHANNELS: Answers = {
    403: Interpretation(
        Forbidden, "Grant ChannelSettings.Read.Group in the team (or Channel.ReadBasic.All), then replay."
    ),
    **_TEAM,
}
LIST_MESSAGES: Answers = {
    403: Interpretation(
        Forbidden, "Grant ChannelMessage.Read.Group in the team (or ChannelMessage.Read.All), then replay."
    ),
}
LIST_CHAT: Answers = {
    403: Interpretation(
        Forbidden, "Grant Chat.Read.WhereInstalled, so that a message to a person is not sent twice after a fault."
    ),
}
GET_USER: Answers = {
    403: Interpretation(
        Forbidden, "Grant the application User.ReadBasic.All, so that people on call can be mentioned."
    ),
}


class Channel(BaseModel, frozen=True):
    id: str
    name: str
    url: str
    team_id: str
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel as the team's list shows it."""

    channel: Channel
    description: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    id: str
    url: str
    by_application: bool
    attachment_ids: frozenset[str]
    content: str
    """The body and the cards, as markup."""
    body: str = ""
    sender: str = ""
    """The id of the application or the person that sent it."""


class Teams:
    """One team, seen by one identity over a connection that it shares with the other teams.

    `patience` is how long a name that is taken is looked for in the list. `limits` are those of all teams.
    """

    def __init__(self, graph: Graph, team_id: str, *, patience: timedelta, limits: TeamLimits | None = None) -> None:
        self.graph = graph
        self._all_limits = limits or TeamLimits()
        self._primary: dict[str, Channel] = {}
        self._object_ids: dict[str, tuple[str, float]] = {}
        self._patience = patience
        self._counting: set[asyncio.Task[None]] = set()
        self._counted: dict[str, int] = {}
        self._others: dict[str, Teams] = {}
        self._settle_in(team_id)

    def _settle_in(self, team_id: str) -> None:
        self.team_id = team_id
        self._limits = self.limits_of(team_id)
        self._team = self.graph.sdk.teams.by_team_id(team_id)
        self.room = Room(team_id, self._counted)
        self._listing = SingleFlight(self._list_and_count)
        self._others[team_id.casefold()] = self

    def at(self, team_id: str) -> "Teams":
        """The team of this id, in whatever spelling of upper and lower case."""
        if (known := self._others.get(team_id.casefold())) is not None:
            return known
        if len(self._others) >= _TEAMS_KEPT:
            self._others.clear()
            self._others[self.team_id.casefold()] = self
        other = copy(self)
        other._settle_in(team_id)  # noqa: SLF001 (one of ours)
        return other

    def limits_of(self, team_id: str) -> TeamLimits:
        return self._all_limits.of(team_id)

    async def close(self) -> None:
        for task in self._counting:
            task.cancel()
        await asyncio.gather(*self._counting, return_exceptions=True)

    async def create_channel(self, name: str, description: str) -> Channel:
        """The new channel; raises NameTaken when the team has, or had, one of this name, and TeamFull."""
        wanted = GraphChannel(
            display_name=name,
            description=description[:DESCRIPTION_LIMIT],
            membership_type=ChannelMembershipType.Standard,
        )
        trying = f"create the channel {name!r} in team {self.team_id}"
        turn = self._limits.new_channel()
        request = partial(self._team.channels.to_post_request_information, wanted)
        try:
            made = await self.graph.write(trying, request, CREATE_CHANNEL, turn)
        except TeamFull:
            self.room.note_full()
            raise
        if (listed := self._listed(made)) is None:
            raise Unknown(f"Tried to {trying}; {GRAPH} answered without its id or address. {LOOK_FIRST}")
        if self.room.is_due():
            self._count_later()
        return listed.channel

    async def channel_named(self, name: str) -> Listed | None:
        literal = name.replace("'", "''")
        found = await self._channels(f"look for the channel {name!r}", f"displayName eq '{literal}'")
        return next((listed for listed in found if listed.channel.name.casefold() == name.casefold()), None)

    async def holder_of(self, name: str) -> Listed | None:
        """The channel that has a taken name, looked for as long as the list may lag; None when it stays hidden."""
        looks = AsyncRetrying(
            retry=retry_if_result(lambda found: found is None),
            wait=wait_exponential(multiplier=0.1, max=5),
            stop=stop_after_delay(self._patience),
            retry_error_callback=lambda _: None,
        )
        found: Listed | None = await looks(self.channel_named, name)
        return found

    async def channels(self) -> Sequence[Listed]:
        """All of them, in a listing that began after it was asked for, and is one for all who ask meanwhile."""
        return await self._listing.share()

    async def messages(self, channel_id: str, *, team_id: str | None = None) -> list[Message]:
        """The newest threads of a channel, as many as a look back is worth."""
        team = self.graph.sdk.teams.by_team_id(team_id) if team_id else self._team
        listing = team.channels.by_channel_id(channel_id).messages
        query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=_MESSAGES_IN_A_PAGE)
        found = await self._read_pages(
            f"list the messages of channel {channel_id}",
            listing,
            query,
            LIST_MESSAGES,
            most=_PAGES,
            turn=self.limits_of(team_id or self.team_id).in_channel(channel_id),
        )
        return [_message(message) for message in found]

    async def replies(self, channel_id: str, message_id: str, *, team_id: str | None = None) -> list[Message]:
        """The newest replies to a message, as many as a look back is worth; raises Gone where there is no such message.

        Graph lists threads by their roots alone.
        """
        team = self.graph.sdk.teams.by_team_id(team_id) if team_id else self._team
        listing = team.channels.by_channel_id(channel_id).messages.by_chat_message_id(message_id).replies
        query = RepliesRequestBuilder.RepliesRequestBuilderGetQueryParameters(top=_MESSAGES_IN_A_PAGE)
        found = await self._read_pages(
            f"list the replies to the message {message_id} of channel {channel_id}",
            listing,
            query,
            LIST_MESSAGES,
            most=_PAGES,
            turn=self.limits_of(team_id or self.team_id).in_channel(channel_id),
        )
        return [_message(message) for message in found]

    async def chat_messages(self, chat_id: str) -> list[Message]:
        """The newest messages of a chat, none where there is no such chat; raises Forbidden without the permission."""
        chat = self.graph.sdk.chats.by_chat_id(chat_id)
        query = ChatMessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=_MESSAGES_IN_A_PAGE)
        trying = f"list the messages of the chat {chat_id}"
        try:
            found = await self._read_pages(trying, chat.messages, query, LIST_CHAT, most=1)
        except Gone:
            return []
        return [_message(message) for message in found]

    async def primary_channel(self, team_id: str | None = None) -> Channel:
        """The first channel of a team, this one or another; which it is never changes, so it is asked for once."""
        team_id = team_id or self.team_id
        if team_id not in self._primary:
            primary = self.graph.sdk.teams.by_team_id(team_id).primary_channel
            trying = f"look up the first channel of team {team_id}"
            request = primary.to_get_request_information
            made = await self.graph.read(trying, request, LIST_CHANNELS, self.limits_of(team_id).any_request())
            if (listed := self._listed(made, team_id)) is None:
                raise Transient(f"Tried to {trying}; {GRAPH} answered without its id or address.")
            self._primary[team_id] = listed.channel
        return self._primary[team_id]

    async def object_id(self, email: str) -> str | None:
        """The Entra id of a person, for mentions; None where the directory knows nobody of this address.

        It hardly ever changes, and the same people are called all week.
        """
        known, until = self._object_ids.get(email, ("", 0.0))
        if time.monotonic() < until:
            return known
        found = await self._fetch_object_id(email)
        if found:
            if len(self._object_ids) >= _PEOPLE_KEPT:
                self._object_ids.clear()
            self._object_ids[email] = (found, time.monotonic() + _KNOWN_FOR.total_seconds())
        return found

    async def _fetch_object_id(self, email: str) -> str | None:
        query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=["id"])
        user = self.graph.sdk.users.by_user_id(email)
        request = partial(user.to_get_request_information, asking(query))
        try:
            found = await self.graph.read(f"look up the user {email}", request, GET_USER)
        except Gone:
            return None
        return text_of(found, "id") or None

    async def check(self) -> None:
        """Raise the sentence that says why this identity cannot see the team's channels; None of them is changed."""
        await self.channel_named("General")

    async def check_may_create(self, taken: str) -> None:
        """Raise what a create would be refused for: a name that is taken is asked for, so that nothing is made."""
        with suppress(NameTaken):
            made = await self.create_channel(taken, "")
            raise Unknown(f"{GRAPH} made a second channel {made.name!r} in team {self.team_id}. Delete it.")

    async def check_messages(self, channel_id: str) -> None:
        """Raise the sentence that says why this identity cannot read what stands in the channel."""
        listing = self._team.channels.by_channel_id(channel_id).messages
        query = MessagesRequestBuilder.MessagesRequestBuilderGetQueryParameters(top=1)
        trying, turn = f"read the newest message of channel {channel_id}", self._limits.in_channel(channel_id)
        await self._read_pages(trying, listing, query, LIST_MESSAGES, most=1, turn=turn)

    async def _list_and_count(self) -> Sequence[Listed]:
        found = await self._channels("list the channels")
        self.room.note(len(found))
        return found

    def _count_later(self) -> None:
        """Not in the midst of the launch that made a channel."""
        task = asyncio.create_task(self._count())
        self._counting.add(task)
        task.add_done_callback(self._counting.discard)

    async def _count(self) -> None:
        clear_contextvars()
        await asyncio.sleep(_BEFORE_COUNTING.total_seconds())
        with suppress(TocsinError), telemetry.errand("count-channels"):
            await self.channels()

    async def _channels(self, trying: str, only: str | None = None) -> Sequence[Listed]:
        query = ChannelsRequestBuilder.ChannelsRequestBuilderGetQueryParameters(select=_CHANNEL_FIELDS, filter=only)
        trying = f"{trying} in team {self.team_id}"
        turn = self._limits.any_request()
        found = await self._read_pages(
            trying, self._team.channels, query, LIST_CHANNELS, most=_PAGES_OF_CHANNELS, turn=turn
        )
        return tuple(listed for channel in found if (listed := self._listed(channel)))

    async def _read_pages(
        self, trying: str, listing: Any, query: Any, answers: Answers, *, most: int, turn: Turn = FREE
    ) -> list[dict[str, Any]]:
        return await read_pages(self.graph, trying, listing, query, answers, most=most, turn=turn)

    def _listed(self, channel: Any, team_id: str | None = None) -> Listed | None:
        channel_id, name, url = (text_of(channel, key) for key in ("id", "displayName", "webUrl"))
        if not (channel_id and name and url):
            return None
        known = Channel(
            id=channel_id, name=name, url=url, team_id=team_id or self.team_id, created_at=_created_at(channel)
        )
        return Listed(known, text_of(channel, "description"), archived=channel.get("isArchived") is True)


def _created_at(channel: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text_of(channel, "createdDateTime"))
    except ValueError:
        return None


def _message(message: dict[str, Any]) -> Message:
    attachments = objects_of(message, "attachments") or []
    body = text_of(object_of(message, "body"), "content")
    sender = object_of(message, "from")
    application = object_of(sender, "application")
    return Message(
        id=text_of(message, "id"),
        url=text_of(message, "webUrl"),
        by_application=bool(application),
        attachment_ids=frozenset(found for attachment in attachments if (found := text_of(attachment, "id"))),
        content="\n".join((body, *(text_of(attachment, "content") for attachment in attachments))),
        body=body,
        sender=text_of(application or object_of(sender, "user"), "id"),
    )


@asynccontextmanager
async def open_teams(
    settings: Settings,
    credential: AsyncTokenCredential | None,
    *,
    breakers: Breakers | None = None,
    limits: TeamLimits | None = None,
) -> AsyncIterator[Teams]:
    """The team of the settings, and through it every other, for the application's own identity."""
    settings.require("teams_team_id")
    identity = graph_identity(settings.graph_url, credential)
    time_out = settings.call_timeout_seconds
    opening = open_graph(settings.graph_url, identity=identity, time_out=time_out, breakers=breakers or Breakers())
    async with opening as graph:
        teams = teams_of(settings, graph, limits)
        try:
            yield teams
        finally:
            await teams.close()


def teams_of(settings: Settings, graph: Graph, limits: TeamLimits | None = None) -> Teams:
    # Half a call's time-out at most: after the wait a create under the next name must still fit before the deadline.
    patience = min(settings.lookup_lag_seconds, settings.call_timeout_seconds / 2)
    return Teams(graph, settings.teams_team_id or "", patience=patience, limits=limits)
