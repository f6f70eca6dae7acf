"""Whose the incident is, and what goes with that."""

from worker.domain.response.actor import ActorKind
from worker.domain.response.response import PersonRef, RoleSpan, TimeValue
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def move(log: Log, known: Circumstances, state: ResponseState) -> None:
    """To that state, by whoever acts."""
    log.set(state=state, since=log.at, by=known.people.of(log.actor).person)


def own(log: Log, person: PersonRef) -> None:
    log.set(owner=person, owner_since=log.at)


def disown(log: Log) -> tuple[str, ...]:
    """Nobody has it any more; nor has anybody the roles that are the owner's, which are returned."""
    leaving = [span for span in log.response.roles if span.until is None and span.goes_with_owner]
    spans = [ended(span, log) if span in leaving else span for span in log.response.roles]
    log.set(owner=None, owner_since=None, roles=spans)
    return tuple(span.role for span in leaving)


def ended(span: RoleSpan, log: Log) -> RoleSpan:
    """From now on they have it no more."""
    return span.model_copy(update={"until": max(span.since, log.at)})


def time_value(log: Log, known: Circumstances) -> TimeValue:
    """When it happened that they act."""
    source = "person" if log.actor.is_human else log.actor.kind.value
    by = "" if log.actor.kind is ActorKind.CLOCK else known.people.of(log.actor).person
    return TimeValue(value=log.at, source=source, recorded_at=log.now, by=by)


def set_time(log: Log, name: str, value: TimeValue | None) -> None:
    """None: nobody can say it any more."""
    times = {key: known for key, known in log.response.times.items() if key != name}
    log.set(times={**times, name: value} if value is not None else times)
