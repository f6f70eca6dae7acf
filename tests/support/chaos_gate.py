"""What stands before the sandbox's doors, one gate for each worker: it names, counts, holds and spoils requests."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from yarl import URL

Labels = Callable[[str, str, bytes], frozenset[str]]

# A worker is alone with one request when it has sent no other one for this long.
_QUIET = 0.2
_PATIENCE = 1.0
# A request that is signed with it is signed for the host that it was sent to.
_SIGNED = "x-ms-content-sha256"
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "content-encoding"}


@dataclass(eq=False)
class Exchange:
    """One request of one worker, and what became of it."""

    worker: int
    method: str
    path: str
    body: bytes
    labels: frozenset[str]
    at: float
    hung_up: Callable[[], bool]
    alone: Callable[[], bool]
    applied: bool = False
    status: int | None = None
    told: str = ""

    async def until_hung_up(self) -> None:
        """Until the worker has given up waiting, or is no more."""
        while not self.hung_up():
            await asyncio.sleep(0.05)

    async def until_alone(self) -> None:
        """Until the worker does nothing but wait for this answer, or for as long as it surely waits."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while not self.alone():
                    await asyncio.sleep(0.02)

    def __str__(self) -> str:
        names = ", ".join(sorted(self.labels))
        answer = f"{self.status}" if self.status else "no answer"
        applied = "" if self.applied else ", never forwarded"
        return f"{self.at:7.3f}  worker {self.worker}  {names}: {answer}{applied}{' ' + self.told if self.told else ''}"


@dataclass
class Answer:
    """What the worker gets; `afterwards` happens once it was written. No status: the connection is cut."""

    status: int | None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    afterwards: Callable[[], None] = lambda: None


CUT = Answer(None)
Forward = Callable[[], Awaitable[Answer]]
Meet = Callable[[Exchange, Forward], Awaitable[Answer]]


class Gates:
    """All gates of one cell: they share one log and one way to meet a request."""

    def __init__(self, session: aiohttp.ClientSession, meet: Meet) -> None:
        self.log: list[Exchange] = []
        self.under_way: list[Exchange] = []
        self._quiet_since: dict[int, float] = {}
        self._session = session
        self._meet = meet
        self._began = time.monotonic()
        self._refusing: list[asyncio.Server] = []

    @asynccontextmanager
    async def open(self, worker: int, upstream: str, labels: Labels, *, refusing: bool = False):
        """The address of one gate before `upstream`; one that is `refusing` holds its port and takes no connection."""

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await self._pass(request, worker, upstream, labels)

        async with AsyncExitStack() as stack:
            server = web.Server(handle, access_log=None)
            listener = await asyncio.get_running_loop().create_server(
                server, "127.0.0.1", 0, start_serving=not refusing
            )
            self._refusing += [listener] if refusing else []
            stack.callback(listener.close)
            stack.push_async_callback(server.shutdown, 0.1)
            yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"

    async def stop_refusing(self) -> None:
        for listener in self._refusing:
            await listener.start_serving()

    async def _pass(self, request: web.BaseRequest, worker: int, upstream: str, labels: Labels) -> web.StreamResponse:
        body = await request.read()
        names = labels(request.method, request.raw_path, body)
        at = time.monotonic() - self._began
        exchange = Exchange(
            *(worker, request.method, request.raw_path, body, names, at),
            hung_up=lambda: _is_gone(request.transport),
            alone=lambda: self._is_alone(exchange),
        )
        self.log.append(exchange)
        self.under_way.append(exchange)
        try:
            answer = await self._meet(exchange, lambda: self._forward(request, upstream, exchange))
        finally:
            self.under_way.remove(exchange)
            self._quiet_since[worker] = time.monotonic()
        return await _give(request, answer)

    def _is_alone(self, exchange: Exchange) -> bool:
        others = [each for each in self.under_way if each.worker == exchange.worker and each is not exchange]
        quiet_since = max(self._quiet_since.get(exchange.worker, 0.0), self._began + exchange.at)
        return not others and time.monotonic() - quiet_since > _QUIET

    async def _forward(self, request: web.BaseRequest, upstream: str, exchange: Exchange) -> Answer:
        exchange.applied = True
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        if _SIGNED in request.headers:
            headers["Host"] = request.headers["Host"]
        # Left to be the upstream's own: the addresses it gives out must be the same for all workers.
        address = URL(upstream + exchange.path, encoded=True)
        async with self._session.request(
            exchange.method, address, data=exchange.body or None, headers=headers, allow_redirects=False
        ) as response:
            body = await response.read()
            kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOP}
            exchange.status = response.status
            return Answer(response.status, body, kept)


def _is_gone(transport: asyncio.Transport | None) -> bool:
    return transport is None or transport.is_closing()


async def _give(request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    if answer.status is None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    response = web.Response(status=answer.status, body=answer.body, headers=answer.headers)
    # The worker may be gone before its answer came.
    with suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
    answer.afterwards()
    return response
