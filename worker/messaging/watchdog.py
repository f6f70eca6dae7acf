"""Ends a worker whose polls have stopped succeeding: a new process is the surest reconnect."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from worker.domain.errors import TocsinError
from worker.messaging.poll_status import ReceiverStatus

_LOOKS_PER_PATIENCE = 20


class PollsStopped(TocsinError):
    """The queue has not been heard of for too long, although it was reconnected to again and again."""


def stopped(polls: Sequence[ReceiverStatus], patience: timedelta) -> bool:
    """Whether a receiver has tried in vain for so long, and no other one has got through meanwhile.

    A receiver that handles a message or is paused does not poll, and proves nothing either way.
    """
    failing = any(each.failing_for() > patience for each in polls)
    heard = any(each.silent_for() <= patience for each in polls)
    return failing and not heard


async def watch(polls: Sequence[ReceiverStatus], patience: timedelta) -> None:
    """Raise PollsStopped once they have; else until cancelled."""
    while not stopped(polls, patience):  # noqa: ASYNC110 (that nothing happens for long is no event)
        await asyncio.sleep(patience.total_seconds() / _LOOKS_PER_PATIENCE)
    failures = sum(each.failures for each in polls)
    raise PollsStopped(
        f"No poll of the queue has succeeded for {patience.total_seconds():.0f} s, and {failures} attempts to "
        "reconnect were in vain, so this worker ends and is to be started anew. If the next one ends like this too, "
        "look at the queue's namespace and the network on the way there."
    )
