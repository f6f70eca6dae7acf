"""The wait for the broker's acknowledgement, no longer than a sender's own time-out."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from worker.domain.encoded_event import EncodedEvent
from worker.domain.errors import Throttled, TocsinError, Unknown

# Azure Monitor hangs up after ten seconds; an answer that comes later is none.
PATIENCE = timedelta(seconds=8)
# Behind a queue that hangs more would only pile up: each holds its event until the broker answers.
AT_ONCE = 200

log = structlog.get_logger()


class Acknowledgement:
    """`publish` with a limit: raises Unknown when the broker is slow, and Throttled when too many wait for it.

    A slow publish is never cancelled: in the middle of a send that would break the link for all others, and when it
    succeeds after all, the sender's second call has the same message id.
    """

    def __init__(
        self,
        publish: Callable[[EncodedEvent], Awaitable[None]],
        *,
        patience: timedelta = PATIENCE,
        at_once: int = AT_ONCE,
    ) -> None:
        self._publish = publish
        self._patience = patience
        self._at_once = at_once
        self._waiting: set[asyncio.Task[None]] = set()

    async def publish_within(self, encoded: EncodedEvent) -> None:
        if len(self._waiting) >= self._at_once:
            raise Throttled(f"{len(self._waiting)} events wait for the queue's acknowledgement already.")
        task = asyncio.create_task(self._publish_once(encoded))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)
        done, _ = await asyncio.wait({task}, timeout=self._patience.total_seconds())
        if not done:
            task.add_done_callback(_log_late_outcome)
            seconds = self._patience.total_seconds()
            raise Unknown(f"The queue has not acknowledged the event within {seconds:g} seconds; it may still do so.")
        task.result()

    async def _publish_once(self, encoded: EncodedEvent) -> None:
        await self._publish(encoded)


def _log_late_outcome(task: asyncio.Task[None]) -> None:
    """Nobody waits for the outcome any more; it is logged for the operator."""
    if task.cancelled():
        return
    error = task.exception()
    if isinstance(error, TocsinError):
        log.warning("intake.late", error=type(error).__name__, reason=str(error))
    elif error is not None:
        log.error("intake.late", exc_info=error)
    else:
        log.info("intake.late", error=None)
