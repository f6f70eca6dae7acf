"""The Bot Connector: how an application posts into a channel when no person stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from worker.sandbox.teams import Teams
from worker.sandbox.teams.activities import contents_of, only_content_of
from worker.sandbox.teams.callers import Caller
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.connector import answering, at, bad, read_object
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.remote_systems import BOT
from worker.sandbox.world import World

Json = dict[str, Any]

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

    def routes(self) -> Iterable[web.RouteDef]:
        for method, path, handler in (
            ("POST", _CONVERSATIONS, self._start_conversation),
            ("POST", _ACTIVITIES, self._post_activity),
            ("PUT", _ACTIVITIES + "/{activity}", self._edit_activity),
            ("DELETE", _ACTIVITIES + "/{activity}", self._delete_activity),
            ("GET", _TEAM, self._team_details),
        ):
            yield web.route(method, path, answering(handler))

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

    def restore(self, state: Mapping[str, Any]) -> None:
        self.installed = state["installed"]

    @property
    def _id(self) -> str:
        return f"28:{self.world.bot_app_id}"

    async def _start_conversation(self, request: web.Request) -> web.Response:
        sent = await read_object(request)
        channel_id = at(sent, "channelData", "channel", "id")
        if sent.get("isGroup") is not True or not isinstance(channel_id, str):
            raise bad("A conversation in a channel needs isGroup and channelData.channel.id.")
        self._refuse_others(sent)
        channel = self._channel(channel_id)
        message = self._post(channel, sent.get("activity"))
        if message is None:
            return _accepted()
        conversation = f"{channel.id};messageid={message.id}"
        return web.json_response({"id": conversation, "activityId": message.id}, status=201)

    async def _post_activity(self, request: web.Request) -> web.Response:
        channel, thread = self._conversation(request)
        message = self._post(channel, await read_object(request), reply_to=thread)
        return web.json_response({"id": message.id}, status=201) if message else _accepted()

    async def _edit_activity(self, request: web.Request) -> web.Response:
        channel, own = self._own_message(request)
        content = only_content_of(await read_object(request), self._teams.members.people())
        self._teams.edit(channel, own, content)
        return web.json_response({"id": own.id})

    async def _delete_activity(self, request: web.Request) -> web.Response:
        _, own = self._own_message(request)
        self._teams.messages.delete(own, self._teams.clock())
        return web.Response()

    async def _team_details(self, request: web.Request) -> web.Response:
        """A team goes by the id of its first channel here, not by that of its group."""
        channel = self._channel(request.match_info["team"])
        there = [each for each in self._teams.channels if not each.deleted]
        if channel is not there[0]:
            raise Refused(404, "ConversationNotFound", "Conversation not found.")
        details = {
            "id": channel.id,
            "name": self.world.team,
            "type": "standard",
            "aadGroupId": self.world.team_id,
            "channelCount": len(there),
            "memberCount": len(self._teams.members.people()),
        }
        return web.json_response(details)

    def _post(self, channel: Channel, activity: object, *, reply_to: str | None = None) -> Message | None:
        """The one message that the activity became; None when it became several, whose ids nobody is told."""
        contents = contents_of(activity, self._teams.members.people())
        made = [self._teams.post(channel, content, self._sender(), reply_to=reply_to) for content in contents]
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

    def _channel(self, channel_id: str) -> Channel:
        if not self.installed:
            raise Refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        try:
            return self._teams.channels.get(channel_id)
        except Refused:
            raise Refused(404, "ConversationNotFound", "Conversation not found.") from None

    def _conversation(self, request: web.Request) -> tuple[Channel, str | None]:
        channel_id, _, thread = request.match_info["conversation"].partition(";messageid=")
        channel = self._channel(channel_id)
        if thread:
            self._message(channel, thread)
        return channel, thread or None

    def _own_message(self, request: web.Request) -> tuple[Channel, Message]:
        channel, _ = self._conversation(request)
        message = self._message(channel, request.match_info["activity"])
        if message.sender != self._sender():
            raise Refused(403, "Forbidden", "The activity was sent by somebody else.")
        return channel, message

    def _message(self, channel: Channel, message_id: str) -> Message:
        try:
            message = self._teams.messages.get(channel.id, message_id)
        except Refused:
            message = None
        if message is None or message.deleted:
            raise Refused(404, "ActivityNotFoundInConversation", "The activity is not in the conversation.")
        return message

    def _sender(self) -> Json:
        caller = Caller(self.world.bot_app_id, self.world.service.name, delegated=False)
        return caller.as_identity_set()


def _accepted() -> web.Response:
    """What the connector says of an activity that became several messages: no id of any."""
    return web.json_response({}, status=202)
