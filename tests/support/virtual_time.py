"""Workers under a time that only moves when it is told to: an event loop and two clocks for each of them."""

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any

from worker.clients import calls
from worker.domain import lease
from worker.engine import executor, journal, launcher
from worker.resilience import backoff, send_deadline
from worker.storage import incident_store, retrying

# A whole second: the store's clock, which tells seconds only, is exact then, and no margin comes from its rounding.
_BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

_STEPS_IN_NO_TIME = 200
_A_LITTLE = 1e-6


class TrueTime:
    """The one time of the model, which is also the store's."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return _BEGINNING + timedelta(seconds=self.seconds)


@dataclass
class WorkerClock:
    """What one process sees: a wall clock that may be wrong, and a monotonic one that began at some moment.

    `slept` is how long its machine was suspended, which a monotonic clock of Linux does not count.
    """

    true: TrueTime
    wall_error: timedelta
    monotonic_start: float
    slept: float = 0.0

    def monotonic(self) -> float:
        return self.true.seconds + self.monotonic_start - self.slept

    def now(self, zone: tzinfo | None = None) -> datetime:
        return (self.true.now() + self.wall_error).astimezone(zone)


class WorkerLoop(asyncio.BaseEventLoop):
    """The real scheduling of asyncio, without sockets, and run only as far as it can go at this moment."""

    def __init__(self, clock: WorkerClock) -> None:
        super().__init__()
        self.clock = clock
        self._selector = SimpleNamespace(select=lambda timeout: [])  # nothing ever comes from outside
        self.set_exception_handler(lambda loop, context: None)

    def time(self) -> float:
        return self.clock.monotonic()

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def run_what_is_due(self) -> None:
        asyncio._set_running_loop(self)
        try:
            self._run_once()
            for number in itertools.count(1):
                if not self._ready:
                    break
                # Who waits again for what is left of a moment would wait forever if computing took no time at all.
                if number % _STEPS_IN_NO_TIME == 0:
                    self.clock.true.seconds += _A_LITTLE
                self._run_once()
        finally:
            asyncio._set_running_loop(None)

    def next_due(self) -> float | None:
        """The true time of the next timer that still counts; None when only an answer can wake this loop."""
        waiting = [timer.when() for timer in self._scheduled if not timer.cancelled()]
        if not waiting:
            return None
        return self.clock.true.seconds + max(min(waiting) - self.time(), 0)

    def dispose(self) -> None:
        """End every task as the end of a process would: nothing of it goes on."""
        for _ in range(20):
            tasks = asyncio.all_tasks(self)
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            self.run_what_is_due()
        self.close()


class Running:
    """Whose turn it is; the engine's modules look at the clocks of that worker."""

    def __init__(self) -> None:
        self.clock: WorkerClock

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def now(self, zone: tzinfo | None = None) -> datetime:
        return self.clock.now(zone)


@contextmanager
def engine_under(running: Running) -> Iterator[None]:
    """The engine as it is, with the clocks of the model, silent, and with the same chance in every run."""

    class ModelDatetime(datetime):
        now = staticmethod(running.now)  # type: ignore[assignment]

    clock = SimpleNamespace(monotonic=running.monotonic)
    silence = SimpleNamespace(**dict.fromkeys(("debug", "info", "warning", "error", "exception"), _say_nothing))
    changes: list[tuple[object, str, object]] = [
        *((module, "time", clock) for module in (incident_store, retrying, lease, journal, executor, send_deadline)),
        *((module, "datetime", ModelDatetime) for module in (incident_store, lease, executor, launcher)),
        *((module, "log", silence) for module in (executor, launcher)),
        (backoff, "random", random.Random(7)),
        (calls, "_backoff", lambda state: 0.2),
    ]
    with replaced(changes):
        yield


@contextmanager
def replaced(changes: Sequence[tuple[object, str, object]]) -> Iterator[None]:
    """Each name in its place stands for something else meanwhile."""
    before = [(place, name, vars(place)[name]) for place, name, _ in changes]
    for place, name, new in changes:
        setattr(place, name, new)
    try:
        yield
    finally:
        for place, name, old in reversed(before):
            setattr(place, name, old)


def _say_nothing(*_: Any, **__: Any) -> None:
    pass
