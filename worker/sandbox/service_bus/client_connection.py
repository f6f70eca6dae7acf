"""What those below a connection may ask of it: the faults that strike it, and the namespace that ends it."""

import asyncio
from typing import Protocol

from worker.sandbox.service_bus.performatives import Error


class ClientConnection(Protocol):
    @property
    def closed(self) -> asyncio.Future[None]: ...
    def drop(self) -> None: ...
    def close(self, error: Error | None = None) -> None: ...
    def detach_queues(self, error: Error) -> None: ...
