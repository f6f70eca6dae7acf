"""The team, its members and the users of the tenant, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from worker.sandbox.teams import odata
from worker.sandbox.teams.answers import entity, listing, read_object
from worker.sandbox.teams.callers import caller_of
from worker.sandbox.teams.events import members_added, members_removed
from worker.sandbox.teams.grants import ADD_MEMBERS, READ_MEMBERS
from worker.sandbox.teams.members import user_json
from worker.sandbox.teams.team import Team

_MOST_LISTED = 999
_LISTED_UNLESS_TOLD = 100


class MemberRoutes:
    def __init__(self, team: Team) -> None:
        self._team = team

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/teams/{team}", self.get_team),
            web.get("/teams/{team}/members", self.list_members),
            web.post("/teams/{team}/members", self.add_member),
            web.delete("/teams/{team}/members/{membership}", self.remove_member),
            # A standard channel has the members of its team.
            web.get("/teams/{team}/channels/{channel}/members", self.list_members),
            web.get("/users/{user:[^/]+}", self.get_user),
        )

    async def get_team(self, request: web.Request) -> web.Response:
        return entity("teams", odata.selected(self._team.to_json(), request.query.get("$select")))

    async def list_members(self, request: web.Request) -> web.Response:
        odata.only(request.query, {"$top", "$skiptoken"})
        self._team.grants.require(READ_MEMBERS, ADD_MEMBERS, caller=caller_of(request.headers, self._team.world))
        if "channel" in request.match_info:
            self._team.channels.get(request.match_info["channel"])
        members, people = self._team.members, self._team.members.people()
        most = odata.top(request.query, default=_LISTED_UNLESS_TOLD, most=_MOST_LISTED)
        start = odata.skipped(request.query)
        shown = [members.to_json(person) for person in people[start : start + most]]
        if len(people) <= start + most:
            return listing("members", shown)
        following = request.url.update_query({"$skiptoken": str(start + most)})
        return listing("members", shown, nextLink=str(following))

    async def add_member(self, request: web.Request) -> web.Response:
        caller = caller_of(request.headers, self._team.world)
        self._team.grants.require(ADD_MEMBERS, caller=caller)
        person, is_new = self._team.members.add(await read_object(request), delegated=caller.delegated)
        if is_new:
            self._note(members_added([person], caller.as_identity_set()))
        return entity("members", self._team.members.to_json(person), 201)

    async def remove_member(self, request: web.Request) -> web.Response:
        caller = caller_of(request.headers, self._team.world)
        self._team.grants.require(ADD_MEMBERS, caller=caller)
        person = self._team.members.remove(request.match_info["membership"])
        self._note(members_removed([person], caller.as_identity_set()))
        return web.Response(status=204)

    async def get_user(self, request: web.Request) -> web.Response:
        user = user_json(self._team.members.user(request.match_info["user"]))
        return entity("users", odata.selected(user, request.query.get("$select")))

    def _note(self, event: dict[str, object]) -> None:
        self._team.messages.note(self._team.primary_channel.id, event, self._team.clock())
