"""The Bot Connector over HTTP: signed requests on conversations, each as one remote call."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
from azure.core.credentials_async import AsyncTokenCredential

from worker.clients.calls import carry_out
from worker.clients.outcomes import Answers, Interpretation, Refusal, RemoteCall
from worker.clients.posting.poster import ADAPTIVE_CARD, Announcement
from worker.clients.system import System
from worker.clients.teams.client import ARCHIVED
from worker.domain.errors import Forbidden, Gone, Unknown
from worker.resilience.circuit_breaker import Breaker

BOT = System("bot", "the Bot Connector")
_SCOPE = "https://api.botframework.com/.default"

POST_ACTIVITY: Answers = {
    **ARCHIVED,
    "BotNotInConversationRoster": Interpretation(
        Forbidden, "Install the bot's app in the team (Teams, Manage team, Apps), then replay."
    ),
    401: Interpretation(Forbidden, "Check the secret or identity of the bot's app registration, then replay."),
    403: Interpretation(Forbidden, "Check that TOCSIN_BOT_APP_ID and TOCSIN_TENANT_ID are those of the installed bot."),
    404: Interpretation(Gone, "The bot sees no such channel: it was deleted, or is only just being made."),
}
REPLY_ACTIVITY: Answers = {
    "ActivityNotFoundInConversation": Interpretation(
        Gone, "There is no such message to answer any more: somebody deleted it."
    ),
    **POST_ACTIVITY,
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


class BotConnector:
    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        service_url: str,
        app_id: str,
        tenant_id: str | None,
        credential: AsyncTokenCredential | None,
        time_out: timedelta,
        breaker: Breaker,
    ) -> None:
        self._http = http
        self._root = f"{service_url}/v3"
        self.app_id = app_id
        self._tenant_id = tenant_id
        self._credential = credential
        self._time_out = time_out
        self._breaker = breaker

    async def read(
        self, trying: str, path: str, answers: Answers, *, method: str = "GET", body: dict[str, Any] | None = None
    ) -> Any:
        """What is answered to a request that may be sent any number of times; raises as every remote call does."""
        return await self._carry_out(RemoteCall(trying, BOT, writes=False, answers=answers), method, path, body)

    async def write(
        self, trying: str, method: str, path: str, answers: Answers, body: dict[str, Any] | None = None
    ) -> Any:
        """What a POST, PUT or DELETE answers; None where that cannot be read, though it was taken."""
        # A change that is made twice comes to the same.
        attempt = RemoteCall(trying, BOT, writes=True, repeatable=method == "PUT", answers=answers)
        return await self._carry_out(attempt, method, path, body)

    async def sign(self) -> dict[str, str]:
        if self._credential is None:
            return {}
        token = await self._credential.get_token(_SCOPE)
        return {"Authorization": f"Bearer {token.token}"}

    async def check(self) -> None:
        attempt = RemoteCall(f"get a token for the bot {self.app_id}", BOT, writes=False)
        await carry_out(attempt, self.sign, time_out=self._time_out, breaker=self._breaker)

    def opening(self) -> dict[str, Any]:
        """What every conversation is begun with."""
        return {"bot": {"id": f"28:{self.app_id}"}, **({"tenantId": self._tenant_id} if self._tenant_id else {})}

    async def _carry_out(self, attempt: RemoteCall, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        async def send() -> Any:
            response = await self._http.request(method, self._root + path, json=body, headers=await self.sign())
            if not response.is_success:
                raise attempt.refused(Refusal.of_response(response))
            return _read(response)

        return await carry_out(attempt, send, time_out=self._time_out, breaker=self._breaker)


def _read(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def conversation_path(conversation: str) -> str:
    return f"/conversations/{quote(conversation, safe='')}"


def activity_path(conversation: str, activity: str) -> str:
    return f"{conversation_path(conversation)}/activities/{quote(activity, safe='')}"


def activity(announcement: Announcement) -> dict[str, Any]:
    """The card alone: of a text and a card Teams makes two messages, which have no id and cannot be changed."""
    return {
        "type": "message",
        "summary": announcement.summary,
        "importance": "high" if announcement.urgent else "normal",
        "attachments": [{"contentType": ADAPTIVE_CARD, "content": dict(announcement.card)}],
    }
