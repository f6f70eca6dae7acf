"""Channels over HTTP: made, found, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.addresses import channel_address
from worker.sandbox.teams.answers import entity, listing, read_object
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.events import channel_renamed
from worker.sandbox.teams.lag import old_enough
from worker.sandbox.teams.refusals import Refused, bad_request
from worker.sandbox.teams.team import Team
from worker.sandbox.teams.timestamps import stamp

Json = dict[str, Any]

_CHANNELS = "/teams/{team}/channels"
_CHANNEL = _CHANNELS + "/{channel}"
# Graph tells of its pages, not of their size, and lets nobody choose it.
_LISTED_AT_ONCE = 500


class ChannelRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get(_CHANNELS, self.list_channels),
            web.post(_CHANNELS, self.create),
            web.get("/teams/{team}/primaryChannel", self.get_primary),
            web.get(_CHANNEL, self.get),
            web.patch(_CHANNEL, self.change),
            web.delete(_CHANNEL, self.delete),
        )

    async def list_channels(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$filter", "$select", "$skiptoken"})
        there = [channel for channel in self._team.channels if not channel.deleted]
        listed = [self._shown(channel, request) for channel in old_enough(there, request, self._team.clock())]
        if "$filter" in request.query:
            matches = odata.equality(request.query["$filter"], {"displayName", "membershipType"})
            listed = [channel for channel in listed if matches(channel)]
        start = odata.skipped(request.query)
        end = start + _LISTED_AT_ONCE
        shown = [odata.selected(one, request.query.get("$select")) for one in listed[start:end]]
        if len(listed) <= end:
            return listing("channels", shown)
        return listing("channels", shown, nextLink=str(request.url.update_query({"$skiptoken": str(end)})))

    async def create(self, request: web.Request) -> web.Response:
        wish = await read_object(request)
        if self._team.archived:
            raise Refused(403, "Forbidden", f"The team '{self._team.name}' is archived and takes no channels.")
        _refuse_other_than_standard(wish)
        channel = self._team.channels.create(
            _string(wish, "displayName") or "",
            _string(wish, "description"),
            by=caller_of(request.headers, self._team.world).name,
            now=self._team.clock(),
        )
        return entity("channels", self._shown(channel, request), 201)

    async def get(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$select"})
        shown = self._shown(self._channel(request), request)
        return entity("channels", odata.selected(shown, request.query.get("$select")))

    async def get_primary(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$select"})
        shown = self._shown(self._team.primary_channel, request)
        return entity("channels", odata.selected(shown, request.query.get("$select")))

    async def change(self, request: web.Request) -> web.Response:
        channel, wish = self._channel(request), await read_object(request)
        if channel.archived:
            raise Refused(403, "Forbidden", f"The channel '{channel.name}' is archived and cannot be changed.")
        changed = self._team.channels.change(
            channel,
            name=_string(wish, "displayName"),
            description=_string(wish, "description"),
            now=self._team.clock(),
        )
        if changed.name != channel.name:
            by = caller_of(request.headers, self._team.world).as_identity_set()
            self._team.messages.note(channel.id, channel_renamed(channel, changed.name, by), self._team.clock())
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        self._team.channels.delete(self._channel(request), self._team.clock())
        return web.Response(status=204)

    def _channel(self, request: web.Request) -> Channel:
        return self._team.channels.get(request.match_info["channel"])

    def _shown(self, channel: Channel, request: web.Request) -> Json:
        return {
            "id": channel.id,
            "createdDateTime": stamp(channel.created),
            "displayName": channel.name,
            "description": channel.description,
            "isFavoriteByDefault": None,
            "email": "",
            "tenantId": self._team.world.tenant_id,
            "webUrl": channel_address(channel, self._team, request),
            "membershipType": "standard",
            "isArchived": channel.archived,
        }


def _string(wish: Json, name: str) -> str | None:
    value = wish.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_request(f"Invalid value specified for property '{name}' of resource 'channel'.")
    return value


def _refuse_other_than_standard(wish: Json) -> None:
    kind = wish.get("membershipType") or "standard"
    if kind != "standard":
        raise bad_request(f"The sandbox has only standard channels; '{str(kind)[:40]}' is not supported.")
