"""Connections that wait for their caller, and which of them makes room for a new one."""

from typing import Generic, TypeVar

Connection = TypeVar("Connection")


class IdleConnections(Generic[Connection]):
    """Those of strangers go first, of the network that has most of them; then known senders', who may come back."""

    def __init__(self) -> None:
        self._of_strangers: dict[str, dict[Connection, None]] = {}
        self._of_senders: dict[Connection, None] = {}

    def add(self, connection: Connection, network: str, *, is_known: bool) -> None:
        group = self._of_senders if is_known else self._of_strangers.setdefault(network, {})
        group[connection] = None

    def discard(self, connection: Connection, network: str) -> None:
        self._of_senders.pop(connection, None)
        if (group := self._of_strangers.get(network)) is not None:
            group.pop(connection, None)
            if not group:
                del self._of_strangers[network]

    def first_to_go(self) -> Connection | None:
        """The one that is idle for longest."""
        group = max(self._of_strangers.values(), key=len, default=self._of_senders)
        return next(iter(group), None)
