"""What has changed in the broker since it was last stored: the last word on each message, id and number."""

from dataclasses import dataclass, field

from worker.sandbox.service_bus.messages import Delivery
from worker.sandbox.service_bus.sent_ids import Sent


@dataclass(slots=True)
class Changes:
    """Keys begin with the queue's name; None means that it is gone."""

    messages: dict[tuple[str, int], Delivery | None] = field(default_factory=dict)
    sent_ids: dict[tuple[str, str], Sent | None] = field(default_factory=dict)
    last_numbers: dict[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.messages or self.sent_ids or self.last_numbers)

    def clear(self) -> None:
        self.messages.clear()
        self.sent_ids.clear()
        self.last_numbers.clear()


@dataclass(frozen=True, slots=True)
class Saved:
    """One queue as it was stored; messages in the order of their numbers, without locks."""

    messages: tuple[Delivery, ...] = ()
    sent_ids: tuple[Sent, ...] = ()
    last_number: int = 0
