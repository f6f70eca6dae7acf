"""Look at a launch again and again until it has ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from worker.domain.errors import Transient
from worker.incidents.history import History

Show = Callable[[History], None]


Look = Callable[[], Awaitable[History | None]]


def has_ended(history: History) -> bool:
    return history.has_ended


async def follow(look: Look, show: Show, *, every: timedelta, until: Callable[[History], bool] = has_ended) -> History:
    """The history of the ended launch. A store that cannot be reached at first raises, later it is waited for."""
    history = await look()
    while True:
        if history is not None:
            show(history)
            if until(history):
                return history
        await asyncio.sleep(every.total_seconds())
        with suppress(Transient):
            history = await look()
