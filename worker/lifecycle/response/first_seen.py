"""Since when this worker has been waiting for what a message builds on."""

import time
from datetime import timedelta

# More of them than anybody waits for at once; the oldest is begun anew, and waits longer.
_MOST = 10_000


class FirstSeen:
    """By a worker's own clock: a message may have lain in the queue for hours before anybody received it."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def since(self, name: str) -> timedelta:
        """Since it was asked for by this name for the first time."""
        now = time.monotonic()
        if name not in self._since and len(self._since) >= _MOST:
            self._since.pop(next(iter(self._since)))
        return timedelta(seconds=now - self._since.setdefault(name, now))
