"""Archiving a channel and opening it again, over HTTP: accepted at once, done a while later."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from worker.sandbox.teams.answers import entity, read_object
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.grants import ARCHIVE_CHANNELS
from worker.sandbox.teams.operations import ARCHIVE, UNARCHIVE
from worker.sandbox.teams.refusals import bad_request
from worker.sandbox.teams.team import Team

_CHANNEL = "/teams/{team}/channels/{channel}"


class ArchivingRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.post(_CHANNEL + "/archive", self.archive),
            web.post(_CHANNEL + "/unarchive", self.unarchive),
            web.get("/teams/{team}/operations/{operation}", self.get_operation),
        )

    async def archive(self, request: web.Request) -> web.Response:
        if await request.read():
            _check(await read_object(request))
        return self._accept(request, ARCHIVE)

    async def unarchive(self, request: web.Request) -> web.Response:
        return self._accept(request, UNARCHIVE)

    async def get_operation(self, request: web.Request) -> web.Response:
        return entity("operations", self._team.operations.get(request.match_info["operation"]).to_json())

    def _accept(self, request: web.Request, kind: str) -> web.Response:
        self._team.grants.require(ARCHIVE_CHANNELS, caller=caller_of(request.headers, self._team.world))
        channel = self._team.channels.get(request.match_info["channel"])
        operation = self._team.begin_archiving(channel, kind)
        location = f"/teams/{self._team.id}/operations/{operation.id}"
        return web.Response(status=202, headers={"Location": location})


def _check(sent: dict[str, object]) -> None:
    read_only = sent.get("shouldSetSpoSiteReadOnlyForMembers")
    if read_only is not None and not isinstance(read_only, bool):
        raise bad_request("Invalid value specified for property 'shouldSetSpoSiteReadOnlyForMembers'.")
