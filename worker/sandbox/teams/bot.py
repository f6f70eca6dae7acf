"""The Bot Connector: how an application posts into a channel when no person stands behind it."""

from __future__ import annotations

import html
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from worker.sandbox.teams import Teams
from worker.sandbox.teams.callers import Caller
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.content import ADAPTIVE_CARD, LARGEST_MESSAGE, Content, mention_of
from worker.sandbox.teams.messages import Message
from worker.sandbox.teams.refusals import Refused
from worker.sandbox.teams.remote_systems import BOT
from worker.sandbox.world import World

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CONVERSATIONS = BOT.path + "/v3/conversations"
_TEAM = BOT.path + "/v3/teams/{team}"
_ACTIVITIES = _CONVERSATIONS + "/{conversation}/activities"
# Teams makes links of bare addresses; a full stop or bracket after one belongs to the sentence.
_BARE_ADDRESS = re.compile(r"https?://(?:(?!&lt;|&gt;)[^\s\"'])+(?<![.,;:!?)])")
_MARKED_NAME = re.compile(r"&lt;at&gt;(.{1,256}?)&lt;/at&gt;", re.DOTALL)


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
            yield web.route(method, path, _answering(handler))

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
        sent = await _read_object(request)
        channel_id = _at(sent, "channelData", "channel", "id")
        if sent.get("isGroup") is not True or not isinstance(channel_id, str):
            raise _bad("A conversation in a channel needs isGroup and channelData.channel.id.")
        self._refuse_others(sent)
        channel = self._channel(channel_id)
        message = self._teams.post(channel, self._content(sent.get("activity")), self._sender())
        conversation = f"{channel.id};messageid={message.id}"
        return web.json_response({"id": conversation, "activityId": message.id}, status=201)

    async def _post_activity(self, request: web.Request) -> web.Response:
        channel, thread = self._conversation(request)
        content = self._content(await _read_object(request))
        message = self._teams.post(channel, content, self._sender(), reply_to=thread)
        return web.json_response({"id": message.id}, status=201)

    async def _edit_activity(self, request: web.Request) -> web.Response:
        channel, own = self._own_message(request)
        self._teams.edit(channel, own, self._content(await _read_object(request)))
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

    def _refuse_others(self, sent: Json) -> None:
        bot_id = _at(sent, "bot", "id")
        if not isinstance(bot_id, str):
            raise _bad("A conversation needs the id of the bot that starts it.")
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

    def _content(self, activity: object) -> Content:
        """The activity as Graph will show it: HTML, with a marker for each card, whose ids are ours to choose."""
        if not isinstance(activity, dict) or activity.get("type") != "message":
            raise _bad("An activity of type 'message' is expected.")
        attachments = [_attachment(sent) for sent in _list(activity, "attachments")]
        text = str(activity.get("text") or "")
        if not text and not attachments:
            raise _bad("A message needs a text or an attachment.")
        mentions = self._mentions(activity, attachments)
        markers = "".join(f'<attachment id="{attachment["id"]}"></attachment>' for attachment in attachments)
        return Content(
            body={"contentType": "html", "content": _as_html(text, mentions) + markers},
            summary=str(activity["summary"])[:255] if activity.get("summary") else None,
            importance="high" if activity.get("importance") == "high" else "normal",
            attachments=tuple(attachments),
            mentions=tuple(mentions),
        )

    def _mentions(self, activity: Json, attachments: list[Json]) -> list[Json]:
        """Whom the text and the cards call by name. Somebody who is not in the team stays plain text, unnotified."""
        cards = [json.loads(a["content"]) for a in attachments if a["contentType"] == ADAPTIVE_CARD]
        entities = _list(activity, "entities")
        for card in cards:
            entities += _list(card.get("msteams") or {}, "entities")
        called = [_called(entity) for entity in entities if entity.get("type") == "mention"]
        people = {p.entra_id: p for p in self._teams.members.people()} | {
            p.email.casefold(): p for p in self._teams.members.people()
        }
        known = [(text, people[who.casefold()]) for text, who in called if who.casefold() in people]
        return [mention_of(n, text, person.entra_id, person.name) for n, (text, person) in enumerate(known)]


def _attachment(sent: Json) -> Json:
    kind, content = sent.get("contentType"), sent.get("content")
    if not isinstance(kind, str):
        raise _bad("An attachment needs a contentType.")
    if kind == ADAPTIVE_CARD and not (isinstance(content, dict) and content.get("type") == "AdaptiveCard"):
        raise _bad("The content of an adaptive card must be an object of type AdaptiveCard.")
    kept = content if isinstance(content, str) or content is None else json.dumps(content, ensure_ascii=False)
    return {
        "id": uuid.uuid4().hex,
        "contentType": kind[:200],
        "contentUrl": None,
        "content": kept,
        "name": None,
        "thumbnailUrl": None,
        "teamsAppId": None,
    }


def _called(entity: Json) -> tuple[str, str]:
    text, who = entity.get("text"), _at(entity, "mentioned", "id")
    if not isinstance(text, str) or not isinstance(who, str):
        raise _bad("A mention needs its text and the id of the person mentioned.")
    return text.removeprefix("<at>").removesuffix("</at>"), who


def _as_html(text: str, mentions: list[Json]) -> str:
    numbers = {html.escape(mention["mentionText"], quote=False): mention["id"] for mention in mentions}

    def marked(match: re.Match[str]) -> str:
        number = numbers.get(match[1])
        return match[1] if number is None else f'<at id="{number}">{match[1]}</at>'

    escaped = html.escape(text, quote=False)
    linked = _BARE_ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', escaped)
    paragraphs = _MARKED_NAME.sub(marked, linked).split("\n\n")
    return "".join(f"<p>{p.replace(chr(10), '<br>')}</p>" for p in paragraphs if p.strip())


def _answering(handler: Handler) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            body = {"error": {"code": refused.code, "message": refused.message}}
            return web.json_response(body, status=refused.status)

    return answer


async def _read_object(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > LARGEST_MESSAGE:
        raise Refused(413, "MessageSizeTooBig", f"The message is larger than {LARGEST_MESSAGE} bytes.")
    try:
        sent = json.loads(raw)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise _bad("The body is not a JSON object.")
    return sent


def _at(sent: Json, *path: str) -> object:
    value: object = sent
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(sent: object, name: str) -> list[Json]:
    value = sent.get(name) if isinstance(sent, dict) else None
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _bad(f"'{name}' must be a list of objects.")
    return list(value)


def _bad(message: str) -> Refused:
    return Refused(400, "BadSyntax", message)
