"""The Bot Connector: how an application posts into channels and chats when no person stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.teams import Teams
from worker.sandbox.teams.accounts import by_id
from worker.sandbox.teams.activities import contents_of, only_content_of
from worker.sandbox.teams.callers import Caller
from worker.sandbox.teams.chats import Chat
from worker.sandbox.teams.connector import Handler, Json, answering, at, bad, objects, read_object
from worker.sandbox.teams.conversations import ChannelConversation, Conversation, no_conversation
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.remote_systems import BOT
from worker.sandbox.teams.serve_accounts import AccountRoutes
from worker.sandbox.world import Person, World

_CONVERSATIONS = BOT.path + "/v3/conversations"
_TEAM = BOT.path + "/v3/teams/{team}"
_ACTIVITIES = _CONVERSATIONS + "/{conversation}/activities"


class Bot:
    """The stand-in named "bot". What it posts are messages of `teams`; `installed` says whether it may."""

    system = BOT

    def __init__(self, world: World, teams: Teams, *, installed: bool = True) -> None:
        self.world = world
        self.installed = installed
        self._teams = teams
        self._accounts = AccountRoutes(world, lambda request: self._conversation(request).people())

    def routes(self) -> Iterable[web.RouteDef]:
        for method, path, handler in (
            ("POST", _CONVERSATIONS, self._start_conversation),
            ("POST", _ACTIVITIES, self._post_activity),
            ("PUT", _ACTIVITIES + "/{activity}", self._edit_activity),
            ("DELETE", _ACTIVITIES + "/{activity}", self._delete_activity),
            ("GET", _TEAM, self._team_details),
        ):
            yield web.route(method, path, answering(self._settled(handler)))
        for route in self._accounts.routes():
            yield web.route(route.method, _CONVERSATIONS + route.path, answering(self._settled(route.handler)))

    def settings(self, url: str) -> dict[str, str]:
        return {
            "posting": "bot",
            "bot_service_url": url,
            "bot_app_id": self.world.bot_app_id,
            "tenant_id": self.world.tenant_id,
        }

    def state(self) -> Json:
        """What it posts is in the state of Teams."""
        return {"id": self._id, "installed": self.installed}

    def restore(self, state: Mapping[str, Json]) -> None:
        self.installed = bool(state["installed"])

    @property
    def _id(self) -> str:
        return f"28:{self.world.bot_app_id}"

    def _settled(self, handler: Handler) -> Handler:
        """The bot finds the channels as Graph shows them."""

        async def answer(request: web.Request) -> web.StreamResponse:
            self._teams.settle_all(request.app[FAULTS])
            return await handler(request)

        return answer

    async def _start_conversation(self, request: web.Request) -> web.Response:
        sent = await read_object(request)
        self._refuse_others(sent)
        if sent.get("isGroup") is True:
            return self._start_thread(sent)
        return self._start_chat(sent)

    def _start_thread(self, sent: Json) -> web.Response:
        channel_id = at(sent, "channelData", "channel", "id")
        if not isinstance(channel_id, str):
            raise bad("A conversation in a channel needs isGroup and channelData.channel.id.")
        return self._started(self._channel(channel_id), sent.get("activity"))

    def _start_chat(self, sent: Json) -> web.Response:
        chat = self._teams.chats.open(self._only_member(sent))
        if "activity" in sent:
            return self._started(chat, sent["activity"])
        return web.json_response({"id": chat.conversation}, status=201)

    def _started(self, conversation: Conversation, activity: object) -> web.Response:
        message = self._post(conversation, activity)
        if message is None:
            return _accepted()
        started = {"id": conversation.address(message), "activityId": message.id}
        return web.json_response(started, status=201)

    async def _post_activity(self, request: web.Request) -> web.Response:
        message = self._post(self._conversation(request), await read_object(request))
        return web.json_response({"id": message.id}, status=201) if message else _accepted()

    async def _edit_activity(self, request: web.Request) -> web.Response:
        conversation, own = self._own_message(request)
        conversation.edit(own, only_content_of(await read_object(request), conversation.people()))
        return web.json_response({"id": own.id})

    async def _delete_activity(self, request: web.Request) -> web.Response:
        conversation, own = self._own_message(request)
        conversation.delete(own)
        return web.Response()

    async def _team_details(self, request: web.Request) -> web.Response:
        """A team goes by the id of its first channel here, not by that of its group."""
        found = self._channel(request.match_info["team"])
        if found.channel is not found.team.primary_channel:
            raise no_conversation()
        details = {
            "id": found.channel.id,
            "name": found.team.name,
            "type": "standard",
            "aadGroupId": found.team.id,
            "channelCount": sum(not each.deleted for each in found.team.channels),
            "memberCount": len(found.people()),
        }
        return web.json_response(details)

    def _post(self, conversation: Conversation, activity: object) -> Message | None:
        """The one message that the activity became; None when it became several, whose ids nobody is told."""
        contents = contents_of(activity, conversation.people())
        made = [conversation.post(content, self._sender()) for content in contents]
        return made[0] if len(made) == 1 else None

    def _refuse_others(self, sent: Json) -> None:
        bot_id = at(sent, "bot", "id")
        if not isinstance(bot_id, str):
            raise bad("A conversation needs the id of the bot that starts it.")
        if bot_id != self._id:
            raise Refused(403, "Forbidden", "The id of the bot is not that of the application that calls.")
        tenant = sent.get("tenantId", self.world.tenant_id)
        if tenant != self.world.tenant_id:
            raise Refused(403, "Forbidden", "The bot is not enabled for this tenant.")

    def _only_member(self, sent: Json) -> Person:
        """Whom a chat is to be with: by object id or by the bot's own id alone, and only where the app is."""
        members = objects(sent, "members")
        member_id = members[0].get("id") if len(members) == 1 else None
        if not isinstance(member_id, str):
            raise bad("A conversation that is no group needs members with the id of the one person it is with.")
        person = by_id(member_id, self.world.people)
        if person is None:
            raise bad("Invalid user identity in provided tenant: neither an object id nor an id of the bot's own.")
        if not self.installed or not any(person in team.members.people() for team in self._teams.teams):
            raise _not_in_roster()
        return person

    def _channel(self, channel_id: str) -> ChannelConversation:
        if not self.installed:
            raise _not_in_roster()
        for team in self._teams.teams:
            for channel in team.channels:
                if channel.id == channel_id and not channel.deleted:
                    return ChannelConversation(team, channel)
        raise no_conversation()

    def _chat(self, conversation: str) -> Chat | None:
        chat = self._teams.chats.of_conversation(conversation)
        if chat is not None and not self.installed:
            raise _not_in_roster()
        return chat

    def _conversation(self, request: web.Request) -> Conversation:
        address = request.match_info["conversation"]
        chat = self._chat(address)
        if chat is not None:
            return chat
        channel_id, _, thread = address.partition(";messageid=")
        channel = self._channel(channel_id)
        if thread:
            channel.message(thread)
        return replace(channel, thread=thread or None)

    def _own_message(self, request: web.Request) -> tuple[Conversation, Message]:
        conversation = self._conversation(request)
        message = conversation.message(request.match_info["activity"])
        if message.sender != self._sender():
            raise Refused(403, "Forbidden", "The activity was sent by somebody else.")
        return conversation, message

    def _sender(self) -> Json:
        caller = Caller(self.world.bot_app_id, self.world.service.name, delegated=False)
        return caller.as_identity_set()


def _accepted() -> web.Response:
    """What the connector says of an activity that became several messages: no id of any."""
    return web.json_response({}, status=202)


def _not_in_roster() -> Refused:
    return Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
