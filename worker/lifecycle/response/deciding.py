"""From how an incident stands, and an act or a timer, to what is recorded: pure, and the only place that decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker.domain.incident import Incident
from worker.domain.response.act import INTERNAL_ACTS, REFUSED, Act, ActKind, Outcome
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.entry import Entry
from worker.domain.response.possible import offered, possible
from worker.domain.response.response import PolicyClock, Response
from worker.domain.response.timer import Due
from worker.lifecycle.acts import ACTS
from worker.lifecycle.acts.answers import not_allowed
from worker.lifecycle.response.awaiting import await_what_is_due
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.life_signs import hear_from
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.permitting import forbid
from worker.lifecycle.timers import TIMERS

_OF_THE_WALL = 60.0
CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Decision:
    """`response` is how it stands behind the entries. `outcome` is None of a timer."""

    response: Response
    entries: Sequence[Entry]
    outcome: Outcome | None = None


def opened(incident: Incident, now: datetime, minute_seconds: float) -> Response:
    """Before its first entry. A clock that is not the wall's begins with when the incident was received."""
    is_quick = minute_seconds != _OF_THE_WALL
    clock = PolicyClock(wall=now, policy=incident.received_at, minute_seconds=minute_seconds) if is_quick else None
    event = incident.event
    return Response(
        incident_id=incident.id,
        since=incident.received_at,
        severity=event.severity.value,
        service=event.service,
        title=event.title,
        restricted=event.restricted,
        clock=clock,
    )


def decide(response: Response, act: Act, known: Circumstances) -> Decision:
    """What the act comes to. A state that does not allow it leaves no entry, and an outcome that says what it does.

    What somebody may not do leaves one that says so.
    """
    known = replace(known, people=known.people.knowing(response))
    at = act.happened_at(known.now)
    log = Log(response, now=known.now, at=at, actor=act.actor, source=act.source, act_id=act.key)
    outcome = forbid(log, act, known) or _outcome(log, act, known)
    if outcome.verdict != REFUSED:
        hear_from(log, act, known)
        await_what_is_due(log, known)
    log.write_what_is_left(CHANGED)
    return Decision(log.response, log.entries, _complete(outcome, log))


def _outcome(log: Log, act: Act, known: Circumstances) -> Outcome:
    allowed = {*possible(log.response), *INTERNAL_ACTS}
    is_taken = act.act is ActKind.TAKE and ActKind.ACKNOWLEDGE in allowed
    return ACTS[act.act](log, act, known) if act.act in allowed or is_taken else not_allowed(log, act, known)


def _complete(outcome: Outcome, log: Log) -> Outcome:
    last = log.entries[-1].seq if log.entries else 0
    return outcome.model_copy(
        update={"seq": last, "state": log.response.state.value, "possible": offered(log.response)}
    )


def fire(response: Response, due: Due, known: Circumstances) -> Decision | None:
    """What the timer comes to; None where it was overtaken, or its time has not come."""
    timer = response.timers.get(due.kind)
    if timer is None or timer.due_at is None or timer.epoch != due.epoch or known.now < timer.due_at:
        return None
    log = Log(response, now=known.now, at=known.now, actor=CLOCK, source=Source.CLOCK)
    log.stop_timer(due.kind)
    TIMERS[due.kind](log, known)
    await_what_is_due(log, known)
    log.write_what_is_left(CHANGED)
    return Decision(log.response, log.entries)
