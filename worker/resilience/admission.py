"""Which launches are begun at once, and when those come again that find no place: read on, and put off what can wait.

A queue tells nothing of what lies further back in it. So a worker that launches as much as it can goes on receiving,
and sends what finds no place back to the queue for when its turn may come: what is urgent is found within seconds, and
one sender's storm stands behind every other sender's first.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from worker.resilience.urgency import Urgency

# What launches take from each other, in seconds, until that is known; and how much the latest of them counts.
_PACE = 1.0
_QUICKEST, _SLOWEST = 0.1, 10.0
_WEIGHT = 0.2
# Whoever would wait longer asks again meanwhile: other workers may have come, or the storm may be over.
_LONGEST = 120.0
# So long after its time a launch that was put off is still expected, in seconds.
_LATE = 5.0
_SENDERS_REMEMBERED = 1_000


class Admission:
    """`places` for launches, and one more, so that neither the urgent nor the others ever take all of them."""

    def __init__(self, places: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._places = places
        self._clock = clock
        self._running: Counter[Urgency] = Counter()
        # When the last of those that were put off is to come again, for each sender and rank.
        self._due: dict[Urgency, float] = {}
        self._pace = _PACE
        self._ended_at: float | None = None

    def wait(self, urgency: Urgency) -> timedelta | None:
        """How long a launch is put off; None where it may begin at once."""
        now = self._clock()
        self._due = {other: due for other, due in self._due.items() if due + _LATE > now}
        if self._has_place(urgency) and not self._leaves_it_to_others(urgency):
            return None
        return timedelta(seconds=self._seconds_until_turn(urgency, now))

    @contextmanager
    def taken(self, urgency: Urgency) -> Iterator[None]:
        """A place, while within."""
        self._running[urgency] += 1
        try:
            yield
        finally:
            self._note_pace()
            self._running[urgency] -= 1
            self._running += Counter()

    def _has_place(self, urgency: Urgency) -> bool:
        equals = sum(count for other, count in self._running.items() if other.overtakes == urgency.overtakes)
        return equals < self._places and self._running.total() <= self._places

    def _leaves_it_to_others(self, urgency: Urgency) -> bool:
        """A sender that has half of the places has no more while another one waits that is as urgent."""
        if self._running[urgency] < max(1, self._places // 2):
            return False
        return any(other.sender != urgency.sender and other.rank <= urgency.rank for other in self._due)

    def _seconds_until_turn(self, urgency: Urgency, now: float) -> float:
        """Behind what its own sender has waiting, and one of each other sender's between any two."""
        if urgency not in self._due and len(self._due) >= _SENDERS_REMEMBERED:
            urgency = Urgency(urgency.rank)
        senders = {other.sender for other in self._due if other.rank <= urgency.rank} | {urgency.sender}
        due = max(self._due.get(urgency, now), now) + self._pace * len(senders)
        if due - now > _LONGEST:
            # Apart from each other, and not all at that time.
            return random.uniform(_LONGEST / 2, _LONGEST)  # noqa: S311 (nobody gains by foreseeing it)
        self._due[urgency] = due
        return due - now

    def _note_pace(self) -> None:
        """How far apart launches end while all places are taken: so quickly places become free."""
        now, before = self._clock(), self._ended_at
        is_full = self._running.total() >= self._places
        self._ended_at = now if is_full else None
        if is_full and before is not None:
            apart = min(max(now - before, _QUICKEST), _SLOWEST)
            self._pace += _WEIGHT * (apart - self._pace)
