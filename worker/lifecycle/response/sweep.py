"""Send the timers again whose messages are missing: lost with a queue that was emptied, or by whoever died too soon.

A message that is only late comes twice then, and the second finds that its timer was overtaken.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from worker.domain.errors import TocsinError
from worker.domain.response.response import Response
from worker.domain.response.timer import Due
from worker.lifecycle.response.scheduling import TimerScheduler
from worker.observability import telemetry
from worker.storage.incident_store import IncidentStore
from worker.storage.response_store import ResponseStore
from worker.storage.store_time import StoreTime
from worker.storage.turns import Turns

log = structlog.get_logger()

_TURN = "timers"
_MINUTES = 1
# Where minutes are short: a busy worker is behind by some seconds, and copies of what is on its way help nobody.
_AT_LEAST = timedelta(seconds=15)
_AT_ONCE = 1_000
# So long one that was sent again is waited for, until it is taken for lost as well.
_AGAIN_MINUTES = 10


@dataclass(frozen=True, slots=True)
class TimerSweep:
    """`minute_seconds`: how long a minute is."""

    incidents: IncidentStore
    responses: ResponseStore
    timers: TimerScheduler
    minute_seconds: float

    @property
    def every(self) -> timedelta:
        return max(timedelta(seconds=_MINUTES * self.minute_seconds), _AT_LEAST)

    async def run(self, now: datetime) -> int:
        """How many were sent again; raises Transient, Forbidden."""
        before = now - self.every
        sent = 0
        for response in await self.responses.due(before, _AT_ONCE):
            sent += await self._send_again(response, before, now)
        return sent

    async def _send_again(self, response: Response, before: datetime, now: datetime) -> int:
        overdue = [(kind, timer) for kind, timer in response.timers.items() if timer.due_at and timer.due_at < before]
        known = await self.incidents.summary(response.incident_id) if overdue else None
        if known is None:
            return 0
        for kind, timer in overdue:
            if timer.due_at is not None:
                due = Due(kind=kind, epoch=timer.epoch, due_at=timer.due_at)
                await self.timers.send(known.key, response.incident_id, due, again=self._attempt(now))
                log.warning("response.timer_sent_again", incident=response.incident_id, kind=kind, due_at=timer.due_at)
        return len(overdue)

    def _attempt(self, now: datetime) -> str:
        """The same for some minutes, so that a queue that is merely behind is not filled with copies."""
        return f"again{int(now.timestamp() / (_AGAIN_MINUTES * self.every.total_seconds()))}"


async def sweep_timers_by_turns(sweep: TimerSweep, turns: Turns, clock: StoreTime) -> None:
    """Until cancelled. Whatever fails is told and left to the next turn."""
    while True:
        # Not in step with the workers started beside this one.
        await asyncio.sleep(sweep.every.total_seconds() * random.uniform(0.4, 0.6))  # noqa: S311 (a delay is no secret)
        try:
            await sweep_timers_if_it_is_our_turn(sweep, turns, clock)
        except TocsinError as error:
            log.warning("response.sweep_interrupted", error=str(error))
        except Exception:
            # The outer edge of this task: a fault of ours costs one look, never those to come.
            log.exception("response.sweep_crashed")


async def sweep_timers_if_it_is_our_turn(sweep: TimerSweep, turns: Turns, clock: StoreTime) -> bool:
    if await turns.take(_TURN, sweep.every) is None:
        return False
    with telemetry.errand("sweep timers"):
        await sweep.run(await clock.now())
    return True
