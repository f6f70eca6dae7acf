"""Posting as a bot, through the Bot Connector: the route that needs no person to stay signed in."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from urllib.parse import quote

from azure.core.credentials_async import AsyncTokenCredential
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_exponential

from worker.clients.answers import text_of
from worker.clients.breakers import Breakers
from worker.clients.calls import http_client
from worker.clients.outcomes import Answers, Interpretation
from worker.clients.posting.connector import (
    BOT,
    DELETE_ACTIVITY,
    POST_ACTIVITY,
    REPLY_ACTIVITY,
    UPDATE_ACTIVITY,
    BotConnector,
    activity,
    activity_path,
    conversation_path,
)
from worker.clients.posting.poster import Announcement, Posted, first_posted, posted, replies_of
from worker.clients.teams.client import Channel, Message, Teams
from worker.domain.errors import Gone, Misconfigured, TocsinError
from worker.settings import Settings, is_loopback

# Whoever is in a team mostly stays there; whoever is not may have been added because somebody was missed.
_KNOWN_FOR = timedelta(minutes=10)
_MEMBERS_KEPT = 1_000

LOOK_AT_MEMBER: Answers = {**POST_ACTIVITY, 404: Interpretation(Gone, "Nobody of that id is in the team.")}


class BotPoster:
    """Posts by HTTP as the bot; reads back through Graph, since the Bot Connector lists nothing.

    `patience` is how long a message whose id nobody told is looked for.
    """

    mentions_by_address = True

    def __init__(self, connector: BotConnector, teams: Teams, *, patience: timedelta) -> None:
        self._connector = connector
        self._teams = teams
        self._patience = patience
        self._members: dict[tuple[str, str], float] = {}

    async def post(self, channel: Channel, announcement: Announcement) -> Posted:
        trying = f"post into the channel {channel.name!r} {self._as_bot}"
        body = self._connector.opening() | {
            "isGroup": True,
            "channelData": {"channel": {"id": channel.id}},
            "activity": activity(announcement),
        }
        answer = await self._connector.write(trying, "POST", "/conversations", POST_ACTIVITY, body)
        if message_id := text_of(answer, "activityId"):
            return Posted(id=message_id, url=channel.url)
        return await self._look_up(channel, partial(self.find, channel, announcement.marker))

    async def reply(self, channel: Channel, message_id: str, announcement: Announcement) -> Posted:
        trying = f"answer the message {message_id} of the channel {channel.name!r} {self._as_bot}"
        path = f"{conversation_path(_thread(channel, message_id))}/activities"
        answer = await self._connector.write(trying, "POST", path, REPLY_ACTIVITY, activity(announcement))
        if reply_id := text_of(answer, "id"):
            return Posted(id=reply_id, url=channel.url)
        return await self._look_up(channel, partial(self.find_reply, channel, message_id, announcement.marker))

    async def update(self, channel: Channel, message_id: str, announcement: Announcement, *, thread: str = "") -> None:
        trying = f"update the message {message_id} of the channel {channel.name!r} {self._as_bot}"
        body = {**activity(announcement), "id": message_id}
        path = _message_path(channel, message_id, thread)
        await self._connector.write(trying, "PUT", path, UPDATE_ACTIVITY, body)

    async def find(self, channel: Channel, marker: str) -> Posted | None:
        own = await self.all_of(channel, marker)
        return posted(own[0], channel) if own else None

    async def all_of(self, channel: Channel, marker: str) -> list[Message]:
        return _own(await self._teams.messages(channel.id, team_id=channel.team_id), marker)

    async def find_reply(self, channel: Channel, message_id: str, marker: str) -> Posted | None:
        own = await self.all_replies_of(channel, message_id, marker)
        return posted(own[0], channel) if own else None

    async def all_replies_of(self, channel: Channel, message_id: str, marker: str) -> list[Message]:
        return _own(await replies_of(self._teams, channel, message_id), marker)

    async def delete(self, channel: Channel, message_id: str, *, thread: str = "") -> bool:
        trying = f"delete the message {message_id} of the channel {channel.name!r} {self._as_bot}"
        try:
            await self._connector.write(trying, "DELETE", _message_path(channel, message_id, thread), DELETE_ACTIVITY)
        except Gone:
            return False
        return True

    async def includes(self, channel: Channel, address: str) -> bool:
        if time.monotonic() < self._members.get((channel.team_id, address), 0):
            return True
        included = await self._ask_for_member(channel, address)
        if included:
            if len(self._members) >= _MEMBERS_KEPT:
                self._members.clear()
            self._members[channel.team_id, address] = time.monotonic() + _KNOWN_FOR.total_seconds()
        return included

    async def _ask_for_member(self, channel: Channel, address: str) -> bool:
        trying = f"look for {address} among the members of the team {self._as_bot}"
        path = f"{conversation_path(channel.id)}/members/{quote(address, safe='')}"
        try:
            await self._connector.read(trying, path, LOOK_AT_MEMBER)
        except Gone:
            return False
        return True

    async def check(self) -> None:
        await self._connector.check()

    async def check_place(self, channel: Channel) -> None:
        # The team's details need no right but to be installed there, and hold nobody's name; a team is known to bots
        # by the id of its primary channel.
        trying = f"look at the team {channel.team_id} {self._as_bot}"
        team = await self._connector.read(trying, f"/teams/{quote(channel.id, safe='')}", POST_ACTIVITY)
        found = team.get("aadGroupId") if isinstance(team, dict) else None
        if isinstance(found, str) and found.casefold() != channel.team_id.casefold():
            raise Misconfigured(f"Tried to {trying}; {BOT} showed another team ({found}): check the service URL.")

    async def check_updates(self) -> None:
        """A bot that may post may change what it posted."""

    async def _look_up(self, channel: Channel, find: Callable[[], Awaitable[Posted | None]]) -> Posted:
        """What was posted without its id being told; it is there, so it is never posted again."""

        async def look() -> Posted | None:
            try:
                return await find()
            except TocsinError:
                return None

        looks = AsyncRetrying(
            retry=retry_if_result(lambda found: found is None),
            wait=wait_exponential(multiplier=0.1, max=5),
            stop=stop_after_delay(self._patience),
            retry_error_callback=lambda _: None,
        )
        found: Posted | None = await looks(look)
        return found or Posted(id="", url=channel.url)

    @property
    def _as_bot(self) -> str:
        return f"as the bot {self._connector.app_id}"


def _own(messages: Iterable[Message], marker: str) -> list[Message]:
    return first_posted(message for message in messages if message.by_application and marker in message.content)


def _thread(channel: Channel, message_id: str) -> str:
    return f"{channel.id};messageid={message_id}"


def _message_path(channel: Channel, message_id: str, thread: str) -> str:
    return activity_path(_thread(channel, thread or message_id), message_id)


@asynccontextmanager
async def open_bot_connector(
    settings: Settings, credential: AsyncTokenCredential | None, *, breakers: Breakers | None = None
) -> AsyncIterator[BotConnector]:
    settings.require("bot_service_url", "bot_app_id")
    url = settings.bot_service_url or ""
    if credential is not None and url.startswith("http:") and not is_loopback(url):
        raise Misconfigured(
            f"TOCSIN_BOT_SERVICE_URL={url} is plain http, and the bot's token would cross the network in the clear. "
            "Use the https address, or TOCSIN_CREDENTIAL=anonymous for a stand-in."
        )
    async with http_client(url, time_out=settings.call_timeout_seconds) as http:
        yield BotConnector(
            http,
            service_url=url,
            app_id=settings.bot_app_id or "",
            tenant_id=settings.tenant_id,
            credential=credential,
            time_out=settings.call_timeout_seconds,
            breaker=(breakers or Breakers()).of(BOT),
        )
