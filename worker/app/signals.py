"""What a signal asks of a process is heard here alone; each that stops says what the first and a second one do."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def on_signals(first: Callable[[], None], second: Callable[[int], None] | None = None) -> Iterator[None]:
    """Within the block, the first signal calls `first` and each later one `second`; after it, Python's own way is back.

    Without a `second`, it is back after the first already, and the next signal ends the process.
    """
    loop = asyncio.get_running_loop()

    def let_go() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    def ask() -> None:
        let_go()
        if second is not None:
            for number in _SIGNALS:
                loop.add_signal_handler(number, second, number)
        first()

    for number in _SIGNALS:
        loop.add_signal_handler(number, ask)
    try:
        yield
    finally:
        let_go()


def end_on_next_signal(end: Callable[[], None]) -> None:
    """At once, even while the event loop hangs, and for the rest of the process."""
    for number in _SIGNALS:
        signal.signal(number, lambda _number, _frame: end())
