"""Channels over HTTP, and the operations that archiving them leaves behind."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.addresses import channel_address
from worker.sandbox.teams.answers import entity, listing, read_object
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.channels import Channel
from worker.sandbox.teams.lag import old_enough
from worker.sandbox.teams.refusals import bad_request, not_found
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
        self.operations: dict[str, Json] = {}

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get(_CHANNELS, self.list_channels),
            web.post(_CHANNELS, self.create),
            web.get("/teams/{team}/primaryChannel", self.get_primary),
            web.get(_CHANNEL, self.get),
            web.patch(_CHANNEL, self.change),
            web.delete(_CHANNEL, self.delete),
            web.post(_CHANNEL + "/archive", self.archive),
            web.post(_CHANNEL + "/unarchive", self.unarchive),
            web.get("/teams/{team}/operations/{operation}", self.get_operation),
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
        self._team.channels.change(
            channel,
            name=_string(wish, "displayName"),
            description=_string(wish, "description"),
            now=self._team.clock(),
        )
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        self._team.channels.delete(self._channel(request), self._team.clock())
        return web.Response(status=204)

    async def archive(self, request: web.Request) -> web.Response:
        channel = self._team.channels.archive(self._channel(request), archived=True)
        return self._accepted("archiveChannel", channel)

    async def unarchive(self, request: web.Request) -> web.Response:
        channel = self._team.channels.archive(self._channel(request), archived=False)
        return self._accepted("unarchiveChannel", channel)

    async def get_operation(self, request: web.Request) -> web.Response:
        operation = self.operations.get(request.match_info["operation"])
        if operation is None:
            raise not_found("The operation does not exist.")
        return entity("operations", operation)

    def _accepted(self, kind: str, channel: Channel) -> web.Response:
        operation = _operation(kind, channel.id, self._team.clock())
        self.operations[operation["id"]] = operation
        location = f"/teams/{self._team.id}/operations/{operation['id']}"
        return web.Response(status=202, headers={"Location": location})

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
