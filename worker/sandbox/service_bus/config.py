"""The settings of the queues."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The defaults are those of the official emulator."""

    name: str
    lock_duration: timedelta = timedelta(minutes=1)
    max_delivery_count: int = 3
    default_time_to_live: timedelta = timedelta(hours=1)
    dead_lettering_on_expiration: bool = False
    requires_duplicate_detection: bool = False
    duplicate_detection_window: timedelta = timedelta(seconds=20)
    max_size_bytes: int = 100 * 1024 * 1024


def load_queues(text: str) -> tuple[QueueSettings, ...]:
    raise NotImplementedError
