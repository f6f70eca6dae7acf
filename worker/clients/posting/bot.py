"""Posting as a bot, through the Bot Connector: the route that needs no person to stay signed in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.breakers import Breakers
from worker.clients.calls import carry_out, http_client
from worker.clients.outcomes import LOOK_FIRST, Answers, Interpretation, Refusal, RemoteCall
from worker.clients.posting.poster import ADAPTIVE_CARD, Announcement, Posted, first_posted, posted
from worker.clients.system import System
from worker.clients.teams.client import Channel, Message, Teams
from worker.domain.errors import Forbidden, Gone, Misconfigured, Unknown
from worker.resilience.circuit_breaker import Breaker
from worker.settings import Settings, is_loopback

Answer = TypeVar("Answer")

BOT = System("bot", "the Bot Connector")
_SCOPE = "https://api.botframework.com/.default"

POST_ACTIVITY: Answers = {
    "BotNotInConversationRoster": Interpretation(
        Forbidden, "Install the bot's app in the team (Teams, Manage team, Apps), then replay."
    ),
    401: Interpretation(Forbidden, "Check the secret or identity of the bot's app registration, then replay."),
    403: Interpretation(Forbidden, "Check that TOCSIN_BOT_APP_ID and TOCSIN_TENANT_ID are those of the installed bot."),
    404: Interpretation(Gone, "The bot sees no such channel: it was deleted, or is only just being made."),
}
DELETE_ACTIVITY: Answers = {
    **POST_ACTIVITY,
    404: Interpretation(Gone, "There is no such message any more: somebody deleted it, or its channel."),
}

# Seen with 403 and with 404 for passing trouble of the service's own.
_STUMBLED = Interpretation(Unknown, "The service stumbled over itself, so the message is sent again.")
UPDATE_ACTIVITY: Answers = {
    "not a known activity id": DELETE_ACTIVITY[404],
    "ServiceError": _STUMBLED,
    **DELETE_ACTIVITY,
    403: Interpretation(
        Forbidden, "A bot changes only what it posted, while it is in the team: check TOCSIN_BOT_APP_ID."
    ),
}


class BotPoster:
    """Posts by HTTP as the bot; reads back through Graph, since the Bot Connector lists nothing."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        teams: Teams,
        *,
        service_url: str,
        app_id: str,
        tenant_id: str | None,
        credential: AsyncTokenCredential | None,
        time_out: timedelta,
        breaker: Breaker,
    ) -> None:
        self._http = http
        self._teams = teams
        self._address = f"{service_url}/v3/conversations"
        self._app_id = app_id
        self._tenant_id = tenant_id
        self._credential = credential
        self._time_out = time_out
        self._breaker = breaker

    async def post(self, channel: Channel, announcement: Announcement) -> Posted:
        trying = f"post the announcement into the channel {channel.name!r} as the bot {self._app_id}"
        attempt = RemoteCall(trying, BOT, writes=True, answers=POST_ACTIVITY)
        conversation = self._conversation(channel, announcement)
        activity = await self._carry_out(attempt, lambda: self._send(attempt, conversation))
        return Posted(id=activity, url=channel.url)

    async def update(self, channel: Channel, message_id: str, announcement: Announcement) -> None:
        trying = f"update the message {message_id} of the channel {channel.name!r} as the bot {self._app_id}"
        attempt = RemoteCall(trying, BOT, writes=True, answers=UPDATE_ACTIVITY)
        activity = {**_activity(announcement), "id": message_id}
        await self._carry_out(attempt, lambda: self._to_message("PUT", attempt, channel, message_id, activity))

    async def find(self, channel: Channel, marker: str) -> Posted | None:
        own = await self.all_of(channel, marker)
        return posted(own[0], channel) if own else None

    async def all_of(self, channel: Channel, marker: str) -> list[Message]:
        messages = await self._teams.messages(channel.id)
        return first_posted(message for message in messages if message.by_application and marker in message.content)

    async def delete(self, channel: Channel, message_id: str) -> bool:
        trying = f"delete the message {message_id} of the channel {channel.name!r} as the bot {self._app_id}"
        attempt = RemoteCall(trying, BOT, writes=True, answers=DELETE_ACTIVITY)
        try:
            await self._carry_out(attempt, lambda: self._to_message("DELETE", attempt, channel, message_id))
        except Gone:
            return False
        return True

    async def check(self) -> None:
        attempt = RemoteCall(f"get a token for the bot {self._app_id}", BOT, writes=False)
        await self._carry_out(attempt, self._sign)

    async def check_place(self, channel: Channel) -> None:
        # The team's details need no right but to be installed there, and hold nobody's name; a team is known to bots
        # by the id of its primary channel.
        trying = f"look at the team {channel.team_id} as the bot {self._app_id}"
        attempt = RemoteCall(trying, BOT, writes=False, answers=POST_ACTIVITY)
        team = await self._carry_out(attempt, lambda: self._read_details(attempt, channel.id))
        found = team.get("aadGroupId") if isinstance(team, dict) else None
        if isinstance(found, str) and found.casefold() != channel.team_id.casefold():
            raise Misconfigured(f"Tried to {trying}; {BOT} showed another team ({found}): check the service URL.")

    async def check_updates(self) -> None:
        """A bot that may post may change what it posted."""

    async def _read_details(self, attempt: RemoteCall, thread: str) -> Any:
        address = f"{self._address.removesuffix('/conversations')}/teams/{quote(thread, safe='')}"
        response = await self._http.get(address, headers=await self._sign())
        if not response.is_success:
            raise attempt.refused(Refusal.of_response(response))
        return response.json()

    async def _carry_out(self, attempt: RemoteCall, send: Callable[[], Awaitable[Answer]]) -> Answer:
        return await carry_out(attempt, send, time_out=self._time_out, breaker=self._breaker)

    async def _send(self, attempt: RemoteCall, conversation: dict[str, Any]) -> str:
        response = await self._http.post(self._address, json=conversation, headers=await self._sign())
        if not response.is_success:
            raise attempt.refused(Refusal.of_response(response))
        made = response.json()
        activity = made.get("activityId") if isinstance(made, dict) else None
        if not isinstance(activity, str):
            raise Unknown(f"Tried to {attempt.trying}; {BOT} answered without the message's id. {LOOK_FIRST}")
        return activity

    async def _to_message(
        self,
        method: str,
        attempt: RemoteCall,
        channel: Channel,
        message_id: str,
        activity: dict[str, Any] | None = None,
    ) -> None:
        conversation = quote(f"{channel.id};messageid={message_id}", safe="")
        address = f"{self._address}/{conversation}/activities/{quote(message_id, safe='')}"
        response = await self._http.request(method, address, json=activity, headers=await self._sign())
        if not response.is_success:
            raise attempt.refused(Refusal.of_response(response))

    async def _sign(self) -> dict[str, str]:
        if self._credential is None:
            return {}
        token = await self._credential.get_token(_SCOPE)
        return {"Authorization": f"Bearer {token.token}"}

    def _conversation(self, channel: Channel, announcement: Announcement) -> dict[str, Any]:
        return {
            "isGroup": True,
            "bot": {"id": f"28:{self._app_id}"},
            "channelData": {"channel": {"id": channel.id}},
            **({"tenantId": self._tenant_id} if self._tenant_id else {}),
            "activity": _activity(announcement),
        }


