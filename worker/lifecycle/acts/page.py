"""Call one person, whoever has a role, or whoever is on call for a schedule or another service."""

from collections.abc import Callable, Iterable, Mapping

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say, TellKind
from worker.domain.response.response import PersonRef
from worker.domain.response.roles import role_named
from worker.domain.text import quoted
from worker.lifecycle.acts.answers import done, refused
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.leading import people_on_call
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.policy_clock import minute_now
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import joined, names
from worker.oncall.catalogue import service_named
from worker.oncall.escalation.directory import directory_of

_SHOWN = 8
Found = tuple[tuple[PersonRef, ...], str]
"""Who is meant, or a sentence that says what there is instead."""


def page(log: Log, act: Act, known: Circumstances) -> Outcome:
    people, fault = _find(log, known, act.target)
    if not people:
        return refused(fault)
    who = known.people.of(act.actor)
    told = joined(f"{who.name} has called {names(people)} ({act.target}).", act.text)
    why = joined(f"{who.name} calls you for this.", act.text)
    log.enter(
        "page",
        told,
        data={"target": act.target, "people": [ref.person for ref in people], "text": act.text},
        tells=[tell(known, ref, why, kind=TellKind.PAGE) for ref in people],
        says=[Say(text=told, mentions=mentions(known, people))],
        joins=mentions(known, people),
        told=list({ref.person: ref for ref in (*log.response.told, *people)}.values()),
    )
    return done(f"{names(people)} {'is' if len(people) == 1 else 'are'} called.")


def _find(log: Log, known: Circumstances, target: str) -> Found:
    kind, colon, name = target.partition(":")
    finder = _KINDS.get(kind.strip().casefold()) if colon else None
    if finder is not None:
        return finder(log, known, name.strip())
    for finder in (_person, _service, _schedule):
        found = finder(log, known, target.strip())
        if found[0]:
            return found
    return (), (
        f"{quoted(target)!r} names nobody who can be called. Name person:NAME, role:ROLE, schedule:NAME or "
        f"service:NAME. {_offered('People', _people_names(known))}"
    )


def _person(_: Log, known: Circumstances, name: str) -> Found:
    found = known.people.named(name)
    if found is not None:
        return (found,), ""
    return (), f"Nobody is called {quoted(name)!r}; an address does too. {_offered('People', _people_names(known))}"


def _role(log: Log, known: Circumstances, name: str) -> Found:
    role = role_named(name.casefold().replace(" ", "-"))
    people = log.response.has(role.key) or people_on_call(log, known, role.key)
    if people:
        return people, ""
    given = sorted({span.role for span in log.response.roles if span.until is None})
    return (), f"Nobody is {role.name} here, and no schedule {role.key} names anybody. {_offered('Roles', given)}"


def _schedule(log: Log, known: Circumstances, name: str) -> Found:
    """All who are on call, or with #2 the second of them."""
    wanted, _, rank = name.partition("#")
    found = known.directory.schedules.get(wanted.strip().casefold())
    if found is None:
        schedules = [schedule.name for schedule in known.directory.schedules.values()]
        return (), f"There is no schedule {quoted(wanted)!r}. {_offered('Schedules', schedules)}"
    people = people_on_call(log, known, wanted.strip())
    if rank:
        people = tuple(ref for number, ref in enumerate(people, 1) if str(number) == rank.strip())
    return people, f"Schedule {found.name} has nobody on call there now. {_offered('People', _people_names(known))}"


def _service(log: Log, known: Circumstances, name: str) -> Found:
    """Those whom its schedules name now, else whom the on-call table names for it."""
    definitions = known.people.definitions
    meant = service_named(definitions, name)
    if meant.service is not None:
        on_call = [ref for each in meant.service.schedules for ref in people_on_call(log, known, each)]
        people = tuple({ref.person: ref for ref in on_call}.values()) or _by_policy(log, known, meant.service.name)
        if people:
            return people, ""
    roster = known.people.roster
    rows = roster.on_call(name) if any(row.serves(name) for row in roster.rows) else None
    if rows is not None and rows.people:
        return tuple(known.people.ref(person.key or person.email) for person in rows.people), ""
    if meant.service is not None:
        return (), f"Nobody is on call for {meant.service.name} now. {_offered('People', _people_names(known))}"
    return (), meant.note or f"There is no service {quoted(name)!r}. {_offered('Services', definitions.services)}"


def _by_policy(log: Log, known: Circumstances, service: str) -> tuple[PersonRef, ...]:
    """Whom the first level names that names anybody."""
    directory = directory_of(known.people.definitions, service)
    policy = directory.policy_for(log.response.severity)
    minute, _ = minute_now(log.response.clock, known.now)
    for level in policy.levels if policy else ():
        if people := directory.people(level.notify, minute, {}):
            return tuple(map(known.people.ref, people))
    return ()


_KINDS: Mapping[str, Callable[[Log, Circumstances, str], Found]] = {
    "person": _person,
    "role": _role,
    "schedule": _schedule,
    "service": _service,
}


def _people_names(known: Circumstances) -> Iterable[str]:
    records = [record.key for record in known.people.definitions.people.values()]
    return records or [row.email for row in known.people.roster.rows]


def _offered(what: str, given: Iterable[str]) -> str:
    every = list(dict.fromkeys(given))
    if not every:
        return f"{what}: none are known."
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return f"{what}: {', '.join(every[:_SHOWN])}{more}."
