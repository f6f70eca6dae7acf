"""Microsoft Teams as Graph shows it: one team with its channels, its members and their messages."""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from aiohttp import web

from worker.sandbox.faults import FAULTS
from worker.sandbox.teams import odata
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.channels import GENERAL, Channel, Channels
from worker.sandbox.teams.limits import Call, Throttle
from worker.sandbox.teams.members import Members, user_json
from worker.sandbox.teams.messages import Content, Message, Messages, content_of, refuse_large
from worker.sandbox.teams.refusals import Refused, bad_request, not_found, refusal_response
from worker.sandbox.teams.timestamps import stamp
from worker.sandbox.world import World

Json = dict[str, Any]
Clock = Callable[[], datetime]
_Made = TypeVar("_Made", Channel, Message)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROOT = "/graph/v1.0"
_TEAM = ROOT + "/teams/{team}"
_CHANNEL = _TEAM + "/channels/{channel}"
_MESSAGE = _CHANNEL + "/messages/{message}"

LARGEST_BODY = 256 * 1024  # no request of Graph's Teams part has reason to be larger
MOST_LISTED = 50  # Graph's page of messages
_PAGE = 20  # and what it hands out unless told

_IMPORT_ONLY = (
    "Message POST is allowed in application-only context only for import purposes. Refer to "
    "https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams "
    "for more details."
)


def _now() -> datetime:
    return datetime.now(UTC)


