"""What people do to a message that stands, a root or a reply: they change it, delete it, react to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp import web

from worker.sandbox.teams.answers import read_object
from worker.sandbox.teams.callers import Caller, caller_of
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.content import content_after, refuse_large
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.reactions import reaction_of
from worker.sandbox.teams.refusals import Refused, bad_request, not_found
from worker.sandbox.teams.team import Team

_MESSAGE = "/teams/{team}/channels/{channel}/messages/{message}"
_REPLY = _MESSAGE + "/replies/{reply}"
_LONGEST_REACTION = 64


class ChangeRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team

    def routes(self) -> Iterable[web.RouteDef]:
        for address in (_MESSAGE, _REPLY):
            yield web.patch(address, self.edit)
            yield web.post(address + "/softDelete", self.delete)
            yield web.post(address + "/setReaction", self.react)
            yield web.post(address + "/unsetReaction", self.take_back)

    async def edit(self, request: web.Request) -> web.Response:
        channel, message = self._standing(request)
        self._own(request, message)
        refuse_large(len(await request.read()))
        content = content_after(message.content, await read_object(request), self._team.members.names())
        self._team.edit(channel, message, content)
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        channel, message = self._standing(request)
        self._own(request, message)
        self._team.delete(channel, message)
        return web.Response(status=204)

    async def react(self, request: web.Request) -> web.Response:
        return await self._change_reaction(request, self._team.react)

    async def take_back(self, request: web.Request) -> web.Response:
        return await self._change_reaction(request, self._team.take_back)

    async def _change_reaction(self, request: web.Request, change: Callable[..., Message]) -> web.Response:
        channel, message = self._standing(request)
        caller = self._person(request)
        kind = (await read_object(request)).get("reactionType")
        if not isinstance(kind, str) or not 1 <= len(kind) <= _LONGEST_REACTION:
            raise bad_request("Invalid value specified for property 'reactionType'.")
        change(channel, message, reaction_of(kind, caller.id, self._team.clock()))
        return web.Response(status=204)

    def _standing(self, request: web.Request) -> tuple[Channel, Message]:
        channel = self._team.channels.get(request.match_info["channel"])
        message = named_message(self._team, channel, request)
        if message.deleted:
            raise not_found(f"Message '{message.id}' was deleted.")
        return channel, message

    def _own(self, request: web.Request, message: Message) -> None:
        caller = caller_of(request.headers, self._team.world)
        # An application on its own may say that a message violates a policy, which nobody does here, and nothing else.
        if not caller.delegated or message.sender != caller.as_identity_set():
            raise Refused(403, "Forbidden", "Only the user who sent a message may change what it says.")

    def _person(self, request: web.Request) -> Caller:
        caller = caller_of(request.headers, self._team.world)
        if not caller.delegated:
            raise Refused(403, "Forbidden", "Reactions are set by people, not by an application on its own.")
        return caller


def named_message(team: Team, channel: Channel, request: web.Request) -> Message:
    """The message of the address: a root or, under it, one of its replies."""
    message = team.messages.get(channel.id, request.match_info["message"])
    if "reply" not in request.match_info:
        return message
    reply = team.messages.get(channel.id, request.match_info["reply"])
    if reply.reply_to != message.id:
        raise not_found(f"Message '{reply.id}' is no reply to '{message.id}'.")
    return reply
