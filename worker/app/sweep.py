"""The composition of a sweep that a person asks for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker.app.clients import open_clients
from worker.app.connections import open_history
from worker.engine.sweep import Sweep
from worker.settings import Settings


@asynccontextmanager
async def open_sweep(settings: Settings) -> AsyncIterator[Sweep]:
    """A sweep of a person's own."""
    async with open_history(settings) as stores, open_clients(settings) as clients:
        yield clients.sweep(stores)
