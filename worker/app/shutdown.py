"""How a worker ends: asked once in order, asked twice at once, and in any case before the platform kills it."""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from worker.app.signals import end_on_next_signal, on_signals

# Platforms kill after thirty seconds. What still runs then hangs: a look-up of a name, a thread, the loop itself.
LIMIT = timedelta(seconds=24)
HARD = 1
_FOR_THREADS = timedelta(seconds=0.5)


def stop_on_signals(stop: Callable[[], None]) -> AbstractContextManager[None]:
    """The first signal asks to stop, and starts the last resort; the second ends the process at once, with code 1."""

    def first() -> None:
        end_on_next_signal(_end_at_once)
        last_resort()
        stop()

    return on_signals(first)


def _end_at_once() -> None:
    end_hard(
        "A second signal came, so this worker ends at once. What it was processing comes again once its lock is over."
    )


def last_resort(limit: timedelta = LIMIT) -> None:
    """End the process after this time, whatever still hangs; never cancelled, since it is ending already."""
    sentence = (
        f"Stopping took longer than {limit.total_seconds():.0f} s because a call hangs, so this worker ends at once. "
        "What it was processing comes again once its lock is over."
    )
    timer = threading.Timer(limit.total_seconds(), end_hard, [sentence])
    timer.daemon = True
    timer.start()


def end_hard(sentence: str) -> None:
    print(f"tocsin: {sentence}", file=sys.stderr, flush=True)  # noqa: T201 (the last words, when nothing else may run)
    os._exit(HARD)


def leave(code: int) -> None:
    """Return when the process may end by itself; end it where a thread would keep it, as a hanging call does."""
    deadline = time.monotonic() + _FOR_THREADS.total_seconds()
    for thread in _others():
        thread.join(max(deadline - time.monotonic(), 0))
    if _others():
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _others() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
