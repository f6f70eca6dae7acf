"""A worker's health over HTTP: /livez, /readyz and /metrics for the platform that runs it.

Alive is the event loop, never the broker: or an outage of the queue would restart every worker. Ready means that the
queue answers polls; a worker that is stopping is not.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus

import structlog
from aiohttp import web

from worker.domain.errors import Misconfigured
from worker.messaging.poll_status import Activity, ReceiverStatus
from worker.observability.heartbeat import Heartbeat
from worker.observability.prometheus_text import CONTENT_TYPE

log = structlog.get_logger()

IsReady = Callable[[], str | None]

# The first launch imports twelve hundred modules of the Graph SDK; a loop that stands still for longer is stuck.
_DEAD_AFTER = timedelta(seconds=20)
# A poll ends after 25 s with or without a message; as much again and a little is for opening the link.
_POLLED_WITHIN = timedelta(seconds=55)
_LINE_LIMIT = 1024


def why_not_ready(polls: Sequence[ReceiverStatus], *, draining: bool) -> str | None:
    """A sentence, or None while the queue answers; a receiver that handles a message has been answered."""
    if draining:
        return "The worker is stopping and takes nothing more."
    if any(_is_in_touch(each) for each in polls):
        return None
    if any(each.activity is Activity.PAUSED for each in polls):
        return "Nothing is received while the table of incidents cannot be reached."
    silence = min((each.silent_for() for each in polls), default=timedelta.max)
    if silence == timedelta.max:
        return "The queue has not been reached yet; the log says what is waited for."
    return f"The queue last answered {silence.total_seconds():.0f} s ago; the log says what was tried since."


def _is_in_touch(receiver: ReceiverStatus) -> bool:
    return receiver.silent_for() <= _POLLED_WITHIN or receiver.activity in {Activity.HANDLING, Activity.WAITING}


@asynccontextmanager
async def serve_health(
    host: str, port: int, *, heartbeat: Heartbeat, is_ready: IsReady, metrics: Callable[[], str]
) -> AsyncIterator[str]:
    """The address it listens on; port 0 takes a free one."""
    app = _app(heartbeat, is_ready, metrics)
    runner = web.AppRunner(app, access_log=None, max_line_size=_LINE_LIMIT, shutdown_timeout=1)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        address = "http://{}:{}".format(*runner.addresses[0][:2])
        log.info("health.listening", address=address)
        yield address
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise Misconfigured(
            f"The worker cannot show its health on {host}:{port}: {error.strerror}. Choose another "
            "TOCSIN_HEALTH_PORT; 0 takes a free one, and without one nothing listens."
        ) from None


def _app(heartbeat: Heartbeat, is_ready: IsReady, metrics: Callable[[], str]) -> web.Application:
    async def livez(_: web.Request) -> web.Response:
        if heartbeat.age > _DEAD_AFTER:
            return _unavailable("dead", f"The event loop has not beaten for {heartbeat.age.total_seconds():.0f} s.")
        return web.json_response({"status": "alive"})

    async def readyz(_: web.Request) -> web.Response:
        if reason := is_ready():
            return _unavailable("not ready", reason)
        return web.json_response({"status": "ready"})

    async def numbers(_: web.Request) -> web.Response:
        return web.Response(body=metrics().encode(), headers={"Content-Type": CONTENT_TYPE})

    app = web.Application(client_max_size=0)
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", numbers)])
    return app


def _unavailable(status: str, reason: str) -> web.Response:
    return web.json_response({"status": status, "reason": reason}, status=HTTPStatus.SERVICE_UNAVAILABLE)
