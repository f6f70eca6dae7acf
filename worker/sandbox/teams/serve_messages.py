"""Messages over HTTP: posted by people alone, listed with Graph's few options."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.answers import entity, listing, read_object
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.content import content_of, refuse_large
from worker.sandbox.teams.grants import READ_MESSAGES
from worker.sandbox.teams.lag import old_enough
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.serve_changes import named_message
from worker.sandbox.teams.shown_messages import ShownMessages, expands_replies
from worker.sandbox.teams.team import Team

_MESSAGES = "/teams/{team}/channels/{channel}/messages"
_MESSAGE = _MESSAGES + "/{message}"
_MOST_LISTED = 50
_LISTED_UNLESS_TOLD = 20

_IMPORT_ONLY = (
    "Message POST is allowed in application-only context only for import purposes. Refer to "
    "https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/"
    "import-external-messages-to-teams for more details."
)


class MessageRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team
        self._shown = ShownMessages(team)

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get(_MESSAGES, self.list_messages),
            web.post(_MESSAGES, self.post),
            web.get(_MESSAGE, self.get),
            web.get(_MESSAGE + "/replies", self.list_replies),
            web.get(_MESSAGE + "/replies/{reply}", self.get),
            web.post(_MESSAGE + "/replies", self.post),
        )

    async def list_messages(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$expand", "$skiptoken"})
        self._team.grants.require(READ_MESSAGES, caller=caller_of(request.headers, self._team.world))
        threads = self._team.messages.threads(self._channel(request).id)
        return self._page(threads, request, expand=expands_replies(request))

    async def list_replies(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$skiptoken"})
        self._team.grants.require(READ_MESSAGES, caller=caller_of(request.headers, self._team.world))
        return self._page(self._team.messages.replies(self._message(request)), request, expand=False)

    async def get(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$expand"})
        self._team.grants.require(READ_MESSAGES, caller=caller_of(request.headers, self._team.world))
        shown = self._shown.one(self._message(request), request, expand=expands_replies(request))
        return entity("messages", shown)

    async def post(self, request: web.Request) -> web.Response:
        caller = caller_of(request.headers, self._team.world)
        if not caller.delegated:
            raise Refused(401, "Unauthorized", _IMPORT_ONLY)
        channel = self._channel(request)
        refuse_large(len(await request.read()))
        content = content_of(await read_object(request), self._team.members.names())
        thread = request.match_info.get("message")
        message = self._team.post(channel, content, caller.as_identity_set(), reply_to=thread)
        return entity("messages", self._shown.one(message, request, expand=False), 201)

    def _page(self, messages: list[Message], request: web.Request, *, expand: bool) -> web.Response:
        there = old_enough(messages, request, self._team.clock())
        most = odata.top(request.query, default=_LISTED_UNLESS_TOLD, most=_MOST_LISTED)
        start = odata.skipped(request.query)
        shown = [self._shown.one(one, request, expand=expand) for one in there[start : start + most]]
        if len(there) <= start + most:
            return listing("messages", shown)
        following = request.url.update_query({"$skiptoken": str(start + most)})
        return listing("messages", shown, nextLink=str(following))

    def _channel(self, request: web.Request) -> Channel:
        return self._team.channels.get(request.match_info["channel"])

    def _message(self, request: web.Request) -> Message:
        return named_message(self._team, self._channel(request), request)
