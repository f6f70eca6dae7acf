"""Messages as Graph shows them: with their addresses, and a root with its replies where it is asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from worker.sandbox.teams.addresses import message_address
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import bad_request
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.team import Team

Json = dict[str, Any]

MOST_EXPANDED = 1_000
_REPLIES_IN_A_PAGE = 50
_ALL_KINDS = "include-unknown-enum-members"


class ShownMessages:
    def __init__(self, team: Team) -> None:
        self._team = team

    def one(self, message: Message, request: web.Request, *, expand: bool) -> Json:
        shown = message.to_json() | {
            "webUrl": message_address(message, self._team, request),
            "channelIdentity": {"teamId": self._team.id, "channelId": message.channel_id},
        }
        if message.event and _ALL_KINDS not in request.headers.get("Prefer", ""):
            # A kind that was added later is named to those alone who say that they can bear it.
            shown["messageType"] = "unknownFutureValue"
        return shown | self._replies(message, request) if expand else shown

    def _replies(self, message: Message, request: web.Request) -> Json:
        replies = self._team.messages.replies(message)
        shown: Json = {"replies": [self.one(reply, request, expand=False) for reply in replies[:MOST_EXPANDED]]}
        if len(replies) > MOST_EXPANDED:
            channel = quote(message.channel_id, safe="")
            path = f"{GRAPH.path}/v1.0/teams/{self._team.id}/channels/{channel}/messages/{message.id}/replies"
            query = f"%24top={_REPLIES_IN_A_PAGE}&%24skiptoken={MOST_EXPANDED}"
            shown["replies@odata.nextLink"] = f"{request.url.origin()}{path}?{query}"
        return shown


def expands_replies(request: web.Request) -> bool:
    expand = request.query.get("$expand")
    if expand not in (None, "replies"):
        raise bad_request("Only 'replies' can be expanded on a message.")
    return expand is not None
