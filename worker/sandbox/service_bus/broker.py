"""The queues behind their addresses: the one door through which the protocol reaches them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from worker.sandbox.service_bus.changes import Changes, Saved
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.entity import Entity
from worker.sandbox.service_bus.errors import (
    BrokerError,
    EntityNotFound,
    LockLost,
    MessageNotFound,
    NotAllowed,
    QuotaExceeded,
)
from worker.sandbox.service_bus.message_queue import MessageQueue
from worker.sandbox.service_bus.messages import Change, Counts, DeadLetter, Delivery, Incoming, State, unchanged
from worker.sandbox.service_bus.rotation import Consumer, Subscriber
from worker.sandbox.service_bus.store import Store

__all__ = [
    "Broker",
    "BrokerError",
    "Consumer",
    "Counts",
    "DeadLetter",
    "Delivery",
    "EntityNotFound",
    "Incoming",
    "LockLost",
    "MessageNotFound",
    "NotAllowed",
    "QuotaExceeded",
    "State",
]

LONGEST_NAME_SHOWN = 100  # a name comes from outside, and an error is no place to echo a megabyte of it


class _Address(NamedTuple):
    queue: MessageQueue
    entity: Entity


class Broker:
    """An entity is `<queue>` or `<queue>/$deadletterqueue`, in any case.

    Every call first makes up for the time that has passed since the last one, so nobody sees a message past its
    time, and last hands out what it has made ready. Nothing may be acknowledged to a peer before `flush` has returned.
    """

    def __init__(
        self, queues: Iterable[QueueSettings], *, clock: Callable[[], datetime], store: Store | None = None
    ) -> None:
        self._clock = clock
        self._store = store
        self._changes = Changes()
        self._queues = {
            settings.name.lower(): MessageQueue(
                settings, self._changes, Saved() if store is None else store.load(settings.name)
            )
            for settings in queues
        }
        self._addresses = dict(_addresses(self._queues.values()))
        self._subscribed: dict[Consumer, Entity] = {}

    def check(self, entity: str) -> None:
        self._find(entity)

    def send(self, entity: str, messages: Sequence[Incoming]) -> list[int]:
        """All of them or none; those with a time in the future are scheduled."""
        with self._turn(entity) as (queue, place, now):
            if place is queue.dead_letters:
                raise NotAllowed(
                    f"Nothing can be sent to '{place.address}': only the broker puts messages there. "
                    f"Send to '{queue.settings.name}'."
                )
            return queue.accept(messages, now)

    def schedule(self, entity: str, messages: Sequence[Incoming]) -> list[int]:
        return self.send(entity, messages)

    def cancel(self, entity: str, sequence_numbers: Sequence[int]) -> None:
        """All of them or none."""
        with self._turn(entity) as (queue, place, _):
            queue.cancel(place, sequence_numbers)

    def subscribe(self, entity: str, consumer: Consumer, *, receive_and_delete: bool = False) -> None:
        """Nothing is delivered yet: `dispatch` when the consumer has credit."""
        place = self._find(entity).entity
        place.receivers.add(Subscriber(consumer, receive_and_delete))
        self._subscribed[consumer] = place

    def unsubscribe(self, consumer: Consumer) -> None:
        """What the consumer holds stays locked: a lock belongs to the queue, not to a connection."""
        place = self._subscribed.pop(consumer, None)
        if place is not None:
            place.receivers.remove(consumer)

    def dispatch(self, entity: str) -> None:
        with self._turn(entity):
            pass

    def complete(self, entity: str, token: UUID) -> None:
        with self._turn(entity) as (queue, place, _):
            queue.complete(place, token)

    def abandon(self, entity: str, token: UUID, change: Change = unchanged) -> None:
        """Back to its place, as a delivery that failed."""
        with self._turn(entity) as (queue, place, _):
            queue.abandon(place, token, change)

    def defer(self, entity: str, token: UUID, change: Change = unchanged) -> None:
        """Aside, where it stays until it is asked for by its number."""
        with self._turn(entity) as (queue, place, _):
            queue.defer(place, token, change)

    def take_deferred(self, entity: str, sequence_numbers: Sequence[int], *, and_delete: bool) -> list[Delivery]:
        """All of them or none: locked, or gone from the queue."""
        with self._turn(entity) as (queue, place, now):
            return queue.take_deferred(place, sequence_numbers, now, and_delete=and_delete)

    def release(self, entity: str, token: UUID) -> None:
        """Back to its place, as if it had never been delivered."""
        with self._turn(entity) as (queue, place, _):
            queue.release(place, token)

    def dead_letter(
        self, entity: str, token: UUID, reason: str | None, description: str | None, change: Change = unchanged
    ) -> None:
        with self._turn(entity) as (queue, place, _):
            queue.dead_letter(place, token, reason, description, change)

    def renew(self, entity: str, token: UUID) -> datetime:
        """Return when the lock now ends."""
        with self._turn(entity) as (queue, place, now):
            return queue.renew(place, token, now)

    def peek(self, entity: str, from_sequence_number: int, count: int) -> list[Delivery]:
        """Ready, locked, scheduled and deferred ones alike."""
        with self._turn(entity) as (_, place, _now):
            return place.from_number(from_sequence_number, count)

    def counts(self, queue: str) -> Counts:
        with self._turn(queue) as (found, _, _now):
            return found.counts

    def tick(self) -> None:
        """Do what is due; afterwards `next_due` says when to come again."""
        now = self._clock()
        for queue in self._queues.values():
            queue.catch_up(now)

    def next_due(self) -> datetime | None:
        dues = (queue.next_due() for queue in self._queues.values())
        return min((due for due in dues if due is not None), default=None)

    def flush(self) -> None:
        """Store what has changed; what a failing store did not take is offered to it again."""
        if self._store is not None and self._changes:
            self._store.write(self._changes)
        self._changes.clear()

    @contextmanager
    def _turn(self, entity: str) -> Iterator[tuple[MessageQueue, Entity, datetime]]:
        queue, place = self._find(entity)
        now = self._clock()
        queue.catch_up(now)
        yield queue, place, now
        queue.hand_out(now)

    def _find(self, entity: str) -> _Address:
        address = self._addresses.get(entity.lower())
        if address is None:
            names = ", ".join(f"'{queue.settings.name}'" for queue in self._queues.values())
            raise EntityNotFound(
                f"There is no queue '{entity[:LONGEST_NAME_SHOWN]}' here. There is {names or 'no queue at all'}; "
                "the dead letters of a queue are at its name and '/$deadletterqueue'."
            )
        return address


def _addresses(queues: Iterable[MessageQueue]) -> Iterator[tuple[str, _Address]]:
    for queue in queues:
        for entity in (queue.main, queue.dead_letters):
            yield entity.address.lower(), _Address(queue, entity)
