"""Roles: given, taken, offered, accepted, declined; command changes hands only once it is accepted."""

from worker.domain.response.act import Act, Outcome, RoleAnswer
from worker.domain.response.entry import Say, TellKind
from worker.domain.response.response import PersonRef, RoleOffer
from worker.domain.response.roles import COMMANDER, Role, role_named
from worker.domain.text import quoted
from worker.lifecycle.acts.answers import already, done, refused
from worker.lifecycle.acts.handing_over import handover_note
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.leading import end, give, open_span
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import clock_words, joined, names


def role(log: Log, act: Act, known: Circumstances) -> Outcome:
    wanted, who = role_named(act.role or ""), known.people.of(act.actor)
    if act.answer is not None:
        answer = _accept if act.answer is RoleAnswer.ACCEPT else _decline
        return answer(log, act, known, wanted, who)
    return _give(log, act, known, wanted, who)


def _give(log: Log, act: Act, known: Circumstances, wanted: Role, who: PersonRef) -> Outcome:
    person = known.people.named(act.person) if act.person else who
    if person is None:
        return refused(
            f"person: nobody is called {quoted(act.person)!r}; name them as the definitions do, or an address."
        )
    span = open_span(log.response, wanted, person)
    if span is not None and span.topic == (act.topic or span.topic) and not span.goes_with_owner:
        return already(f"{person.name} has been {wanted.name} since {clock_words(span.since, log.now)}.")
    if person.person == who.person:
        return _take(log, act, known, wanted, who)
    if wanted.key == COMMANDER and (span is None and log.response.has(COMMANDER)):
        return _offer(log, act, known, wanted, person)
    return _assign(log, act, known, wanted, person)


def _take(log: Log, act: Act, known: Circumstances, wanted: Role, who: PersonRef) -> Outcome:
    former = _others(log, wanted, who) if wanted.is_single else ()
    give(log, known, wanted, who, by=act.actor, topic=act.topic)
    told = f"{who.name} {_has(wanted, act.topic)} since {clock_words(log.at, log.now)}"
    sentence = f"{told}, after {names(former)}." if former else f"{told}."
    log.enter(
        "role-given",
        joined(sentence, act.text),
        data=_data(wanted, who, act.topic),
        tells=[tell(known, each, sentence) for each in former],
        says=[Say(text=joined(sentence, act.text), mentions=mentions(known, former))],
        joins=mentions(known, [who]),
    )
    return done(sentence)


def _assign(log: Log, act: Act, known: Circumstances, wanted: Role, person: PersonRef) -> Outcome:
    """To give a role is to tell whoever gets it, with the duty; a sign of life is awaited of them."""
    former = _others(log, wanted, person) if wanted.is_single else ()
    give(log, known, wanted, person, by=act.actor, topic=act.topic, is_awaited=True)
    giver = known.people.of(act.actor)
    sentence = f"{giver.name} has made {person.name} {wanted.name}{_of_topic(act.topic)}."
    why = f"{giver.name} has made you {wanted.name}{_of_topic(act.topic)} for this. {wanted.duty}".strip()
    log.enter(
        "role-given",
        joined(sentence, act.text),
        data=_data(wanted, person, act.topic),
        tells=[
            tell(known, person, joined(why, act.text), kind=TellKind.PAGE),
            *(tell(known, each, sentence) for each in former if each.person != giver.person),
        ],
        says=[
            Say(text=joined(sentence, act.text), mentions=mentions(known, [person]), to_mentioned=wanted.duty),
        ],
        joins=mentions(known, [person]),
    )
    return done(f"{person.name} is {wanted.name}{_of_topic(act.topic)}, and told so.")


