"""The log of every request the stand-ins received: who was asked what, when, and what was answered."""

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

# Enough for a storm of thousands of launches, with a bound that keeps a forgotten sandbox small.
KEPT = 50_000
BODY_KEPT = 16 * 1024
# Bodies of all kept requests together; beyond it the oldest bodies are forgotten, never the entries.
BODIES_KEPT = 64 * 1024 * 1024


@dataclass
class Entry:
    number: int
    system: str
    method: str
    path: str
    start: float
    body_bytes: int = 0
    body: str | None = None
    fault: str | None = None
    status: int | None = None
    answer: str | None = None
    end: float | None = None
    duration: float | None = None

    @property
    def weight(self) -> int:
        return len(self.body or "") + len(self.answer or "")


class RequestLog:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._with_bodies: deque[tuple[Entry, int]] = deque()
        self._weight = 0
        self._count = 0

    def begin(self, system: str, method: str, path: str) -> Entry:
        self._count += 1
        entry = Entry(number=self._count, system=system, method=method, path=path, start=self._now())
        self._entries.append(entry)
        return entry

    def body(self, entry: Entry, body: bytes) -> None:
        entry.body_bytes = len(body)
        entry.body = _text(body)

    def end(self, entry: Entry, status: int | None, answer: bytes | None) -> None:
        """Close an entry; no status means that the connection was cut."""
        entry.status = status
        entry.answer = _text(answer or b"")
        entry.end = self._now()
        entry.duration = round(entry.end - entry.start, 6)
        self._weigh(entry)

    def listing(self, *, after: int = 0, system: str | None = None) -> list[dict[str, Any]]:
        return [asdict(e) for e in self._entries if e.number > after and system in (None, e.system)]

    def _weigh(self, entry: Entry) -> None:
        self._with_bodies.append((entry, entry.weight))
        self._weight += entry.weight
        while self._weight > BODIES_KEPT or len(self._with_bodies) > KEPT:
            oldest, weight = self._with_bodies.popleft()
            self._weight -= weight
            oldest.body = oldest.answer = None

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 6)


def _text(body: bytes) -> str | None:
    return body[:BODY_KEPT].decode("utf-8", "replace") if body else None
