"""Whom an entry tells, and how they are reached."""

from collections.abc import Iterable
from typing import Any

from worker.domain.response.entry import Tell, TellKind
from worker.domain.response.response import PersonRef
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log


def tell(known: Circumstances, person: PersonRef, why: str, *, kind: TellKind = TellKind.NOTICE, **more: Any) -> Tell:
    """As definitions know them now; of whom they know nothing, as they were known when they were written down."""
    found = known.people.tell(person.person, why, kind=kind, **more)
    if found.email or found.object_id:
        return found
    return found.model_copy(update={"name": person.name, "email": person.email, "object_id": person.object_id})


def notices(log: Log, known: Circumstances, why: str, *, also: Iterable[PersonRef] = ()) -> list[Tell]:
    """For everybody who was told so far, and whose it is, without whoever acts."""
    response = log.response
    told = {ref.person: ref for ref in (*response.told, *filter(None, [response.owner]), *also)}
    actor = known.people.of(log.actor).person
    return [tell(known, ref, why) for person, ref in told.items() if person != actor]


def mentions(known: Circumstances, people: Iterable[PersonRef | None], why: str = "") -> tuple[Tell, ...]:
    """Each once."""
    named = {ref.person: ref for ref in people if ref is not None}
    return tuple(tell(known, ref, why) for ref in named.values())
