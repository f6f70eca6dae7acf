"""What all connections share: the queues, the key, the faults and the clock's alarm."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from worker.sandbox.service_bus.access import Access
from worker.sandbox.service_bus.broker import Broker
from worker.sandbox.service_bus.client_connection import ClientConnection
from worker.sandbox.service_bus.faults import QueueFaults

_logger = logging.getLogger(__name__)
# A clock that stands still, or a broker that has something due that it cannot do, must not spin the event loop.
_SHORTEST_WAIT = timedelta(milliseconds=1)


class Namespace:
    def __init__(self, broker: Broker, access: Access, clock: Callable[[], datetime]) -> None:
        self.broker = broker
        self.access = access
        self.connections: set[ClientConnection] = set()
        self.closed = False
        self.faults = QueueFaults(self.connections)
        self._clock = clock
        self._due: datetime | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def commit(self) -> None:
        """Make everything so far durable; call before any answer leaves."""
        self.broker.flush()
        self._set_alarm()

    async def close(self) -> None:
        self.closed = True
        connections = tuple(self.connections)
        for connection in connections:
            connection.drop()
        await asyncio.gather(*(connection.closed for connection in connections))
        if self._alarm:
            self._alarm.cancel()

    def _set_alarm(self) -> None:
        due = self.broker.next_due()
        if due == self._due:
            return
        if self._alarm:
            self._alarm.cancel()
        self._due, self._alarm = due, None
        if due is not None:
            wait = max(due - self._clock(), _SHORTEST_WAIT)
            self._alarm = asyncio.get_running_loop().call_later(wait.total_seconds(), self._ring)

    def _ring(self) -> None:
        self._due = None
        try:
            self.broker.tick()
            self.commit()
        except Exception:
            # Connections go on; each of them drops by itself when it cannot commit.
            _logger.exception("The queues could not do what was due; the next change tries again.")
