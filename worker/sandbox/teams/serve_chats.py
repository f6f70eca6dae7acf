"""The bot's chats as Graph lets an application read them where its app is installed."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.answers import listing
from worker.sandbox.teams.chats import Chat, Chats
from worker.sandbox.teams.lag import old_enough
from worker.sandbox.teams.refusals import not_found
from worker.sandbox.teams.team import Clock

_MOST_LISTED = 50
_LISTED_UNLESS_TOLD = 20


class ChatRoutes:
    def __init__(self, chats: Chats, clock: Clock) -> None:
        self._chats = chats
        self._clock = clock

    def routes(self) -> Iterable[web.RouteDef]:
        return (web.get("/chats/{chat}/messages", self.list_messages),)

    async def list_messages(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$skiptoken"})
        chat = self._chat(request)
        there = old_enough(chat.newest_first(), request, self._clock())
        most = odata.top(request.query, default=_LISTED_UNLESS_TOLD, most=_MOST_LISTED)
        start = odata.skipped(request.query)
        shown = [chat.shown(message) for message in there[start : start + most]]
        if len(there) <= start + most:
            return listing("messages", shown)
        following = request.url.update_query({"$skiptoken": str(start + most)})
        return listing("messages", shown, nextLink=str(following))

    def _chat(self, request: web.Request) -> Chat:
        chat = self._chats.get(request.match_info["chat"])
        if chat is None:
            raise not_found(f"Chat '{request.match_info['chat'][:100]}' does not exist.")
        return chat
