"""The messages behind one address, in the order of their numbers, and the receivers that wait for them."""

from bisect import bisect_left
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from worker.sandbox.service_bus.errors import LockLost
from worker.sandbox.service_bus.lazy_heap import LazyHeap
from worker.sandbox.service_bus.messages import Delivery, State
from worker.sandbox.service_bus.rotation import Rotation


class Entity:
    """Where a message is follows from its own fields: scheduled, locked, deferred or ready.

    One that is deferred is received by its number alone, and may be locked meanwhile; else it is never two of these.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.receivers = Rotation()
        self.size_bytes = 0
        self._messages: dict[int, Delivery] = {}  # ascending: a number is always larger than those before it
        self._ready = LazyHeap[int, int]()
        self._expiring = LazyHeap[int, datetime]()  # ready ones only: a locked message does not expire
        self._scheduled = LazyHeap[int, datetime]()
        self._deferred: set[int] = set()
        self._locks = LazyHeap[int, datetime]()
        self._numbers_by_token: dict[UUID, int] = {}

    @property
    def scheduled_count(self) -> int:
        return len(self._scheduled)

    @property
    def active_count(self) -> int:
        return len(self._messages) - len(self._scheduled) - len(self._deferred)

    def put(self, message: Delivery) -> None:
        """Take in a message, or what has become of one that is here already."""
        if message.sequence_number in self._messages:
            self._forget_place(self._messages[message.sequence_number])
        else:
            self.size_bytes += len(message.content)
        self._messages[message.sequence_number] = message
        self._note_place(message)

    def remove(self, message: Delivery) -> None:
        gone = self._messages.pop(message.sequence_number)
        self._forget_place(gone)
        self.size_bytes -= len(gone.content)

    def first_ready(self) -> Delivery | None:
        first = self._ready.first()
        return None if first is None else self._messages[first[1]]

    def lock(self, message: Delivery, until: datetime) -> Delivery:
        locked = replace(message, lock_token=uuid4(), locked_until=until)
        self.put(locked)
        return locked

    def renew(self, token: UUID, until: datetime) -> None:
        self.put(replace(self.held(token), locked_until=until))

    def held(self, token: UUID) -> Delivery:
        number = self._numbers_by_token.get(token)
        if number is None:
            raise LockLost(
                f"The lock {token} on a message of '{self.address}' is not held any more: it expired, or the message "
                "is settled already. If it expired, the message is delivered again: receive it again and settle that."
            )
        return self._messages[number]

    def scheduled(self, number: int) -> Delivery | None:
        message = self._messages.get(number)
        return message if message is not None and message.state is State.SCHEDULED else None

    def deferred(self, number: int) -> Delivery | None:
        """One that is set aside and not locked."""
        message = self._messages.get(number)
        return message if message is not None and number in self._deferred and not message.lock_token else None

    def from_number(self, number: int, count: int) -> list[Delivery]:
        numbers = list(self._messages)
        start = bisect_left(numbers, number)
        return [self._messages[each] for each in numbers[start : start + max(count, 0)]]

    def take_unlocked(self, now: datetime) -> list[Delivery]:
        """The messages whose locks have run out; the caller puts each into its next place."""
        return [self._messages[number] for number in self._locks.pop_until(now)]

    def take_started(self, now: datetime) -> list[Delivery]:
        """The scheduled messages whose time has come; the caller puts each into its next place."""
        return [self._messages[number] for number in self._scheduled.pop_until(now)]

    def take_expired(self, now: datetime) -> list[Delivery]:
        """The ready messages that have outlived their time; the caller puts each into its next place."""
        return [self._messages[number] for number in self._expiring.pop_until(now)]

    def next_due(self) -> datetime | None:
        firsts = (heap.first() for heap in (self._locks, self._scheduled, self._expiring))
        return min((first[0] for first in firsts if first is not None), default=None)

    def _note_place(self, message: Delivery) -> None:
        number = message.sequence_number
        if message.state is State.DEFERRED:
            self._deferred.add(number)
        if message.state is State.SCHEDULED and message.scheduled_for is not None:
            self._scheduled.set(number, message.scheduled_for)
        elif message.lock_token is not None and message.locked_until is not None:
            self._numbers_by_token[message.lock_token] = number
            self._locks.set(number, message.locked_until)
        elif message.state is not State.DEFERRED:
            self._ready.set(number, number)
            if message.expires_at is not None:
                self._expiring.set(number, message.expires_at)

    def _forget_place(self, message: Delivery) -> None:
        if message.lock_token is not None:
            self._numbers_by_token.pop(message.lock_token, None)
        self._deferred.discard(message.sequence_number)
        for heap in (self._ready, self._expiring, self._scheduled, self._locks):
            heap.discard(message.sequence_number)
