"""The team, its members and the users of the tenant, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.answers import entity, listing, read_object
from worker.sandbox.teams.members import user_json
from worker.sandbox.teams.team import Team


class MemberRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/teams/{team}", self.get_team),
            web.get("/teams/{team}/members", self.list_members),
            web.post("/teams/{team}/members", self.add_member),
            # A standard channel has the members of its team.
            web.get("/teams/{team}/channels/{channel}/members", self.list_members),
            web.get("/users/{user:[^/]+}", self.get_user),
        )

    async def get_team(self, request: web.Request) -> web.Response:
        return entity("teams", odata.selected(self._team.to_json(), request.query.get("$select")))

    async def list_members(self, request: web.Request) -> web.Response:
        odata.only(request.query, set())
        if "channel" in request.match_info:
            self._team.channels.get(request.match_info["channel"])
        members = self._team.members
        return listing("members", [members.to_json(person) for person in members.people()])

    async def add_member(self, request: web.Request) -> web.Response:
        return entity("members", self._team.members.add(await read_object(request)), 201)

    async def get_user(self, request: web.Request) -> web.Response:
        user = user_json(self._team.members.user(request.match_info["user"]))
        return entity("users", odata.selected(user, request.query.get("$select")))
