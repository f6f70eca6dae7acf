"""The sandbox's own requests: its state, its log, its faults, its news, and the page for people."""

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from worker.sandbox.harness.changes import Changes
from worker.sandbox.harness.faults import BadFault, Faults, parse_times
from worker.sandbox.harness.requests_log import RequestLog
from worker.sandbox.harness.stand_in import Queue, StandIn

PAGE = Path(__file__).with_name("page.html")
# A proxy or a laptop's sleep cuts quiet connections; a comment now and then shows that nobody is there any more.
HEARTBEAT = timedelta(seconds=15)
WATCHERS = 100
# The page shows what others wrote: whatever slips through, only its own script and style may act.
POLICY = (
    "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Control:
    def __init__(
        self,
        faults: Faults,
        requests: RequestLog,
        changes: Changes,
        *,
        stand_ins: Mapping[str, StandIn],
        queue: Queue | None,
    ) -> None:
        self._faults = faults
        self._requests = requests
        self._changes = changes
        self._stand_ins = stand_ins
        self._queue = queue
        self._watchers = 0

    def routes(self) -> Iterable[web.RouteDef]:
        return (
            web.get("/", self.page),
            web.get("/sandbox/state", self.state),
            web.get("/sandbox/events", self.events, allow_head=False),
            web.get("/sandbox/requests", self.requests),
            web.get("/sandbox/faults", self.list_faults),
            web.post("/sandbox/faults", self.add_fault),
            web.delete("/sandbox/faults", self.clear_faults),
        )

    async def page(self, _: web.Request) -> web.Response:
        if not PAGE.exists():
            raise web.HTTPNotFound(text="This sandbox was installed without its page for people.")
        nonce = secrets.token_urlsafe(16)
        text = PAGE.read_text(encoding="utf-8").replace("{{nonce}}", nonce)
        return web.Response(
            text=text,
            content_type="text/html",
            headers={
                "Content-Security-Policy": POLICY.format(nonce),
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            },
        )

    async def state(self, _: web.Request) -> web.Response:
        state = {system: stand_in.state() for system, stand_in in self._stand_ins.items()}
        queue = {"queue": self._queue.snapshot()} if self._queue else {}
        return _json({"change": self._changes.number, **state, **queue})

    async def requests(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 18:  # noqa: PLR2004
            return _refusal("after", "After must be the number of a request.")
        listing = self._requests.listing(after=int(after), system=request.query.get("system"))
        return _json({"requests": listing})

    async def events(self, request: web.Request) -> web.StreamResponse:
        if self._watchers >= WATCHERS:
            raise web.HTTPServiceUnavailable(text=f"There are already {WATCHERS} watchers of this sandbox.")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        self._watchers += 1
        try:
            await self._watch(response)
        except ConnectionError:
            pass  # the watcher left, which is the only way a watch ends before the sandbox does
        finally:
            self._watchers -= 1
        return response

    async def _watch(self, response: web.StreamResponse) -> None:
        seen = self._changes.number
        await response.write(f"data: {seen}\n\n".encode())
        while not self._changes.closed:
            if await self._changes.wait(seen, at_most=HEARTBEAT):
                seen = self._changes.number
                await response.write(f"data: {seen}\n\n".encode())
            else:
                await response.write(b": still here\n\n")

    async def list_faults(self, _: web.Request) -> web.Response:
        return _json({"faults": self._listing()})

    async def add_fault(self, request: web.Request) -> web.Response:
        try:
            definition = json.loads(await request.text())
        except (ValueError, RecursionError):
            return _refusal("body", "A fault must be a JSON object.")
        if not isinstance(definition, dict):
            return _refusal("body", "A fault must be a JSON object.")
        try:
            self._add(definition)
        except BadFault as error:
            return _refusal(error.field, str(error))
        self._changes.tell()
        return _json({"faults": self._listing()}, status=201)

    def _listing(self) -> list[dict[str, Any]]:
        queue = self._queue.faults.active() if self._queue else {}
        of_queue = [{"system": "queue", "behaviour": name, "times_left": left} for name, left in queue.items()]
        return [*self._faults.listing(), *of_queue]

    def _add(self, definition: dict[str, Any]) -> None:
        if definition.get("system") != "queue":
            self._faults.add(definition)
        elif self._queue is None:
            raise BadFault("system", "This sandbox has no queue of its own.")
        else:
            _tell_queue(self._queue, definition)

    async def clear_faults(self, request: web.Request) -> web.Response:
        """All of them, or those of one system."""
        system = request.query.get("system")
        if system not in (None, "queue", *self._stand_ins):
            return _refusal("system", f"The system must be one of {', '.join(self._stand_ins)}, queue.")
        if system != "queue":
            self._faults.clear(system)
        if system in (None, "queue") and self._queue is not None:
            self._queue.faults.clear()
        self._changes.tell()
        return web.Response(status=204)


def _tell_queue(queue: Queue, definition: dict[str, Any]) -> None:
    for field in definition:
        if field not in ("system", "behaviour", "times"):
            raise BadFault(field, f"A fault of the queue has no field {field!r}; it has behaviour and times.")
    times = parse_times(definition, default=None)
    try:
        queue.faults.inject(str(definition.get("behaviour")), times)
    except ValueError as error:
        raise BadFault("behaviour", str(error)) from error


def _json(body: object, *, status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers={"Cache-Control": "no-store"})


def _refusal(field: str, sentence: str) -> web.Response:
    return _json({"error": {"field": field, "message": sentence}}, status=400)
