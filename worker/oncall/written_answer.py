"""From who answers, and who does next, to what programs read."""

from datetime import datetime

from worker.domain.on_call_answer import OnCallAnswer, PersonNext, PersonOnCall
from worker.oncall.on_call import OnCall, Person
from worker.oncall.schedule.wall_clock import Minute, instant_at, minute_of
from worker.oncall.sources import Answered


def answer_of(on_call: OnCall, following: Answered | None, at: Minute) -> OnCallAnswer:
    return OnCallAnswer(
        service=on_call.service,
        at=written(at),
        on_call=tuple(map(_now, on_call.people)),
        next=tuple(_next(person, following.start) for person in following.people) if following else (),
        from_default=on_call.from_default,
        note=on_call.note,
    )


def written(minute: Minute) -> str:
    """`2027-05-03T09:00Z`."""
    return f"{instant_at(minute):%Y-%m-%dT%H:%MZ}"


def key_of(person: Person) -> str:
    return person.key or person.email


def _now(person: Person) -> PersonOnCall:
    return PersonOnCall(
        person=key_of(person),
        name=person.name,
        email=person.email or None,
        role=person.role,
        schedule=person.schedule,
        why=person.why,
        until=_until(person.until),
    )


def _until(end: datetime | None) -> str | None:
    return None if end is None else written(minute_of(end))


def _next(person: Person, start: Minute) -> PersonNext:
    return PersonNext(person=key_of(person), name=person.name, email=person.email or None, since=written(start))
