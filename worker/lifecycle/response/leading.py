"""Give roles and take them back, as spans of time, and let the escalation know who has them."""

from collections.abc import Callable, Iterable

from worker.domain.response.actor import CLOCK, Actor, ActorKind
from worker.domain.response.entry import Say, TellKind
from worker.domain.response.response import PersonRef, Response, RoleSpan
from worker.domain.response.roles import COMMANDER, COMMUNICATIONS, PRIMARY, SECONDARY, Role, role_named
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import called_for_role, pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import disown, ended
from worker.lifecycle.response.policy_clock import minute_now
from worker.lifecycle.response.telling import mentions, tell
from worker.oncall.escalation.event import EventType
from worker.oncall.schedule.wall_clock import DAY

# Of milder ones the owner leads.
_LED_BY_SCHEDULE = 2
_LOOK_AHEAD = 14 * DAY


def give(
    log: Log,
    known: Circumstances,
    role: Role,
    person: PersonRef,
    *,
    by: Actor,
    topic: str = "",
    is_awaited: bool = False,
    goes_with_owner: bool = False,
) -> None:
    """From now on; of a role that one person has, whoever had it has it no more. Nothing is said of it."""
    given = RoleSpan(
        role=role.key,
        person=person,
        since=log.at,
        given_by=by,
        topic=topic,
        awaited_since=known.now if is_awaited else None,
        goes_with_owner=goes_with_owner,
    )

    def ends(span: RoleSpan) -> bool:
        return role.is_single or (span.person.person == person.person and span.topic == topic)

    spans = _ended(log, role, ends)
    since = max([log.at, *(span.until for span in spans if span.role == role.key and span.until is not None)])
    offers = tuple(offer for offer in log.response.offers if offer.role != role.key)
    log.set(roles=(*spans, given.model_copy(update={"since": since})), offers=offers)
    _pass_on(log, known, role)


def end(log: Log, known: Circumstances, role: Role, person: PersonRef) -> None:
    log.set(roles=_ended(log, role, lambda span: span.person.person == person.person))
    _pass_on(log, known, role)


def give_up(log: Log, known: Circumstances) -> None:
    """Nobody has it any more, nor leads it by having it."""
    for role in disown(log):
        _pass_on(log, known, role_named(role))


def called_for(response: Response) -> tuple[PersonRef, ...]:
    """Who has a role, or was offered one."""
    held = (span.person for span in response.roles if span.until is None)
    return (*held, *(offer.person for offer in response.offers))


def end_with_incident(log: Log) -> None:
    """Nobody has a role in what is over, and nothing is offered; who had it then is kept."""
    spans = [
        ended(span, log).model_copy(update={"ended_with_incident": True}) if span.until is None else span
        for span in log.response.roles
    ]
    log.set(roles=spans, offers=())


def give_back(log: Log, known: Circumstances) -> None:
    """What people were given by a person when it ended is theirs again; for the rest those are looked up who are
    there now.
    """
    for span in log.response.roles:
        if not span.ended_with_incident:
            continue
        past = [
            each.model_copy(update={"ended_with_incident": False}) if each == span else each
            for each in log.response.roles
        ]
        log.set(roles=past)
        if span.given_by.kind is not ActorKind.CLOCK:
            give(log, known, role_named(span.role), span.person, by=span.given_by, topic=span.topic)
        else:
            _pass_on(log, known, role_named(span.role))


def give_first_roles(log: Log, known: Circumstances, people: Iterable[str]) -> None:
    """The first two on call have the first hands on it, whether or not they answer."""
    for key, person in zip((PRIMARY, SECONDARY), dict.fromkeys(people), strict=False):
        if not log.response.has(key):
            ref, role = known.people.ref(person), role_named(key)
            give(log, known, role, ref, by=CLOCK)
            log.enter(
                "role-given", f"{ref.name} is {role.name}, being on call.", data={"role": key, "person": ref.person}
            )


def open_span(response: Response, role: Role, person: PersonRef) -> RoleSpan | None:
    spans = (span for span in response.roles if span.until is None and span.role == role.key)
    return next((span for span in spans if span.person.person == person.person), None)


def lead(log: Log, known: Circumstances) -> None:
    """Who leads where nobody was given that: of the severer ones whoever is on call for it, else the owner."""
    owner = log.response.owner
    if owner is None:
        return
    for role in (role_named(COMMANDER), role_named(COMMUNICATIONS)):
        on_call = _on_call_for(log, known, role) if log.response.severity <= _LED_BY_SCHEDULE else None
        _lead_by(log, known, role, on_call)


def people_on_call(log: Log, known: Circumstances, schedule: str) -> tuple[PersonRef, ...]:
    """Nobody where there is no such schedule."""
    found = known.directory.schedules.get(schedule.casefold())
    minute, _ = minute_now(log.response.clock, known.now)
    return tuple(map(known.people.ref, found.at(minute).people)) if found else ()


def next_on_call(log: Log, known: Circumstances, schedule: str, but: Iterable[PersonRef]) -> PersonRef | None:
    """Who of that schedule is on call now or comes next, without those."""
    found = known.directory.schedules.get(schedule.casefold())
    if found is None:
        return None
    left_out = {ref.person for ref in but}
    minute, _ = minute_now(log.response.clock, known.now)
    stretches = found.stretches(minute, minute + _LOOK_AHEAD)
    named = (person for stretch in stretches for person in stretch.people if person not in left_out)
    following = next(named, None)
    return known.people.ref(following) if following is not None else None


def _on_call_for(log: Log, known: Circumstances, role: Role) -> PersonRef | None:
    return next(iter(people_on_call(log, known, role.key)), None)


def _lead_by(log: Log, known: Circumstances, role: Role, on_call: PersonRef | None) -> None:
    owner = log.response.owner
    span = next((span for span in log.response.roles if span.role == role.key and span.until is None), None)
    if owner is None or (span is not None and not span.goes_with_owner):
        return
    if on_call is not None and on_call.person != owner.person:
        _call(log, known, role, on_call)
    elif role.key == COMMANDER and (span is None or span.person.person != owner.person):
        give(log, known, role, owner, by=CLOCK, goes_with_owner=on_call is None)
        log.enter("role-given", f"{owner.name} is {role.name}.", data={"role": role.key, "person": owner.person})
    elif on_call is not None and span is None:
        give(log, known, role, owner, by=CLOCK)
        log.enter("role-given", f"{owner.name} is {role.name}.", data={"role": role.key, "person": owner.person})


def _call(log: Log, known: Circumstances, role: Role, person: PersonRef) -> None:
    """Whoever is on call for a role is needed now."""
    give(log, known, role, person, by=CLOCK, is_awaited=True)
    why = f"You are {role.name} for this, because you are on call as such. {role.duty}".strip()
    log.enter(
        "role-given",
        f"{person.name} is {role.name}, being on call as such.",
        data={"role": role.key, "person": person.person},
        tells=[tell(known, person, why, kind=TellKind.PAGE)],
        says=[
            Say(
                text=f"{person.name} is {role.name}, being on call as such.",
                mentions=mentions(known, [person]),
                to_mentioned=role.duty,
            )
        ],
        joins=mentions(known, [person]),
    )


def _ended(log: Log, role: Role, ends: Callable[[RoleSpan], bool]) -> tuple[RoleSpan, ...]:
    return tuple(
        ended(span, log) if span.role == role.key and span.until is None and ends(span) else span
        for span in log.response.roles
    )


def _pass_on(log: Log, known: Circumstances, role: Role) -> None:
    pass_on(log, known, EventType.ROLE, role=role.key, people=called_for_role(log.response, role.key))
