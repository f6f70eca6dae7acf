"""Whether an incident that is about to be opened is one too many of its sender, and belongs to a flood instead."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from weakref import WeakValueDictionary

import structlog

from worker.domain.errors import Held
from worker.domain.flood import begins_flood, telling_id
from worker.domain.incident import Incident, incident_id
from worker.domain.sender_rate import SenderRate
from worker.observability import telemetry
from worker.storage.sender_windows import SenderWindows

log = structlog.get_logger()

# Beside the other workers: within this one a sender's are decided one after another.
_ROUNDS = 20
_A_MOMENT = timedelta(seconds=1)
_SEVERE, _USUAL = "severe", "usual"

RateOf = Callable[[str], SenderRate | None]


class FloodGuard:
    """`rate_of`: by the name of a sender; None where it is not bounded."""

    def __init__(self, windows: SenderWindows, rate_of: RateOf) -> None:
        self._windows = windows
        self._rate_of = rate_of
        self._deciding: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def rate_of(self, incident: Incident) -> SenderRate | None:
        sender = incident.event.sent_by
        return self._rate_of(sender) if sender else None

    async def find_flood(self, incident: Incident) -> str | None:
        """The key of the flood that it belongs to; None where it may be opened. Raises Transient, Forbidden.

        Asked again soon, the answer is the same; what is to be the same for ever is to be kept by whoever asks.
        """
        rate = self.rate_of(incident)
        if rate is None:
            return None
        # A storm of what is not severe takes nothing from what is.
        kind = _SEVERE if incident.event.is_severe else _USUAL
        lock = self._deciding.setdefault((incident.event.sent_by, kind), asyncio.Lock())
        async with lock:
            flood = await self._decide(incident, kind, rate)
        if flood:
            telemetry.flooded()
        return flood or None

    async def _decide(self, incident: Incident, kind: str, rate: SenderRate) -> str:
        sender = incident.event.sent_by
        for _ in range(_ROUNDS):
            stored = await self._windows.read(sender, kind)
            window = stored.window.decide(incident, stored.read_at, rate)
            if window is stored.window or await self._windows.replace(sender, kind, window, stored):
                flood = window.decided[telling_id(incident)]
                if begins_flood(incident, flood):
                    log.warning("flood.began", sender=sender, rate=str(rate), into=incident_id(flood))
                return flood
        raise Held(f"Many workers open incidents of {sender} at once.", retry_after=_A_MOMENT)
