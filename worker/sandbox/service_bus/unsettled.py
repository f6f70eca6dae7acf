"""What a session has delivered and its client has not settled."""

from collections.abc import Callable
from typing import NamedTuple

from worker.sandbox.service_bus.performatives import Disposition
from worker.sandbox.service_bus.serial import within


class _Delivered(NamedTuple):
    handle: int
    settle: Callable[[Disposition], None]


class Unsettled:
    """By delivery id, oldest first; each knows its link, and the link's way to settle it."""

    def __init__(self) -> None:
        self._deliveries: dict[int, _Delivered] = {}

    def add(self, delivery_id: int, handle: int, settle: Callable[[Disposition], None]) -> None:
        self._deliveries[delivery_id] = _Delivered(handle, settle)

    def remove(self, delivery_id: int) -> None:
        del self._deliveries[delivery_id]

    def remove_all(self, handle: int) -> None:
        for delivery_id in [key for key, delivered in self._deliveries.items() if delivered.handle == handle]:
            del self._deliveries[delivery_id]

    def settle(self, peer: Disposition) -> None:
        """Hand the client's word to the link of each delivery that it is about."""
        for delivery_id in self._chosen(peer.first, peer.first if peer.last is None else peer.last):
            self._deliveries[delivery_id].settle(peer)

    def _chosen(self, first: int, last: int) -> list[int]:
        # The range is the client's word and may span billions: walk over what is there.
        if last == first:
            return [last] if last in self._deliveries else []
        return [key for key in self._deliveries if within(key, first, last)]
