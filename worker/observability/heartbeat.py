"""The event loop's pulse: whoever reads it sees how long the loop stood still of late, or that it stands still."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from datetime import timedelta

import structlog

from worker.observability import telemetry

log = structlog.get_logger()

# A standstill is seen but for this much of it; a beat costs some microseconds.
_BEAT = 0.02
_TOLD_EVERY = 1.0
_TOLD_OF_A_MINUTE = 60
# Renewals and answers of all slots wait for as long; more than this is a fault to be looked for.
_WORTH_A_LINE = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Pause:
    """How late the loop came to a beat. `worked` is what its own thread computed meanwhile: little, where the machine
    had no time for it."""

    late: timedelta = timedelta()
    worked: timedelta = timedelta()


class Heartbeat:
    """`at` is the monotonic time of the last beat; a reader in another thread learns from its age alone."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        self._of_each_second: deque[timedelta] = deque(maxlen=_TOLD_OF_A_MINUTE)

    @property
    def age(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self.at)

    @property
    def longest(self) -> timedelta:
        """The longest pause of the last minute."""
        return max(self._of_each_second, default=timedelta())

    async def beat(self) -> None:
        """Until cancelled."""
        while True:
            self._tell(await self._beat_for_a_second())

    async def _beat_for_a_second(self) -> Pause:
        longest, until = Pause(), time.monotonic() + _TOLD_EVERY
        while (now := time.monotonic()) < until:
            self.at, worked = now, time.thread_time()
            await asyncio.sleep(_BEAT)
            late = time.monotonic() - self.at - _BEAT
            if late > longest.late.total_seconds():
                longest = Pause(timedelta(seconds=late), timedelta(seconds=time.thread_time() - worked))
        return longest

    def _tell(self, pause: Pause) -> None:
        self._of_each_second.append(pause.late)
        telemetry.event_loop_paused(pause.late, longest=self.longest)
        if pause.late > _WORTH_A_LINE:
            late, worked = (round(each.total_seconds(), 1) for each in (pause.late, pause.worked))
            log.warning("worker.loop_late", seconds=late, worked_seconds=worked)
