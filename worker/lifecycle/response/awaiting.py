"""Which questions and reminders are due next, by how the incident stands: their timers follow from it alone."""

from collections.abc import Callable, Mapping
from datetime import datetime

from worker.domain.response.response import Response
from worker.domain.response.roles import SCRIBE
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.life_signs import is_awaited
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.promising import reminder_due
from worker.lifecycle.response.shifts import next_end_of_shift

_WhenDue = Callable[[Response, Circumstances], datetime | None]


def await_what_is_due(log: Log, known: Circumstances) -> None:
    for kind, when_due in _DUE.items():
        due = when_due(log.response, known) if log.response.is_running else None
        timer = log.response.timers.get(kind)
        if due is None:
            log.stop_timer(kind)
        elif timer is None or timer.due_at != due:
            log.set_timer(kind, due)


def _update(response: Response, known: Circumstances) -> datetime | None:
    return reminder_due(response.promise, known) if response.promise is not None else None


def _role(response: Response, known: Circumstances) -> datetime | None:
    """Of whoever was given a role, or offered it, and has not been heard of; each is asked after once."""
    within = known.lasting(known.rules.confirm_within)
    spans = [span.awaited_since for span in response.roles if is_awaited(span) and span.asked_at is None]
    offers = [offer.offered_at for offer in response.offers if offer.asked_at is None]
    return min((since + within for since in (*spans, *offers) if since is not None), default=None)


def _impact(response: Response, known: Circumstances) -> datetime | None:
    if response.impact is not None or response.impact_asked:
        return None
    return _once_owned(response, known, known.rules.impact_within)


def _scribe(response: Response, known: Circumstances) -> datetime | None:
    if response.scribe_asked or response.has(SCRIBE):
        return None
    return _once_owned(response, known, known.rules.scribe_within)


def _shift(response: Response, known: Circumstances) -> datetime | None:
    return next_end_of_shift(response, known) if response.owner is not None else None


def _once_owned(response: Response, known: Circumstances, minutes: float) -> datetime | None:
    """So long into severity 1, and not before there is somebody to ask."""
    if response.severe_since is None or response.owner is None:
        return None
    due = response.severe_since + known.lasting(minutes)
    return max(due, response.owner_since or due)


_DUE: Mapping[TimerKind, _WhenDue] = {
    TimerKind.UPDATE: _update,
    TimerKind.ROLE: _role,
    TimerKind.IMPACT: _impact,
    TimerKind.SCRIBE: _scribe,
    TimerKind.SHIFT: _shift,
}
