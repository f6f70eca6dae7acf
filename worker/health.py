"""A worker's pulse over HTTP: /livez, /readyz and /metrics for the platform that runs it.

Alive is the event loop, never the broker: or an outage of the queue would restart every worker. Ready means that the
queue answers polls; a worker that is stopping is not.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog
from aiohttp import web

from worker import telemetry
from worker.errors import Misconfigured
from worker.prometheus_text import CONTENT_TYPE

log = structlog.get_logger()

IsReady = Callable[[], str | None]

_BEAT = timedelta(seconds=1)
_DEAD_AFTER = timedelta(seconds=20)
# The worst of this time is shown, since whoever asks comes by only now and then.
_BEATS_REMEMBERED = 60
# A poll ends after 25 s with or without a message; as much again and a little is for opening the link.
POLLS_WITHIN = timedelta(seconds=55)
_LINE_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Polling:
    """How the receiving of a worker goes: what its slots do, and how long ago the last poll was answered."""

    draining: bool
    in_hand: int
    since_poll: timedelta | None


def why_not_ready(polling: Polling) -> str | None:
    if polling.draining:
        return "The worker is stopping and takes nothing more."
    if polling.in_hand:
        return None
    if polling.since_poll is None:
        return "The queue has not been reached yet."
    if polling.since_poll > POLLS_WITHIN:
        return f"The queue last answered {polling.since_poll.total_seconds():.0f} s ago; the log says what it tried."
    return None


class Heartbeat:
    """Notices when something holds up the event loop, and with it every renewal of a lock."""

    def __init__(self) -> None:
        self._last = asyncio.get_running_loop().time()
        self._lags: deque[float] = deque(maxlen=_BEATS_REMEMBERED)

    async def beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _BEAT.total_seconds()
            await asyncio.sleep(_BEAT.total_seconds())
            self._last = loop.time()
            self._lags.append(self._last - due)
            telemetry.event_loop_late(timedelta(seconds=max(*self._lags, 0.0)))

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=asyncio.get_running_loop().time() - self._last)


@asynccontextmanager
async def serve_health(host: str, port: int, *, is_ready: IsReady, metrics: Callable[[], str]) -> AsyncIterator[str]:
    """The address it listens on; port 0 takes a free one."""
    heart = Heartbeat()
    beating = asyncio.create_task(heart.beat(), name="heartbeat")
    runner = web.AppRunner(_app(heart, is_ready, metrics), access_log=None, max_line_size=_LINE_LIMIT)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        address = "http://{}:{}".format(*runner.addresses[0][:2])
        log.info("health.listening", address=address)
        yield address
    finally:
        await runner.cleanup()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise Misconfigured(
            f"The worker cannot show its health on {host}:{port}: {error.strerror}. Choose another "
            "TOCSIN_HEALTH_PORT; 0 takes a free one, and without one nothing listens."
        ) from None


def _app(heart: Heartbeat, is_ready: IsReady, metrics: Callable[[], str]) -> web.Application:
    async def livez(_: web.Request) -> web.Response:
        if heart.age > _DEAD_AFTER:
            return _not_well(f"The event loop has stood still for {heart.age.total_seconds():.0f} s.")
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        if reason := is_ready():
            return _not_well(reason)
        return web.json_response({"status": "ready"})

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=metrics().encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application(client_max_size=0)
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", numbers)])
    return app


def _not_well(reason: str) -> web.Response:
    return web.json_response({"status": "not ready", "reason": reason}, status=503)
