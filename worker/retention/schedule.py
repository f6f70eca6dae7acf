"""The workers' own runs: of all of them one runs on a day."""

import asyncio
import random
from datetime import timedelta
from pathlib import Path

import structlog

from worker.domain.errors import TocsinError
from worker.observability import telemetry
from worker.retention.export import Export
from worker.retention.run import Retention
from worker.storage.turns import Turns

log = structlog.get_logger()

EVERY = timedelta(days=1)
# Workers that are replaced each day come to their turn all the same.
LOOK_EVERY = timedelta(hours=1)
_TURN = "retention"


async def retain_by_turns(
    retention: Retention, turns: Turns, export: Path | None, *, look_every: timedelta = LOOK_EVERY
) -> None:
    """Until cancelled. Whatever fails is told and left to the next turn: no launch may suffer from it."""
    while True:
        # Not at the start, when launches have waited for this worker; and not in step with those started beside it.
        await asyncio.sleep(look_every.total_seconds() * random.uniform(0.5, 1.0))  # noqa: S311 (a delay is no secret)
        try:
            await retain_if_it_is_our_turn(retention, turns, export)
        except TocsinError as error:
            log.warning("retention.interrupted", error=str(error))
        except Exception:
            # The outer edge of this task: a fault of ours costs one run, never those to come.
            log.exception("retention.crashed")


async def retain_if_it_is_our_turn(retention: Retention, turns: Turns, export: Path | None) -> bool:
    if await turns.take(_TURN, EVERY) is None:
        return False
    with telemetry.errand("retention"):
        await retention.run(Export(export), delete=True)
    return True
