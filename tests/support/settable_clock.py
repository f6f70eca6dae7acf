"""A clock that stands still until a test sets it."""

from typing import Generic, TypeVar

Moment = TypeVar("Moment")


class SettableClock(Generic[Moment]):
    """Called it tells `now`, which is seconds or a moment, as whoever asks it wants."""

    def __init__(self, now: Moment) -> None:
        self.now = now

    def __call__(self) -> Moment:
        return self.now
