"""The receivers of one address, taking turns."""

from collections import deque
from dataclasses import dataclass
from typing import Protocol

from worker.sandbox.service_bus.messages import Delivery


class Consumer(Protocol):
    """One receiver, told apart by identity."""

    def credit(self) -> int:
        """How many more messages it can take now."""
        ...

    def deliver(self, delivery: Delivery, /) -> None:
        """Take a message, and one credit with it; never raises, for the message is its own already."""
        ...


@dataclass(frozen=True, slots=True)
class Subscriber:
    consumer: Consumer
    receive_and_delete: bool


class Rotation:
    def __init__(self) -> None:
        self._turns: deque[Subscriber] = deque()

    def add(self, subscriber: Subscriber) -> None:
        self._turns.append(subscriber)

    def remove(self, consumer: Consumer) -> None:
        self._turns = deque(each for each in self._turns if each.consumer is not consumer)

    def next(self) -> Subscriber | None:
        """Whoever can take a message and has waited longest; its next turn comes after all others."""
        for _ in range(len(self._turns)):
            subscriber = self._turns[0]
            self._turns.rotate(-1)
            if subscriber.consumer.credit() > 0:
                return subscriber
        return None
