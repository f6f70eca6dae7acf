"""Every request to the intake as a span and a number; probes are neither."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from worker.observability import telemetry

_PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class TracedRequests:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._app(scope, receive, send)
            return
        with telemetry.request(scope["method"], Headers(scope=scope)) as answer:

            async def note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    answer.status = message["status"]
                    # What was asked for has as many values as there are askers; a route is one of ours.
                    answer.route = getattr(scope.get("route"), "path", "")
                await send(message)

            await self._app(scope, receive, note)
