"""A priority queue whose entries are moved and removed by key, and swept out only when they surface."""

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

Key = TypeVar("Key", int, str)
Priority = TypeVar("Priority", int, datetime)

# A sweep costs as much as the heap is long; this keeps small heaps from being swept all the time.
SLACK = 64


class LazyHeap(Generic[Key, Priority]):
    """Each key has one priority. Equal priorities come in the order of their keys, on every run the same."""

    def __init__(self) -> None:
        self._priorities: dict[Key, Priority] = {}
        self._heap: list[tuple[Priority, Key]] = []

    def __len__(self) -> int:
        return len(self._priorities)

    def set(self, key: Key, priority: Priority) -> None:
        self._priorities[key] = priority
        heappush(self._heap, (priority, key))
        if len(self._heap) > 2 * len(self._priorities) + SLACK:
            self._sweep()

    def discard(self, key: Key) -> None:
        self._priorities.pop(key, None)

    def first(self) -> tuple[Priority, Key] | None:
        heap = self._heap
        while heap and self._priorities.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0] if heap else None

    def pop_until(self, limit: Priority) -> list[Key]:
        """Remove and return the keys whose priority is at most the limit, in order."""
        popped = []
        while (entry := self.first()) is not None and entry[0] <= limit:
            heappop(self._heap)
            del self._priorities[entry[1]]
            popped.append(entry[1])
        return popped

    def _sweep(self) -> None:
        self._heap = [(priority, key) for key, priority in self._priorities.items()]
        heapify(self._heap)
