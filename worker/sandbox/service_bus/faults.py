"""Misbehaviour on demand: what a queue does to its clients on a bad day."""

from collections.abc import Collection

from worker.sandbox.service_bus.client_connection import ClientConnection
from worker.sandbox.service_bus.conditions import CONNECTION_FORCED, DETACH_FORCED
from worker.sandbox.service_bus.performatives import Error

_CLOSED = Error(CONNECTION_FORCED, "The sandbox was told to close its connections.")
_DETACHED = Error(DETACH_FORCED, "The sandbox was told to detach its links.")


class QueueFaults:
    """`drop`, `close` and `detach` strike now, and with `times` again at each of the next attached links;
    `refuse` and `mute` last for `times` connections or settlements, or until cleared.
    """

    BEHAVIOURS = ("drop", "close", "detach", "refuse", "mute")

    def __init__(self, connections: Collection[ClientConnection]) -> None:
        self._connections = connections
        self._left: dict[str, float] = {}

    def inject(self, behaviour: str, times: int | None = None) -> None:
        if behaviour not in self.BEHAVIOURS:
            raise ValueError(f"The queue cannot {behaviour!r}; it can {', '.join(self.BEHAVIOURS)}.")
        if times is not None and times < 1:
            raise ValueError(f"A fault happens at least once, not {times} times.")
        if behaviour in ("refuse", "mute"):
            self._left[behaviour] = float("inf") if times is None else times
            return
        self._left[behaviour] = (times or 1) - 1
        for connection in tuple(self._connections):
            _strike(behaviour, connection)

    def clear(self) -> None:
        self._left.clear()

    def active(self) -> dict[str, int | None]:
        """Return what is still to happen, and how often; None is until cleared."""
        return {name: None if left == float("inf") else int(left) for name, left in self._left.items() if left}

    def take_refusal(self) -> bool:
        return self._spend("refuse")

    def take_mute(self) -> bool:
        return self._spend("mute")

    def strike_attached(self, connection: ClientConnection) -> None:
        for behaviour in ("drop", "close", "detach"):
            if self._spend(behaviour):
                _strike(behaviour, connection)

    def _spend(self, behaviour: str) -> bool:
        left = self._left.get(behaviour, 0)
        if left:
            self._left[behaviour] = left - 1
        return left > 0


def _strike(behaviour: str, connection: ClientConnection) -> None:
    if behaviour == "drop":
        connection.drop()
    elif behaviour == "close":
        connection.close(_CLOSED)
    else:
        connection.detach_queues(_DETACHED)
