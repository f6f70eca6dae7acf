"""Graph's throttles for one team, as small as the documented ones: enforced only when a fault asks for them."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from worker.sandbox.teams.refusals import Refused


@dataclass(frozen=True)
class Call:
    """What the throttles look at: which method on which kind of thing, in which team and channel."""

    method: str
    resource: str
    team: str
    channel: str | None


@dataclass(frozen=True)
class Limit:
    name: str
    most: int
    within: timedelta
    key: Callable[[Call], str | None]  # None: this call does not count


_SECOND = timedelta(seconds=1)

LIMITS = (
    Limit("any request, per team", 4, _SECOND, lambda call: call.team),
    Limit("any request, per channel", 1, _SECOND, lambda call: call.channel),
    Limit("create a channel, per team", 1, _SECOND, lambda call: _only(call, "POST", "channels", call.team)),
    Limit(
        "add a member, per team",
        4,
        timedelta(minutes=1),
        lambda call: _only(call, "POST", "members", call.team),
    ),
)


def _only(call: Call, method: str, resource: str, key: str) -> str | None:
    return key if (call.method, call.resource) == (method, resource) else None


class Throttle:
    """Sliding windows over the calls let through; a refused call costs the caller nothing."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def admit(self, call: Call, now: datetime) -> None:
        counted = [(limit, (limit.name, key)) for limit in LIMITS if (key := limit.key(call)) is not None]
        for limit, window in counted:
            self._refuse_if_full(limit, self._seen[window], now)
        for _, window in counted:
            self._seen[window].append(now)

    def _refuse_if_full(self, limit: Limit, seen: deque[datetime], now: datetime) -> None:
        while seen and seen[0] <= now - limit.within:
            seen.popleft()
        if len(seen) >= limit.most:
            wait = math.ceil((seen[0] + limit.within - now).total_seconds())
            raise Refused(
                429,
                "TooManyRequests",
                f"Too many requests: {limit.most} within {limit.within.seconds} s for {limit.name}.",
                headers={"Retry-After": str(max(1, wait))},
            )
