"""The connections that need no playbook: into the queue, and to what is stored.

Apart from the composition root, whose clients take seconds to import: a person at the command line should not wait.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from worker.messaging.connection import open_queue
from worker.messaging.sender import Sender
from worker.settings import Settings
from worker.storage.stores import Stores, open_stores


def worker_name() -> str:
    """Who holds a lease, for people: the host and the process."""
    return f"{socket.gethostname()}/{os.getpid()}"


@asynccontextmanager
async def open_sender(settings: Settings, *, retries: int) -> AsyncIterator[Sender]:
    """Connected, for whoever waits for it and would rather hear soon that it cannot be."""
    async with open_queue(settings, retries=retries) as queue:
        await queue.sender.open()
        yield queue.sender


@asynccontextmanager
async def open_history(settings: Settings) -> AsyncIterator[Stores]:
    async with open_stores(settings, owner=worker_name()) as stores:
        yield stores
