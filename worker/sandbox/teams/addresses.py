"""The addresses that Graph hands out for people; here they lead to the sandbox's own page."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from aiohttp import web

from worker.sandbox.harness.shown_address import shown_origin
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.team import Team


def channel_address(channel: Channel, team: Team, request: web.Request) -> str:
    path = f"{GRAPH.path}/l/channel/{quote(channel.id, safe='')}/{quote(channel.name, safe='')}"
    return f"{shown_origin(request)}{path}?{_group(team)}"


def message_address(message: Message, team: Team, request: web.Request) -> str:
    path = f"{GRAPH.path}/l/message/{quote(message.channel_id, safe='')}/{message.id}"
    thread = message.reply_to or message.id
    return f"{shown_origin(request)}{path}?{_group(team)}&parentMessageId={thread}"


def address_routes() -> Iterable[web.RouteDef]:
    yield web.get(GRAPH.path + "/l/{kind:channel|message}/{channel}/{rest}", _to_page)


def _group(team: Team) -> str:
    return f"groupId={team.id}&tenantId={team.world.tenant_id}"


async def _to_page(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"/#channel-{quote(request.match_info['channel'], safe=':@')}")
