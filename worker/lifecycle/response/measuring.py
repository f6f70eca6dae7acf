"""What is counted of a response, once it is recorded."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from worker.domain.page import LAST_RESORT
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.escalating import NOBODY_TOLD, escalation_of
from worker.observability import telemetry

log = structlog.get_logger()

_ACKNOWLEDGED = "acknowledged_at"
_LEVELS = 9


def measure(before: Response, after: Response, entries: Sequence[Entry]) -> None:
    for entry in entries:
        _count(entry)
    if before.state is ResponseState.OPEN and after.state is not ResponseState.OPEN:
        is_acknowledged = after.state is ResponseState.ACKNOWLEDGED
        telemetry.escalation_came_to("acknowledged" if is_acknowledged else "ended")
    _measure_ends(before, after)
    if _ACKNOWLEDGED in after.times and _ACKNOWLEDGED not in before.times:
        known = escalation_of(after)
        if known is not None and known.told_at is not None:
            telemetry.acknowledged(after.times[_ACKNOWLEDGED].value - known.told_at)


def _measure_ends(before: Response, after: Response) -> None:
    for name, tell in _ENDS.items():
        if name in after.times and name not in before.times:
            tell(_in_pain_until(after, after.times[name].value))
    kept, broken = after.promises_kept - before.promises_kept, after.promises_broken - before.promises_broken
    if kept > 0 or broken > 0:
        telemetry.updates_came(kept=max(kept, 0), broken=max(broken, 0))


def _in_pain_until(response: Response, end: datetime) -> timedelta:
    """From when it began to hurt, with the earlier times where it was reopened."""
    known = response.times.get("occurred_at") or response.times.get("received_at")
    began = response.running_since or (known.value if known is not None else end)
    return timedelta(seconds=response.pain_seconds) + (end - began)


_ENDS = {"mitigated_at": telemetry.mitigated, "resolved_at": telemetry.resolved}


def _count(entry: Entry) -> None:
    if entry.kind == "timed-out":
        telemetry.escalation_came_to("timed_out")
    if entry.kind != "level-told":
        return
    level = entry.data.get("level")
    if entry.data.get(NOBODY_TOLD):
        log.error("response.nobody_told", because=entry.text)
        telemetry.escalation_came_to("nobody_told")
    elif level == LAST_RESORT:
        telemetry.escalation_came_to("last_resort")
    telemetry.level_told(_label(level), len(entry.data.get("people", ())))


def _label(level: object) -> str:
    """A handful of values, however many levels a policy has."""
    return f"above {_LEVELS}" if isinstance(level, int) and level > _LEVELS else str(level)
