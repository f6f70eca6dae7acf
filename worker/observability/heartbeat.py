"""The event loop's pulse: whoever reads it sees how late the loop is, or that it stands still."""

import asyncio
import time
from datetime import timedelta

import structlog

from worker.observability import telemetry

log = structlog.get_logger()

_BEAT = 1.0
# A second's standstill delays renewals and answers of all slots; more than this is a fault to be looked for.
_WORTH_A_LINE = timedelta(seconds=2)


class Heartbeat:
    """`at` is the monotonic time of the last beat; a reader in another thread learns from its age alone."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        self.lag = timedelta()

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self.at)

    async def beat(self) -> None:
        """Until cancelled."""
        while True:
            self.at = time.monotonic()
            await asyncio.sleep(_BEAT)
            self.lag = timedelta(seconds=max(time.monotonic() - self.at - _BEAT, 0.0))
            telemetry.event_loop_late(self.lag)
            if self.lag > _WORTH_A_LINE:
                log.warning("worker.loop_late", seconds=round(self.lag.total_seconds(), 1))
