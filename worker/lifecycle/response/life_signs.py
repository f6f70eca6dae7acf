"""What shows that somebody is at work on it: any act of a person, never an alert or the clock."""

from worker.domain.response.act import Act, ActKind
from worker.domain.response.response import RoleSpan
from worker.domain.response.roles import role_named
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import listed
from worker.oncall.escalation.event import EventType

# Whoever asks for others, or only looks, gives none; of the rest the escalation hears by events of their own.
_ALIVE = frozenset({ActKind.UPDATE, ActKind.NOTE, ActKind.IMPACT, ActKind.TIME})


def hear_from(log: Log, act: Act, known: Circumstances) -> None:
    if not act.actor.is_human or act.act is ActKind.LOOK:
        return
    if act.act in _ALIVE and log.entries and log.response.state is ResponseState.ACKNOWLEDGED:
        pass_on(log, known, EventType.ACTIVITY)
    _confirm(log, known)


def _confirm(log: Log, known: Circumstances) -> None:
    """Whoever was given a role is there."""
    who = known.people.of(log.actor)
    confirmed = [span for span in log.response.roles if is_awaited(span) and span.person.person == who.person]
    if not confirmed:
        return
    spans = [
        span.model_copy(update={"confirmed_at": log.at}) if span in confirmed else span for span in log.response.roles
    ]
    roles = listed(role_named(span.role).name for span in confirmed)
    log.enter("role-accepted", f"{who.name} is there as {roles}.", data={"person": who.person}, roles=spans)


def is_awaited(span: RoleSpan) -> bool:
    """Whether its person has given no sign of life since they were given it."""
    return span.until is None and span.awaited_since is not None and span.confirmed_at is None
