"""What the sandbox's HTTP server asks of a stand-in, and of the queue that runs beside it."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from aiohttp import web


class StandIn(Protocol):
    """One remote system: its routes, all under `/<system>/`, and its whole state as JSON."""

    @property
    def system(self) -> str: ...
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