def _activity(announcement: Announcement) -> dict[str, Any]:
    # The card alone: with a text beside it Teams makes two messages, and answers without the id of either.
    return {
        "type": "message",
        "summary": announcement.subject,
        "importance": "high" if announcement.urgent else "normal",
        "attachments": [{"contentType": ADAPTIVE_CARD, "content": dict(announcement.card)}],
    }


@asynccontextmanager
async def open_bot_poster(
    settings: Settings, teams: Teams, credential: AsyncTokenCredential | None, *, breakers: Breakers | None = None
) -> AsyncIterator[BotPoster]:
    settings.require("bot_service_url", "bot_app_id")
    url = settings.bot_service_url or ""
    if credential is not None and url.startswith("http:") and not is_loopback(url):
        raise Misconfigured(
            f"TOCSIN_BOT_SERVICE_URL={url} is plain http, and the bot's token would cross the network in the clear. "
            "Use the https address, or TOCSIN_CREDENTIAL=anonymous for a stand-in."
        )
    async with http_client(url, time_out=settings.call_timeout_seconds) as http:
        yield BotPoster(
            http,
            teams,
            service_url=url,
            app_id=settings.bot_app_id or "",
            tenant_id=settings.tenant_id,
            credential=credential,
            time_out=settings.call_timeout_seconds,
            breaker=(breakers or Breakers()).of(BOT),
        )
