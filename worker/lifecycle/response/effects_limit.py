"""How many messages show and write down at once what has happened: room is left for acts, timers and telling people."""

from collections.abc import Iterator
from contextlib import contextmanager


class EffectsLimit:
    def __init__(self, at_once: int) -> None:
        self._free = max(1, at_once)

    @property
    def is_reached(self) -> bool:
        return self._free <= 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Also beyond the limit, by those that have waited for long."""
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
