"""The queues behind their addresses: who may do what to which message, and when."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.errors import (
    BrokerError,
    EntityNotFound,
    LockLost,
    MessageNotFound,
    NotAllowed,
    QuotaExceeded,
)
from worker.sandbox.service_bus.messages import Counts, DeadLetter, Delivery, Incoming, State
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


class Consumer(Protocol):
    """One receiver; `deliver` must not raise: the message is already its own."""

    def credit(self) -> int: ...

    def deliver(self, delivery: Delivery, /) -> None: ...


class Broker:
    def __init__(
        self, queues: Iterable[QueueSettings], *, clock: Callable[[], datetime], store: Store | None = None
    ) -> None:
        raise NotImplementedError

    def check(self, entity: str) -> None:
        raise NotImplementedError

    def send(self, entity: str, messages: Sequence[Incoming]) -> list[int]:
        raise NotImplementedError

    def schedule(self, entity: str, messages: Sequence[Incoming]) -> list[int]:
        raise NotImplementedError

    def cancel(self, entity: str, sequence_numbers: Sequence[int]) -> None:
        raise NotImplementedError

    def subscribe(self, entity: str, consumer: Consumer, *, receive_and_delete: bool = False) -> None:
        raise NotImplementedError

    def unsubscribe(self, consumer: Consumer) -> None:
        raise NotImplementedError

    def dispatch(self, entity: str) -> None:
        raise NotImplementedError

    def complete(self, entity: str, token: UUID) -> None:
        raise NotImplementedError

    def abandon(self, entity: str, token: UUID) -> None:
        raise NotImplementedError

    def release(self, entity: str, token: UUID) -> None:
        raise NotImplementedError

    def dead_letter(self, entity: str, token: UUID, reason: str | None, description: str | None) -> None:
        raise NotImplementedError

    def renew(self, entity: str, token: UUID) -> datetime:
        raise NotImplementedError

    def peek(self, entity: str, from_sequence_number: int, count: int) -> list[Delivery]:
        raise NotImplementedError

    def counts(self, queue: str) -> Counts:
        raise NotImplementedError

    def tick(self) -> None:
        raise NotImplementedError

    def next_due(self) -> datetime | None:
        raise NotImplementedError

    def flush(self) -> None:
        raise NotImplementedError
