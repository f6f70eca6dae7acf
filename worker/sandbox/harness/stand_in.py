"""What the sandbox's HTTP server asks of a stand-in, and of the queue that runs beside it."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from aiohttp import web

from worker.sandbox.harness.remote_system import RemoteSystem


class StandIn(Protocol):
    """One remote system: what it is, its routes, and its whole state as JSON.

    The routes are all under its path, but for what people do in it, which is under `/sandbox/` and its name.
    """

    @property
    def system(self) -> RemoteSystem: ...
    def settings(self, url: str) -> Mapping[str, str]:
        """What leads a worker here, as the fields of its settings; `url` is where the stand-in's addresses begin."""

    def routes(self) -> Iterable[web.RouteDef]: ...
    def state(self) -> dict[str, Any]: ...
    def restore(self, state: Mapping[str, Any]) -> None: ...


class QueueFaults(Protocol):
    def inject(self, behaviour: str, times: int | None = None) -> None: ...
    def active(self) -> Mapping[str, int | None]: ...
    def clear(self) -> None: ...


class Queue(Protocol):
    """The part of the queue stand-in that is told to misbehave and shown here."""

    @property
    def faults(self) -> QueueFaults: ...
    def snapshot(self) -> dict[str, Any]: ...
