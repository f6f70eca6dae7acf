"""The clock of the running event loop, moved on at will: whoever waits for a time to pass has waited for it."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta


class LoopClock:
    """Time-outs can be as long as a busy machine needs, and yet end when a test has seen what it waited for."""

    def __init__(self, real):
        self._real = real
        self._ahead = 0.0

    def __call__(self):
        return self._real() + self._ahead

    def move(self, by: timedelta):
        self._ahead += by.total_seconds()


@contextmanager
def moved_clock():
    """From inside the loop; its clock is the real one again afterwards."""
    loop = asyncio.get_running_loop()
    clock = LoopClock(loop.time)
    loop.time = clock
    try:
        yield clock
    finally:
        del loop.time
