"""What has changed in a channel since the last time: threads, each as a whole, with a token to ask on from."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.teams import odata
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.grants import READ_MESSAGES
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused, bad_request
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.shown_messages import ShownMessages, expands_replies
from worker.sandbox.teams.team import Team

Json = dict[str, Any]

_DELTA = "/teams/{team}/channels/{channel}/messages/delta"
_MOST_LISTED = 50
_LISTED_UNLESS_TOLD = 20
_EIGHT_MONTHS = timedelta(days=240)
_LONGEST_TOKEN = 1_024
_SINCE = re.compile(r"\s*lastModifiedDateTime\s+gt\s+(\S{10,40})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Position:
    """How far somebody has read, in milliseconds of the newest change seen, and how they wish to be answered."""

    channel: str
    seen: int
    top: int
    expand: bool

    def token(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(asdict(self)).encode()).decode()


class DeltaRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team
        self._shown = ShownMessages(team)

    def routes(self) -> Iterable[web.RouteDef]:
        # The SDK writes it as a function is written.
        return (web.get(_DELTA, self.list_changes), web.get(_DELTA + "()", self.list_changes))

    async def list_changes(self, request: web.Request) -> web.Response:
        self._team.grants.require(READ_MESSAGES, caller=caller_of(request.headers, self._team.world))
        channel = self._team.channels.get(request.match_info["channel"])
        position = self._position(request, channel.id)
        changed = [(_milliseconds(at), thread) for at, thread in self._changed(channel.id, request)]
        unseen = [(at, thread) for at, thread in changed if at > position.seen]
        page = unseen[: position.top]
        seen = replace(position, seen=page[-1][0]) if page else position
        link, token = ("nextLink", "$skiptoken") if len(unseen) > len(page) else ("deltaLink", "$deltatoken")
        shown = [self._shown.one(thread, request, expand=position.expand) for _, thread in page]
        return web.json_response(
            {
                "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Collection(chatMessage)",
                f"@odata.{link}": str(request.url.with_query({token: seen.token()})),
                "value": shown,
            }
        )

    def _changed(self, channel_id: str, request: web.Request) -> list[tuple[datetime, Message]]:
        newest = self._team.clock() - request.app[FAULTS].lag(GRAPH.name)
        changed = self._team.messages.changed_threads(channel_id)
        # A list that lags ends earlier, and misses nothing afterwards.
        return [each for each in changed if each[0] <= newest] if request.app[FAULTS].lag(GRAPH.name) else changed

    def _position(self, request: web.Request, channel_id: str) -> Position:
        token = request.query.get("$deltatoken") or request.query.get("$skiptoken")
        if token is not None:
            return _read(token, channel_id)
        odata.only(request.query, {"$top", "$filter", "$expand"})
        oldest = _milliseconds(self._team.clock() - _EIGHT_MONTHS)
        return Position(
            channel=channel_id,
            seen=max(oldest, _since(request.query.get("$filter"))),
            top=odata.top(request.query, default=_LISTED_UNLESS_TOLD, most=_MOST_LISTED),
            expand=expands_replies(request),
        )


def _read(token: str, channel_id: str) -> Position:
    try:
        position = Position(**json.loads(base64.urlsafe_b64decode(token[:_LONGEST_TOKEN])))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise bad_request("Badly formed token.") from None
    if position.channel != channel_id:
        raise Refused(410, "syncStateNotFound", "The sync state is not found for this channel. Start anew.")
    return position


def _since(expression: str | None) -> int:
    if expression is None:
        return 0
    match = _SINCE.fullmatch(expression[:200])
    try:
        moment = datetime.fromisoformat(match[1].upper()) if match else None
    except ValueError:
        moment = None
    if moment is None:
        raise bad_request(f"Invalid filter clause: '{expression[:100]}' is not supported for this resource.")
    return _milliseconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