class Teams:
    """The stand-in named "graph"; refuses what Graph refuses, above all a message from an application alone."""

    system = "graph"

    def __init__(self, world: World, *, clock: Clock = _now) -> None:
        self.world = world
        self.clock = clock
        self.members = Members(world)
        self.messages = Messages()
        self.channels = Channels([_general(world, clock())])
        self._throttle = Throttle()
        self._operations: dict[str, Json] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        for method, path, handler in (
            ("GET", _TEAM, self._get_team),
            ("GET", _TEAM + "/channels", self._list_channels),
            ("POST", _TEAM + "/channels", self._create_channel),
            ("GET", _CHANNEL, self._get_channel),
            ("PATCH", _CHANNEL, self._change_channel),
            ("DELETE", _CHANNEL, self._delete_channel),
            ("POST", _CHANNEL + "/archive", self._archive_channel),
            ("POST", _CHANNEL + "/unarchive", self._archive_channel),
            ("GET", _CHANNEL + "/members", self._list_members),
            ("GET", _CHANNEL + "/messages", self._list_messages),
            ("POST", _CHANNEL + "/messages", self._post_message),
            ("GET", _MESSAGE, self._get_message),
            ("GET", _MESSAGE + "/replies", self._list_replies),
            ("POST", _MESSAGE + "/replies", self._post_message),
            ("GET", _TEAM + "/members", self._list_members),
            ("POST", _TEAM + "/members", self._add_member),
            ("GET", _TEAM + "/operations/{operation}", self._get_operation),
            ("GET", ROOT + "/users/{user}", self._get_user),
        ):
            yield web.route(method, path, self._answering(handler))
        yield web.get("/graph/l/{kind:channel|message}/{channel}/{rest}", _to_page)

    # State, for people, tests and the next start

    def state(self) -> Json:
        """Deleted channels are in it too: their names are still taken."""
        return {
            "team": self._team_json(),
            "members": [self.members.to_json(person) for person in self.members.people()],
            "channels": [
                {
                    **channel.to_json(),
                    "messages": [message.to_json() for message in self.messages.of_channel(channel.id)],
                }
                for channel in self.channels
            ],
            "operations": self._operations,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.members.ids = [member["userId"] for member in state["members"]]
        self.channels = Channels(map(Channel.from_json, state["channels"]))
        stored = [(m, c["id"]) for c in state["channels"] for m in c["messages"]]
        ordered = sorted(stored, key=lambda pair: int(pair[0]["id"]))
        self.messages = Messages(Message.from_json(message, channel_id) for message, channel_id in ordered)
        self._operations = dict(state["operations"])

    def post(self, channel: Channel, content: Content, sender: Json, *, reply_to: str | None = None) -> Message:
        """Take a message whoever sends it: the way in for Graph and for the bot alike."""
        if channel.archived:
            raise Refused(403, "Forbidden", f"The channel '{channel.name}' is archived and takes no messages.")
        return self.messages.post(channel.id, content, sender, self.clock(), reply_to=reply_to)

    # Teams and members

    async def _get_team(self, request: web.Request) -> web.Response:
        return _json(_context("teams/$entity") | odata.selected(self._team_json(), request.query.get("$select")))

    async def _list_members(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$filter", "$select", "$top"})
        return _listing("members", [self.members.to_json(person) for person in self.members.people()])

    async def _add_member(self, request: web.Request) -> web.Response:
        return _json(_context("members/$entity") | self.members.add(await _sent(request)), 201)

    async def _get_user(self, request: web.Request) -> web.Response:
        user = user_json(self.members.user(request.match_info["user"]))
        return _json(_context("users/$entity") | odata.selected(user, request.query.get("$select")))

    async def _get_operation(self, request: web.Request) -> web.Response:
        operation = self._operations.get(request.match_info["operation"])
        if operation is None:
            raise not_found("The operation does not exist.")
        return _json(_context("operations/$entity") | operation)

    # Channels

    async def _list_channels(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$filter", "$select"})
        listed = [self._channel_json(c, request) for c in self._listed(self._channels_there(), request)]
        if "$filter" in request.query:
            matches = odata.equality(request.query["$filter"], {"displayName", "membershipType"})
            listed = [channel for channel in listed if matches(channel)]
        return _listing("channels", [odata.selected(c, request.query.get("$select")) for c in listed])

    async def _create_channel(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        _refuse_other_than_standard(sent)
        channel = self.channels.create(
            _string(sent, "displayName") or "",
            _string(sent, "description"),
            by=caller_of(request.headers, self.world).name,
            now=self.clock(),
        )
        return _json(_context("channels/$entity") | self._channel_json(channel, request), 201)

    async def _get_channel(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$select"})
        channel = self._channel_json(self._channel(request), request)
        return _json(_context("channels/$entity") | odata.selected(channel, request.query.get("$select")))

    async def _change_channel(self, request: web.Request) -> web.Response:
        channel, sent = self._channel(request), await _sent(request)
        self.channels.change(
            channel,
            name=_string(sent, "displayName"),
            description=_string(sent, "description"),
            now=self.clock(),
        )
        return web.Response(status=204)

    async def _delete_channel(self, request: web.Request) -> web.Response:
        self.channels.delete(self._channel(request), self.clock())
        return web.Response(status=204)

    async def _archive_channel(self, request: web.Request) -> web.Response:
        archived = request.path.endswith("/archive")
        channel = self.channels.archive(self._channel(request), archived=archived)
        operation = _operation("archiveChannel" if archived else "unarchiveChannel", channel.id, self.clock())
        self._operations[operation["id"]] = operation
        location = f"/teams/{self.world.team_id}/operations/{operation['id']}"
        return web.Response(status=202, headers={"Location": location})

    # Messages

    async def _list_messages(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$expand", "$skiptoken"})
        threads = self._listed(self.messages.threads(self._channel(request).id), request)
        return self._page(threads, request, expand=_expands_replies(request))

    async def _list_replies(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$skiptoken"})
        replies = self._listed(self.messages.replies(self._message(request)), request)
        return self._page(replies, request, expand=False)

    async def _get_message(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$expand"})
        message = self._message_json(self._message(request), request, expand=_expands_replies(request))
        return _json(_context("messages/$entity") | message)

    async def _post_message(self, request: web.Request) -> web.Response:
        caller = caller_of(request.headers, self.world)
        if not caller.delegated:
            raise Refused(401, "Unauthorized", _IMPORT_ONLY)
        channel = self._channel(request)
        refuse_large(len(await request.read()))
        content = content_of(await _sent(request), self.members.names())
        thread = request.match_info.get("message")
        message = self.post(channel, content, caller.as_identity_set(), reply_to=thread)
        return _json(_context("messages/$entity") | self._message_json(message, request, expand=False), 201)

    def _page(self, messages: list[Message], request: web.Request, *, expand: bool) -> web.Response:
        most = odata.top(request.query, default=_PAGE, most=MOST_LISTED)
        start = odata.top({"$top": request.query.get("$skiptoken", "1")}, default=1, most=10**8) - 1
        page = messages[start : start + most]
        listing: Json = {"@odata.count": len(page)}
        if len(messages) > start + most:
            following = request.url.update_query({"$skiptoken": str(start + most + 1)})
            listing["@odata.nextLink"] = str(following)
        listing["value"] = [self._message_json(message, request, expand=expand) for message in page]
        return _json(_context("messages") | listing)

    # What is asked for, and how it is shown

    def _channel(self, request: web.Request) -> Channel:
        return self.channels.get(request.match_info["channel"])

    def _message(self, request: web.Request) -> Message:
        return self.messages.get(self._channel(request).id, request.match_info["message"])

    def _channels_there(self) -> list[Channel]:
        return [channel for channel in self.channels if not channel.deleted]

    def _listed(self, made: list[_Made], request: web.Request) -> list[_Made]:
        """Lists may lag behind what was made; a fault says for how long. Reading by id never does."""
        newest = self.clock() - request.app[FAULTS].lag(self.system)
        return [thing for thing in made if thing.created <= newest]

    def _team_json(self) -> Json:
        return {
            "id": self.world.team_id,
            "displayName": self.world.team,
            "description": "Where incidents are worked on.",
            "tenantId": self.world.tenant_id,
            "isArchived": False,
            "visibility": "private",
        }

    def _channel_json(self, channel: Channel, request: web.Request) -> Json:
        address = f"/graph/l/channel/{quote(channel.id, safe='')}/{quote(channel.name, safe='')}"
        group = f"groupId={self.world.team_id}&tenantId={self.world.tenant_id}"
        return {
            "id": channel.id,
            "createdDateTime": stamp(channel.created),
            "displayName": channel.name,
            "description": channel.description,
            "isFavoriteByDefault": None,
            "email": "",
            "tenantId": self.world.tenant_id,
            "webUrl": f"{request.url.origin()}{address}?{group}",
            "membershipType": "standard",
            "isArchived": channel.archived,
        }

    def _message_json(self, message: Message, request: web.Request, *, expand: bool) -> Json:
        address = f"/graph/l/message/{quote(message.channel_id, safe='')}/{message.id}"
        group = f"groupId={self.world.team_id}&tenantId={self.world.tenant_id}"
        shown = message.to_json() | {
            "webUrl": f"{request.url.origin()}{address}?{group}&parentMessageId={message.reply_to or message.id}",
            "channelIdentity": {"teamId": self.world.team_id, "channelId": message.channel_id},
        }
        if expand:
            replies = self.messages.replies(message)
            shown["replies"] = [self._message_json(reply, request, expand=False) for reply in replies]
        return shown

    def _answering(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                return await handler(request)
            except Refused as refused:
                return refusal_response(refused, request, self.clock())

        return answer

    def _admit(self, request: web.Request) -> None:
        team = request.match_info.get("team")
        if team is None:
            return
        if team.casefold() != self.world.team_id:
            raise not_found(f"No team found with Group Id '{team[:64]}'.")
        if request.app[FAULTS].throttled(self.system):
            call = Call(request.method, _resource(request), team, request.match_info.get("channel"))
            self._throttle.admit(call, self.clock())


def _resource(request: web.Request) -> str:
    route = request.match_info.route.resource
    return [part for part in route.canonical.split("/") if not part.startswith("{")][-1] if route else ""


async def _to_page(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"/#channel-{quote(request.match_info['channel'], safe=':@')}")


def _general(world: World, now: datetime) -> Channel:
    # One id for one team, so that a sandbox without kept state is the same on every start.
    return Channel(f"19:{world.team_id.replace('-', '')}@thread.tacv2", GENERAL, None, now, world.team)


async def _sent(request: web.Request) -> Json:
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        raise Refused(413, "RequestEntityTooLarge", f"Request body too large: more than {LARGEST_BODY} bytes.")
    try:
        sent = json.loads(raw)
    except (ValueError, RecursionError):
        raise bad_request("Unable to read JSON request payload.") from None
    if not isinstance(sent, dict):
        raise bad_request("Unable to read JSON request payload: an object is expected.")
    return sent


def _string(sent: Json, name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'channel'.")
    return value


def _refuse_other_than_standard(sent: Json) -> None:
    kind = sent.get("membershipType") or "standard"
    if kind != "standard":
        raise bad_request(f"The sandbox has only standard channels; '{str(kind)[:40]}' is not supported.")


def _expands_replies(request: web.Request) -> bool:
    expand = request.query.get("$expand")
    if expand not in (None, "replies"):
        raise bad_request("Only 'replies' can be expanded on a message.")
    return expand is not None


def _operation(kind: str, channel_id: str, now: datetime) -> Json:
    return {
        "id": str(uuid.uuid4()),
        "operationType": kind,
        "createdDateTime": stamp(now),
        "status": "succeeded",
        "lastActionDateTime": stamp(now),
        "attemptsCount": 1,
        "targetResourceId": channel_id,
        "targetResourceLocation": None,
        "error": None,
    }


def _context(of: str) -> Json:
    return {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{of}"}


def _listing(of: str, value: list[Json]) -> web.Response:
    return _json(_context(of) | {"@odata.count": len(value), "value": value})


def _json(body: Json, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)
