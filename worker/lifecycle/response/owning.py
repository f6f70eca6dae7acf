"""Whose the incident is, and what goes with that."""

from worker.domain.response.actor import ActorKind
from worker.domain.response.response import PersonRef, TimeValue
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def move(log: Log, known: Circumstances, state: ResponseState) -> None:
    """To that state, by whoever acts."""
    log.set(state=state, since=log.at, by=known.people.of(log.actor).person)


def own(log: Log, person: PersonRef) -> None:
    log.set(owner=person, owner_since=log.at)


def disown(log: Log) -> None:
    """Nobody has it any more; nor what came with that."""
    roles = (
        span.model_copy(update={"until": max(span.since, log.at)})
        if span.goes_with_owner and span.until is None
        else span
        for span in log.response.roles
    )
    log.set(owner=None, owner_since=None, roles=tuple(roles))


def time_value(log: Log, known: Circumstances) -> TimeValue:
    """When it happened that they act."""
    source = "person" if log.actor.is_human else log.actor.kind.value
    by = "" if log.actor.kind is ActorKind.CLOCK else known.people.of(log.actor).person
    return TimeValue(value=log.at, source=source, recorded_at=log.now, by=by)


def set_time(log: Log, name: str, value: TimeValue | None) -> None:
    """None: nobody can say it any more."""
    times = {key: known for key, known in log.response.times.items() if key != name}
    log.set(times={**times, name: value} if value is not None else times)
