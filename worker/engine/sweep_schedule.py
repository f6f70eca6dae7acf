"""The workers' own sweeps: they take turns, so that of all of them one sweeps in each interval."""

import asyncio
import random
from datetime import timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.engine.sweep import Sweep
from worker.observability import telemetry
from worker.storage.turns import Turns

log = structlog.get_logger()

# What a look-up missed in one sweep it shows in one of the next: within an hour every index has caught up.
_AT_LEAST = timedelta(hours=1)
_TURN = "sweep"


async def sweep_by_turns(sweep: Sweep, turns: Turns, every: timedelta) -> None:
    """Until cancelled. Whatever fails is told and left to the next turn: no launch may suffer from a sweep."""
    # Not at the start, when launches have waited for this worker; and not in step with those started beside it.
    await asyncio.sleep(every.total_seconds() * _share(0.5, 1.0))
    while True:
        try:
            await sweep_if_it_is_our_turn(sweep, turns, every)
        except TocsinError as error:
            log.warning("sweep.interrupted", error=str(error))
        except Exception:
            # The outer edge of this task: a fault of ours costs one sweep, never those to come.
            log.exception("sweep.crashed")
        await asyncio.sleep(every.total_seconds() * _share(0.1, 0.2))


async def sweep_if_it_is_our_turn(sweep: Sweep, turns: Turns, every: timedelta) -> bool:
    """Look back an hour, or to the last turn where no worker was there for longer than that."""
    since = await turns.take(_TURN, every)
    if since is None:
        return False
    with telemetry.errand("sweep"):
        await sweep.run(max(since, _AT_LEAST), repair=True)
    return True


def _share(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311 (a delay is no secret)