def _offer(log: Log, act: Act, known: Circumstances, wanted: Role, person: PersonRef) -> Outcome:
    """Whoever has it keeps it until the other one accepts."""
    standing = _offer_to(log, wanted, person)
    if standing is not None:
        offered = clock_words(standing.offered_at, log.now)
        return already(f"It was offered to {person.name} at {offered}, and waits for an answer.")
    offers = tuple(offer for offer in log.response.offers if offer.role != wanted.key)
    offer = RoleOffer(role=wanted.key, person=person, offered_at=known.now, by=act.actor)
    giver, note = known.people.of(act.actor), handover_note(log, known)
    sentence = f"{giver.name} offers {person.name} to be {wanted.name}."
    has_it = f"Until they accept, {names(log.response.has(wanted.key))} has it."
    command = f"tocsin role {log.response.incident_id} {wanted.key} --accept"
    why = f"{giver.name} offers you to be {wanted.name} for this. {wanted.duty} {command} (or --decline).\n{note}"
    log.enter(
        "role-offered",
        joined(sentence, act.text),
        data={**_data(wanted, person), "note": note},
        tells=[tell(known, person, why, kind=TellKind.PAGE)],
        says=[
            Say(
                text=f"{joined(sentence, act.text)} {has_it}",
                mentions=mentions(known, [person]),
                to_mentioned=note,
                question="role",
            )
        ],
        joins=mentions(known, [person]),
        offers=(*offers, offer),
    )
    return done(f"It is offered to {person.name}. {has_it}")


def _accept(log: Log, act: Act, known: Circumstances, wanted: Role, who: PersonRef) -> Outcome:
    span = open_span(log.response, wanted, who)
    if _offer_to(log, wanted, who) is None:
        if span is None:
            return refused(f"Nobody has offered {who.name} to be {wanted.name}; take it, if you mean that.")
        if span.awaited_since is None or span.confirmed_at is not None:
            return already(f"{who.name} has been {wanted.name} since {clock_words(span.since, log.now)}.")
        return done(f"{who.name} is {wanted.name}.")
    former = _others(log, wanted, who)
    give(log, known, wanted, who, by=act.actor)
    sentence = f"{who.name} {_has(wanted)} since {clock_words(log.at, log.now)}."
    log.enter(
        "role-accepted",
        joined(sentence, act.text),
        data=_data(wanted, who),
        tells=[tell(known, each, sentence) for each in former],
        says=[Say(text=joined(sentence, act.text), mentions=mentions(known, former))],
        joins=mentions(known, [who]),
    )
    return done(sentence)


def _decline(log: Log, act: Act, known: Circumstances, wanted: Role, who: PersonRef) -> Outcome:
    """An offer, or what one has: nobody is held to a role."""
    offer, span = _offer_to(log, wanted, who), open_span(log.response, wanted, who)
    if offer is not None:
        giver = known.people.of(offer.by)
        sentence = f"{who.name} has declined to be {wanted.name}."
        log.enter(
            "role-declined",
            joined(sentence, act.text),
            data=_data(wanted, who),
            tells=[tell(known, giver, joined(sentence, act.text))],
            says=[Say(text=joined(sentence, act.text), mentions=mentions(known, [giver]))],
            offers=tuple(each for each in log.response.offers if each != offer),
        )
        return done(f"It is declined. {names(log.response.has(wanted.key))} has it still.")
    if span is None:
        return refused(f"{who.name} is not {wanted.name}, and nobody has offered it to them.")
    end(log, known, wanted, who)
    sentence = f"{who.name} is {wanted.name} no more."
    log.enter(
        "role-ended",
        joined(sentence, act.text),
        data=_data(wanted, who),
        says=[Say(text=f"{joined(sentence, act.text)} Who takes it?", question="role")],
    )
    return done(sentence)


def _offer_to(log: Log, wanted: Role, person: PersonRef) -> RoleOffer | None:
    offers = (offer for offer in log.response.offers if offer.role == wanted.key)
    return next((offer for offer in offers if offer.person.person == person.person), None)


def _others(log: Log, wanted: Role, person: PersonRef) -> tuple[PersonRef, ...]:
    return tuple(ref for ref in log.response.has(wanted.key) if ref.person != person.person)


def _has(wanted: Role, topic: str = "") -> str:
    return "has command" if wanted.key == COMMANDER else f"is {wanted.name}{_of_topic(topic)}"


def _of_topic(topic: str) -> str:
    return f" for {topic}" if topic else ""


def _data(wanted: Role, person: PersonRef, topic: str = "") -> dict[str, str]:
    return {"role": wanted.key, "person": person.person, "name": person.name, "topic": topic}
