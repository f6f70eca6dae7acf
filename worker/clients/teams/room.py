"""How much room a team has left for channels: counted from its list, and said before it is full."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from worker.observability import telemetry

log = structlog.get_logger()

# Of each kind and state: archived ones count, and deleted ones for thirty days, which Graph does not list.
MOST_CHANNELS = 1_000
NEARLY_FULL = 900
_SAID_FOR = timedelta(hours=1)
_COUNTED_FOR = timedelta(minutes=10)
# Somebody may have deleted channels a month ago.
_FULL_FOR = timedelta(minutes=10)


class Room:
    """Of one team, as this process knows it; `counted` is what it knows of all of them."""

    def __init__(self, team_id: str, counted: dict[str, int], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._team_id = team_id
        self._counted = counted
        self._clock = clock
        self._count_again = self._say_again = self._full_until = 0.0

    def note(self, channels: int) -> None:
        """So many have been listed; what is nearly full is said once an hour."""
        now = self._clock()
        self._count_again = now + _COUNTED_FOR.total_seconds()
        self._count(channels)
        if channels >= NEARLY_FULL and now >= self._say_again:
            self._say_again = now + _SAID_FOR.total_seconds()
            log.warning("teams.nearly_full", team=self._team_id, channels=channels, most=MOST_CHANNELS)

    def note_full(self) -> None:
        """The team has refused a channel since it holds as many as it can."""
        self._full_until = self._clock() + _FULL_FOR.total_seconds()
        self._count(MOST_CHANNELS)
        log.error("teams.full", team=self._team_id, most=MOST_CHANNELS)

    def is_full(self) -> bool:
        """Whether it was so a moment ago, and so is not worth asking while there is another."""
        return self._clock() < self._full_until

    def is_due(self) -> bool:
        """Whether it is worth counting again; whoever is told so counts."""
        now = self._clock()
        if now < self._count_again:
            return False
        self._count_again = now + _COUNTED_FOR.total_seconds()
        return True

    def _count(self, channels: int) -> None:
        self._counted[self._team_id] = channels
        telemetry.channels_counted(fullest=max(self._counted.values()))
