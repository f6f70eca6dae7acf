"""Serve an app on one address until a signal says stop: port 0 takes a free one and tells which."""

import asyncio
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import structlog
import uvicorn
from starlette.types import ASGIApp

from worker.domain.errors import Misconfigured
from worker.web.admission import KNOWN_BYTES, STRANGERS_BYTES
from worker.web.connection import BUFFER, bounded

DRAIN = timedelta(seconds=20)  # Kubernetes and Container Apps kill after thirty
# When there are more, one that is idle makes room.
CONNECTIONS = 2_000
# What a process takes at most, in bytes: itself with its clients, connections with their buffers, bodies of strangers
# while they are put together, and all that is read of those of known senders. deploy/ and docker-compose.yml allow it.
MEMORY = 110_000_000 + CONNECTIONS * 3 * BUFFER + 2 * STRANGERS_BYTES + 10 * KNOWN_BYTES
# Accepted in one turn of the event loop, before any is counted.
_AT_ONCE = 2_000
# Of this process, for the queue, the tables and the log.
_OTHER_FILES = 200
_NEVER = 1_000_000

# What hears signals: it is given what the first and what each later one is to do.
OnSignals = Callable[[Callable[[], None], Callable[[int], None]], AbstractContextManager[None]]

log = structlog.get_logger()


async def serve(
    app: ASGIApp, host: str, port: int, *, on_signals: OnSignals, ready: Callable[[str], None] | None = None
) -> None:
    """Returns after a signal, once the requests under way are answered; `ready` is told the address.

    A second Ctrl-C waits for no request any more.
    """
    listener = _listen(host, port)
    address = _address(listener)

    def started() -> None:
        log.info("intake.listening", address=address)
        if ready:
            ready(address)

    try:
        await _Server(_config(app, _connections()), on_signals, started).serve(sockets=[listener])
    finally:
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        listener = socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(f"The intake cannot listen on {host}:{port}: {error.strerror}. Choose another.") from None
    # asyncio sees no TCP in a socket made so, and each answer's second half waited 40 ms for the first to be confirmed.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _connections() -> int:
    """As many as this process may have open; most systems allow a thousand until they are asked for more."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _AT_ONCE + _OTHER_FILES
    if resource.RLIM_INFINITY != allowed < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return CONNECTIONS if allowed == resource.RLIM_INFINITY else max(1, min(CONNECTIONS, (allowed - _OTHER_FILES) // 2))


def _config(app: ASGIApp, connections: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=bounded(connections),
        backlog=min(_AT_ONCE, connections),
        ws="none",
        lifespan="off",  # the composition root opens and closes what the app uses
        log_config=None,
        log_level="error",  # it warns at every line of nonsense that a stranger sends
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_NEVER,  # the connections see to it themselves
        timeout_graceful_shutdown=int(DRAIN.total_seconds()),
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_signals: OnSignals, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_signals = on_signals
        self._on_started = on_started
        self._hurried = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Since Python 3.12 a server is closed only once its connections are: who hurries waits for none of them."""
        closing = asyncio.create_task(super().shutdown(sockets))
        hurrying = asyncio.create_task(self._hurried.wait())
        done, _ = await asyncio.wait({closing, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        for task in (closing, hurrying):
            task.cancel()
        await asyncio.gather(closing, hurrying, return_exceptions=True)
        if closing in done:
            closing.result()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again at the end, and the process would die with its clients open.
        with self._on_signals(self._stop, self._hurry):
            yield

    def _stop(self) -> None:
        self.should_exit = True

    def _hurry(self, number: int) -> None:
        if number == signal.SIGINT:
            self.force_exit = True
            self._hurried.set()
