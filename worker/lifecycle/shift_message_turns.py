"""The workers take turns at looking what people are to be told of their shifts."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.lifecycle.shift_messages import ShiftMessages
from worker.observability import telemetry
from worker.storage.turns import Turns

log = structlog.get_logger()

EVERY = timedelta(seconds=30)
_TURN = "shift-messages"


async def tell_shifts_by_turns(
    messages: ShiftMessages, turns: Turns, stopping: asyncio.Event, *, every: timedelta = EVERY
) -> None:
    """Until cancelled. Whatever fails is told and left to the next turn: no launch may suffer from it."""
    while not stopping.is_set():
        # Not in step with the workers started beside this one.
        await asyncio.sleep(every.total_seconds() * random.uniform(0.1, 0.2))  # noqa: S311 (a delay is no secret)
        try:
            await tell_if_it_is_our_turn(messages, turns, stopping, every)
        except TocsinError as error:
            log.warning("shift.look_interrupted", error=str(error))
        except Exception:
            # The outer edge of this task: a fault of ours costs one look, never those to come.
            log.exception("shift.look_crashed")


async def tell_if_it_is_our_turn(
    messages: ShiftMessages, turns: Turns, stopping: asyncio.Event, every: timedelta
) -> bool:
    since = await turns.take(_TURN, every)
    if since is None:
        return False
    with telemetry.errand("shift messages"):
        await messages.tell(datetime.now(UTC), since, stopping)
    return True
