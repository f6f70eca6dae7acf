"""What each receiver is doing, and when it last heard from the queue: plain values for health and watchdog."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Activity(StrEnum):
    IDLE = "idle"  # as many receive as may
    PAUSED = "paused"  # nothing is received while the table of incidents is down
    POLLING = "polling"
    HANDLING = "handling"
    WAITING = "waiting"  # with its message, for another attempt


@dataclass(slots=True)
class ReceiverStatus:
    """One receiver's. All times are monotonic; `failing_since` is None unless the last poll failed."""

    receiver: str
    activity: Activity = Activity.IDLE
    last_success: float | None = None
    failing_since: float | None = None
    failures: int = 0
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)

    def succeeded(self) -> None:
        self.last_success = self.clock()
        self.failing_since = None
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1
        if self.failing_since is None:
            self.failing_since = self.clock()

    def failing_for(self) -> timedelta:
        return timedelta() if self.failing_since is None else timedelta(seconds=self.clock() - self.failing_since)

    def silent_for(self) -> timedelta:
        """Since its last successful poll; for ever where there was none."""
        return timedelta.max if self.last_success is None else timedelta(seconds=self.clock() - self.last_success)
