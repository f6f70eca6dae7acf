"""Microsoft Teams as Graph shows it: the stand-in's routes, each with Graph's refusals and throttles before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from worker.sandbox.harness.faults import FAULTS
from worker.sandbox.teams.addresses import address_routes
from worker.sandbox.teams.limits import Call, Throttle
from worker.sandbox.teams.refusals import Refused, not_found, refusal_response
from worker.sandbox.teams.remote_systems import GRAPH
from worker.sandbox.teams.serve_channels import ChannelRoutes
from worker.sandbox.teams.serve_members import MemberRoutes
from worker.sandbox.teams.serve_messages import MessageRoutes
from worker.sandbox.teams.team import Clock, Team
from worker.sandbox.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

VERSION = "/v1.0"
ROOT = GRAPH.path + VERSION


def _now() -> datetime:
    return datetime.now(UTC)


class Teams(Team):
    """The stand-in named "graph"; refuses what Graph refuses, above all a message from an application alone."""

    system = GRAPH

    def __init__(self, world: World, *, clock: Clock = _now) -> None:
        super().__init__(world, clock)
        self._throttle = Throttle()
        self._channel_routes = ChannelRoutes(self)
        self._parts = (MemberRoutes(self), self._channel_routes, MessageRoutes(self))

    def routes(self) -> Iterable[web.RouteDef]:
        for part in self._parts:
            for route in part.routes():
                yield web.route(route.method, ROOT + route.path, self._answering(route.handler))
        yield from address_routes()

    def settings(self, url: str) -> dict[str, str]:
        return {"graph_url": url + VERSION, "teams_team_id": self.world.team_id}

    def state(self) -> dict[str, Any]:
        return super().state() | {"operations": self._channel_routes.operations}

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        self._channel_routes.operations = dict(state["operations"])

    def _answering(self, handler: Any) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                response: web.StreamResponse = await handler(request)
            except Refused as refused:
                return refusal_response(refused, request, self.clock())
            return response

        return answer

    def _admit(self, request: web.Request) -> None:
        team = request.match_info.get("team")
        if team is None:
            return
        if team.casefold() != self.world.team_id:
            raise not_found(f"No team found with Group Id '{team[:64]}'.")
        if request.app[FAULTS].throttled(self.system.name):
            call = Call(request.method, _resource(request), team, request.match_info.get("channel"))
            self._throttle.admit(call, self.clock())


def _resource(request: web.Request) -> str:
    route = request.match_info.route.resource
    return [part for part in route.canonical.split("/") if not part.startswith("{")][-1] if route else ""
