"""Microsoft Teams as Graph shows it: the stand-in's routes, each with Graph's refusals and throttles before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.faults import FAULTS, Faults
from worker.sandbox.teams.addresses import address_routes
from worker.sandbox.teams.chats import Chats
from worker.sandbox.teams.grants import Grants
from worker.sandbox.teams.limits import Call, Throttle
from worker.sandbox.teams.refusals import Refused, not_found, refusal_response
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.serve_archiving import ArchivingRoutes
from worker.sandbox.teams.serve_changes import ChangeRoutes
from worker.sandbox.teams.serve_channels import ChannelRoutes
from worker.sandbox.teams.serve_chats import ChatRoutes
from worker.sandbox.teams.serve_delta import DeltaRoutes
from worker.sandbox.teams.serve_members import MemberRoutes
from worker.sandbox.teams.serve_messages import MessageRoutes
from worker.sandbox.teams.serve_people import PeopleRoutes
from worker.sandbox.teams.team import OPERATION_LASTS, Clock, Team
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

    def __init__(self, world: World, *, clock: Clock = _now, operation_lasts: timedelta = OPERATION_LASTS) -> None:
        grants = Grants()
        super().__init__(world, clock, world.team_id, world.team, grants=grants, operation_lasts=operation_lasts)
        other = Team(
            world, clock, world.other_team_id, world.other_team, grants=grants, operation_lasts=operation_lasts
        )
        self.teams: tuple[Team, ...] = (self, other)
        self.chats = Chats(world, clock)
        self._faults: Faults | None = None
        self._throttle = Throttle()
        self._team_ids = {team.id for team in self.teams}
        self._chat_routes = ChatRoutes(self.chats, clock)
        self._people_routes = PeopleRoutes(self.teams, self.settle_all)

    def routes(self) -> Iterable[web.RouteDef]:
        of_teams = {team.id: self._routes_of(team) for team in self.teams}
        for alike in zip(*of_teams.values(), strict=True):
            handlers = dict(zip(of_teams, (route.handler for route in alike), strict=True))
            yield web.route(alike[0].method, ROOT + alike[0].path, self._answering(handlers))
        for route in self._chat_routes.routes():
            yield web.route(route.method, ROOT + route.path, self._answering({self.id: route.handler}))
        yield from address_routes()
        yield from self._people_routes.routes()

    def settings(self, url: str) -> dict[str, str]:
        return {"graph_url": url + VERSION, "teams_team_id": self.world.team_id}

    def state(self) -> dict[str, Any]:
        """All of the first team at the top, the other beside it."""
        self.settle_all(self._faults)
        others = [{"id": team.id, "name": team.name, **Team.state(team)} for team in self.teams[1:]]
        return Team.state(self) | {
            "other_teams": others,
            "chats": self.chats.state(),
            "grants": self.grants.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        Team.restore(self, state)
        others = {team.id: team for team in self.teams[1:]}
        for stored in state["other_teams"]:
            Team.restore(others[stored["id"]], stored)
        self.chats.restore(state["chats"])
        self.grants.change(state["grants"])

    def settle_all(self, faults: Faults | None) -> None:
        """Do what any team has accepted and is due by now."""
        self._faults = faults
        stalled, failing = (
            faults is not None and faults.stands(behaviour, self.system.name)
            for behaviour in (Behaviour.STALL, Behaviour.FAIL_LATER)
        )
        for team in self.teams:
            team.settle(stalled=stalled, failing=failing)

    def _routes_of(self, team: Team) -> list[web.RouteDef]:
        parts = (
            MemberRoutes(team),
            ChannelRoutes(team),
            ArchivingRoutes(team),
            # Before the messages: "delta" would be read as the id of one.
            DeltaRoutes(team),
            MessageRoutes(team),
            ChangeRoutes(team),
        )
        return [route for part in parts for route in part.routes()]

    def _answering(self, handlers: Mapping[str, Any]) -> Callable[[web.Request], Any]:
        """Each team's requests to its own handler; what names no team is the first's."""

        async def answer(request: web.Request) -> web.StreamResponse:
            self.settle_all(request.app[FAULTS])
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
        if team not in self._team_ids:
            raise not_found(f"No team found with Group Id '{asked[:64]}'.")
        if request.app[FAULTS].throttled(self.system.name):
            call = Call(request.method, _resource(request), team, request.match_info.get("channel"))
            self._throttle.admit(call, self.clock())
        return team


def _resource(request: web.Request) -> str:
    route = request.match_info.route.resource
    return [part for part in route.canonical.split("/") if not part.startswith("{")][-1] if route else ""
