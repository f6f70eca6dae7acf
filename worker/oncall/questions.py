"""Who is on call, for whoever asks often: both tables are read at most once in a few seconds."""

import asyncio
from datetime import UTC, datetime, timedelta

from worker.domain.on_call_answer import OnCallAnswer
from worker.oncall.asking import AskedInstant, read_instant
from worker.oncall.lookup import KnownOnCall, OnCallLookup
from worker.oncall.schedule.wall_clock import minute_of
from worker.oncall.written_answer import answer_of
from worker.resilience.recent_look import RecentLook

_FRESH = timedelta(seconds=5)


class OnCallQuestions:
    def __init__(self, lookup: OnCallLookup) -> None:
        self._known = RecentLook(lookup.known, lambda: _FRESH)

    async def answer(self, service: str, at: str | None) -> OnCallAnswer:
        """At a time as it is written, or now. Raises ValueError where it cannot be read, else as the lookup does."""
        known = await self._known.share()
        # A rotation by the hour is walked along for as long as nobody else comes.
        return await asyncio.to_thread(_answer, known, service, at)


def _answer(known: KnownOnCall, service: str, at: str | None) -> OnCallAnswer:
    asked = read_instant(at, known.clock(service)) if at else AskedInstant(minute_of(datetime.now(UTC)))
    on_call, following = known.answer(service, asked.minute), known.following(service, asked.minute)
    note = " ".join(filter(None, (*asked.taken, on_call.note)))
    return answer_of(on_call.model_copy(update={"note": note}), following, asked.minute)
