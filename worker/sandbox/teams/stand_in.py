"""Microsoft Teams as Graph shows it: the stand-in's routes, each with Graph's refusals and throttles before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.teams.addresses import address_routes
from worker.sandbox.teams.chats import Chats
from worker.sandbox.teams.limits import Call, Throttle
from worker.sandbox.teams.refusals import Refused, not_found, refusal_response
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.serve_channels import ChannelRoutes
from worker.sandbox.teams.serve_chats import ChatRoutes
from worker.sandbox.teams.serve_members import MemberRoutes
from worker.sandbox.teams.serve_messages import MessageRoutes
from worker.sandbox.teams.team import Clock, Team
from worker.sandbox.world import World

VERSION = "/v1.0"
ROOT = GRAPH.path + VERSION


def _now() -> datetime:
    return datetime.now(UTC)


class Teams(Team):
    """The stand-in named "graph"; refuses what Graph refuses, above all a message from an application alone.

    It is the first team itself; `teams` are all, and `chats` those of the bot with single people.
    """

    system = GRAPH

    def __init__(self, world: World, *, clock: Clock = _now) -> None:
        super().__init__(world, clock, world.team_id, world.team)
        self.teams: tuple[Team, ...] = (self, Team(world, clock, world.other_team_id, world.other_team))
        self.chats = Chats(world, clock)
        self._throttle = Throttle()
        self._channel_routes = {team.id: ChannelRoutes(team) for team in self.teams}
        self._chat_routes = ChatRoutes(self.chats, clock)

    def routes(self) -> Iterable[web.RouteDef]:
        of_teams = {team.id: self._routes_of(team) for team in self.teams}
        for alike in zip(*of_teams.values(), strict=True):
            handlers = dict(zip(of_teams, (route.handler for route in alike), strict=True))
            yield web.route(alike[0].method, ROOT + alike[0].path, self._answering(handlers))
        for route in self._chat_routes.routes():
            yield web.route(route.method, ROOT + route.path, self._answering({self.id: route.handler}))
        yield from address_routes()

    def settings(self, url: str) -> dict[str, str]:
        return {"graph_url": url + VERSION, "teams_team_id": self.world.team_id}

    def state(self) -> dict[str, Any]:
        """All of the first team at the top, the other beside it."""
        others = [{"id": team.id, "name": team.name, **self._state_of(team)} for team in self.teams[1:]]
        return self._state_of(self) | {"other_teams": others, "chats": self.chats.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._restore_team(self, state)
        others = {team.id: team for team in self.teams[1:]}
        for stored in state["other_teams"]:
            self._restore_team(others[stored["id"]], stored)
        self.chats.restore(state["chats"])

    def _state_of(self, team: Team) -> dict[str, Any]:
        return Team.state(team) | {"operations": self._channel_routes[team.id].operations}

    def _restore_team(self, team: Team, state: Mapping[str, Any]) -> None:
        Team.restore(team, state)
        self._channel_routes[team.id].operations = dict(state["operations"])

    def _routes_of(self, team: Team) -> list[web.RouteDef]:
        parts = (MemberRoutes(team), self._channel_routes[team.id], MessageRoutes(team))
        return [route for part in parts for route in part.routes()]

    def _answering(self, handlers: Mapping[str, Any]) -> Callable[[web.Request], Any]:
        """Each team's requests to its own handler; what names no team is the first's."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                handler = handlers[self._admit(request)]
                response: web.StreamResponse = await handler(request)
            except Refused as refused:
                return refusal_response(refused, request, self.clock())
            return response

        return answer

    def _admit(self, request: web.Request) -> str:
        """The id of the team that is asked about."""
        asked = request.match_info.get("team")
        if asked is None:
            return self.id
        team = asked.casefold()
        if team not in self._channel_routes:
            raise not_found(f"No team found with Group Id '{asked[:64]}'.")
        if request.app[FAULTS].throttled(self.system.name):
            call = Call(request.method, _resource(request), team, request.match_info.get("channel"))
            self._throttle.admit(call, self.clock())
        return team


def _resource(request: web.Request) -> str:
    route = request.match_info.route.resource
    return [part for part in route.canonical.split("/") if not part.startswith("{")][-1] if route else ""
