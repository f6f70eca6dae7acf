"""Which signed requests were taken within the window in which they hold, as far as this process can know."""

# Some seconds of the fastest storm would fill it; the oldest are forgotten first.
MEMORY = 20_000


class Replays:
    """Another instance would take a copy once more: it has the same idempotency key, and is the same incident."""

    def __init__(self, memory: int = MEMORY) -> None:
        self._memory = memory
        self._taken: dict[str, float] = {}

    def claim(self, digest: str, *, now: float, until: float) -> bool:
        """False if it was taken before."""
        if self._taken.get(digest, now) > now:
            return False
        self._forget_ended(now)
        self._taken[digest] = until
        return True

    def release(self, digest: str) -> None:
        """A sender that was told to come again may do so with what it signed."""
        self._taken.pop(digest, None)

    def _forget_ended(self, now: float) -> None:
        while self._taken:
            oldest = next(iter(self._taken))
            if self._taken[oldest] > now and len(self._taken) < self._memory:
                return
            del self._taken[oldest]
