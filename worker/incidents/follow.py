"""Look at a launch again and again until it has ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from worker.domain.errors import Transient
from worker.domain.states import LaunchState
from worker.incidents.history import History

Show = Callable[[History], None]


Look = Callable[[], Awaitable[History | None]]


async def follow(look: Look, show: Show, *, every: timedelta) -> History:
    """The history of the ended launch. A store that cannot be reached at first raises, later it is waited for."""
    history = await look()
    while True:
        if history is not None:
            show(history)
            if history.state is not LaunchState.LAUNCHING:
                return history
        await asyncio.sleep(every.total_seconds())
        with suppress(Transient):
            history = await look()
