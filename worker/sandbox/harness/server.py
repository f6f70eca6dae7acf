"""The sandbox's HTTP server: the stand-ins under one address, each request logged, and delayed or spoilt as told."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Self

from aiohttp import web

from worker.sandbox.harness.behaviour import Behaviour
from worker.sandbox.harness.changes import Changes
from worker.sandbox.harness.control import Control
from worker.sandbox.harness.faults import FAULTS, Fault, Faults
from worker.sandbox.harness.latency import NONE, Latency
from worker.sandbox.harness.requests_log import Entry, RequestLog
from worker.sandbox.harness.shown_address import PUBLIC_URL
from worker.sandbox.harness.stand_in import Queue, StandIn
from worker.sandbox.harness.state_files import StateFiles

__all__ = ["SandboxServer", "StandIn"]

# Above the largest body the real systems take (a work item's long text), so that their own bounds are met first.
BODY_LIMIT = 4 * 1024 * 1024
GRACE = timedelta(seconds=1)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Apply = Callable[[], Awaitable[web.StreamResponse]]


class SandboxServer:
    def __init__(self, stand_ins: Sequence[StandIn], *, latency: Latency, files: StateFiles | None) -> None:
        self.url = ""
        self.shown_url = ""
        self.faults = Faults(stand_in.system for stand_in in stand_ins)
        self.requests = RequestLog()
        self.changes = Changes()
        self._stand_ins = {stand_in.system.name: stand_in for stand_in in stand_ins}
        self._latency = latency
        self._files = files
        self._runner: web.AppRunner | None = None

    @classmethod
    async def start(
        cls,
        stand_ins: Sequence[StandIn],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        latency: Latency = NONE,
        data: Path | None = None,
        queue: Queue | None = None,
        public_url: str | None = None,
    ) -> Self:
        server = cls(stand_ins, latency=latency, files=StateFiles(data) if data else None)
        server._restore()
        app = server._app(queue)
        if public_url:
            app[PUBLIC_URL] = public_url
        await server._listen(app, host, port)
        server.shown_url = public_url or server.url
        return server

    def settings(self) -> dict[str, str]:
        """What leads a worker to the stand-ins, as the fields of its settings."""
        named = (each.settings(f"{self.url}{each.system.path}") for each in self._stand_ins.values())
        return {name: value for settings in named for name, value in settings.items()}

    async def close(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None:
            return
        # Watchers and hanging requests would otherwise hold the runner for its whole grace.
        self.changes.close()
        self.faults.clear()
        await runner.cleanup()

    def _app(self, queue: Queue | None) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=[self._handle])
        app[FAULTS] = self.faults
        for stand_in in self._stand_ins.values():
            app.add_routes(stand_in.routes())
        control = Control(self.faults, self.requests, self.changes, stand_ins=self._stand_ins, queue=queue)
        app.add_routes(control.routes())
        return app

    async def _listen(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE.total_seconds())
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0]
        self.url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{bound[1]}"  # noqa: S104  # compared, not bound

    def _restore(self) -> None:
        for system, stand_in in self._stand_ins.items():
            state = self._files.load(system) if self._files else None
            if state is not None:
                stand_in.restore(state)

    @web.middleware
    async def _handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        _refuse_other_sites(request)
        system = request.path.split("/", 2)[1]
        if system not in self._stand_ins:
            return await self._control(request, handler)
        entry = self.requests.begin(system, request.method, request.raw_path)
        response: web.StreamResponse | None = None
        try:
            response = await self._answer(request, handler, entry)
        except web.HTTPException as refusal:
            response = refusal
            raise
        finally:
            self._close(entry, response)
        return response

    async def _control(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """What the sandbox is told by hand is kept as what its systems are told."""
        response = await handler(request)
        if request.method not in SAFE_METHODS and response.status < 400:  # noqa: PLR2004
            self._keep()
        return response

    async def _answer(self, request: web.Request, handler: Handler, entry: Entry) -> web.StreamResponse:
        fault = self.faults.take(entry.system, request.method, _target(request))
        entry.fault = fault.behaviour.value if fault else None
        if fault and fault.behaviour is Behaviour.REFUSE:
            return _cut(request)
        self.requests.body(entry, await request.read())

        async def apply() -> web.StreamResponse:
            return await self._apply(request, handler, entry.system)

        return await (self._spoil(fault, request, apply) if fault else apply())

    async def _spoil(self, fault: Fault, request: web.Request, apply: Apply) -> web.StreamResponse:
        match fault.behaviour:
            case Behaviour.DELAY:
                await self.faults.wait_until_cleared(fault.system.name, fault.seconds)
                return await apply()
            case Behaviour.HANG:
                await self.faults.wait_until_cleared(fault.system.name)
            case Behaviour.STATUS:
                return fault.answer()
            case Behaviour.APPLY_THEN_STATUS:
                with suppress(web.HTTPException):
                    await apply()
                return fault.answer()
            case Behaviour.DROP_AFTER:
                with suppress(web.HTTPException):
                    await apply()
        return _cut(request)

    async def _apply(self, request: web.Request, handler: Handler, system: str) -> web.StreamResponse:
        """Let half of the call's time pass before its effect, and half after, as on a real way there and back."""
        typical = self._stand_ins[system].system.typical
        half = self._latency.of(typical, request.method, request.path).total_seconds() / 2
        await asyncio.sleep(half)
        response = self._unknown(request, system) or await handler(request)
        if request.method not in SAFE_METHODS and response.status < 400:  # noqa: PLR2004
            self._keep()
        await asyncio.sleep(half)
        return response

    def _unknown(self, request: web.Request, system: str) -> web.Response | None:
        """What the system says to a call that it does not know; None for one that it knows."""
        refusal = request.match_info.http_exception
        if refusal is None:
            return None
        known = ", ".join(sorted(getattr(refusal, "allowed_methods", ())))
        message = f"The stand-in does not know {request.method} {request.path[:200]}" + (
            f", but {known}." if known else "."
        )
        body, content_type = self._stand_ins[system].system.fault_answer(refusal.status, message)
        headers = {"Content-Type": content_type} | ({"Allow": known} if known else {})
        return web.Response(status=refusal.status, text=body, headers=headers)

    def _keep(self) -> None:
        """Before the answer leaves: what was answered must survive a restart."""
        if self._files:
            # All of them: what a bot posts is kept by the stand-in for Teams.
            for system, stand_in in self._stand_ins.items():
                self._files.save(system, stand_in.state())
        self.changes.tell()

    def _close(self, entry: Entry, response: web.StreamResponse | None) -> None:
        if isinstance(response, _Cut):
            self.requests.end(entry, None, None)
            return
        body = getattr(response, "body", None)
        status = response.status if response is not None else 500
        self.requests.end(entry, status, body if isinstance(body, bytes) else None)


class _Cut(web.Response):
    """An answer that finds its connection gone."""


def _cut(request: web.Request) -> _Cut:
    if request.transport is not None:
        request.transport.abort()
    return _Cut()


def _target(request: web.Request) -> str:
    """The path and query as a person would write them in a fault's pattern: decoded."""
    query = request.rel_url.query_string
    return f"{request.path}?{query}" if query else request.path


def _refuse_other_sites(request: web.Request) -> None:
    """Refuse what a page of another site sends from the browser of somebody who runs the sandbox."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"{request.scheme}://{request.host}":
        raise web.HTTPForbidden(text="The sandbox answers no page of another site.")
