"""The message ids that duplicate detection remembers."""

from dataclasses import dataclass
from datetime import datetime

from worker.sandbox.service_bus.lazy_heap import LazyHeap


@dataclass(frozen=True, slots=True)
class Sent:
    """One send: its id, the number that its message was given, and when the id may be used again."""

    message_id: str
    sequence_number: int
    forget_at: datetime


class SentIds:
    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._forget_at = LazyHeap[str, datetime]()

    def __contains__(self, message_id: str) -> bool:
        return message_id in self._numbers

    def number_of(self, message_id: str) -> int:
        return self._numbers[message_id]

    def remember(self, sent: Sent) -> None:
        self._numbers[sent.message_id] = sent.sequence_number
        self._forget_at.set(sent.message_id, sent.forget_at)

    def forget(self, now: datetime) -> list[str]:
        forgotten = self._forget_at.pop_until(now)
        for message_id in forgotten:
            del self._numbers[message_id]
        return forgotten
