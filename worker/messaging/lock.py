"""How long a message stays locked, reckoned without this machine's clock, which may be wrong by minutes.

The broker stamps on each message when it was enqueued and until when it is locked. Between the two lies at least the
queue's lock duration, and exactly that where somebody was waiting for the message. From there on only the monotonic
clock counts.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BrokerTime = Callable[[], datetime]


# Service Bus grants no longer one: after this time without a renewal it is gone, whatever the stamps say.
LONGEST = timedelta(minutes=5)
# Two renewals still fit into the shortest lock that is usual, even if all we know of it is too good.
_LONGEST_UNRENEWED = timedelta(seconds=15)
_SHORTEST_PAUSE = timedelta(seconds=0.25)

_NOTHING = timedelta()


def _now() -> datetime:
    return datetime.now(UTC)


class MessageLock:
    """The lock of one message, from when it came or was last renewed."""

    def __init__(self, until: datetime, duration: timedelta, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.duration = duration
        self._clock = clock
        self._came = self._taken = clock()
        self._came_at = until - duration

    @property
    def left(self) -> timedelta:
        return self.duration - timedelta(seconds=self._clock() - self._taken)

    @property
    def is_surely_gone(self) -> bool:
        """Only the broker knows for sure; but no lock lives for longer than the longest."""
        return self._clock() - self._taken > LONGEST.total_seconds()

    @property
    def renew_in(self) -> timedelta:
        """Half of it may pass, so that a renewal that fails can be tried again; a failed one is tried again soon."""
        due = min(self.duration / 2, _LONGEST_UNRENEWED) - (self.duration - self.left)
        return max(due, min(_SHORTEST_PAUSE * 4, self.duration / 8), _SHORTEST_PAUSE)

    def renewed(self, asked: float) -> None:
        """`asked`: the monotonic time before the request left, so that we never think it longer than the broker."""
        self._taken = asked

    def broker_time(self) -> datetime:
        """What the broker's clock says now, as far as can be known; never much ahead of it."""
        return self._came_at + timedelta(seconds=self._clock() - self._came)


class LockTimes:
    """What the stamps of a queue's messages have shown so far of the duration of its locks."""

    def __init__(self, *, now: Callable[[], datetime] = _now) -> None:
        self._now = now
        self._shortest = LONGEST

    def lock(self, enqueued_at: datetime | None, until: datetime | None) -> MessageLock:
        """The lock of a message that has just come; one that is only looked at has none."""
        if until is None:
            return MessageLock(self._now(), _NOTHING)
        if enqueued_at is not None and until > enqueued_at:
            self._shortest = min(self._shortest, until - enqueued_at)
        # By our own clock, which only says something where it says something possible: the message is locked now.
        left = until - self._now()
        return MessageLock(until, min(self._shortest, left) if left > _NOTHING else self._shortest)
