"""Somebody takes it over from whoever has it."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.acknowledge import acknowledge
from worker.lifecycle.acts.answers import already, done, owned_words
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import lead
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import own
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def take(log: Log, act: Act, known: Circumstances) -> Outcome:
    """What nobody has yet is acknowledged by it."""
    if log.response.state is ResponseState.OPEN:
        return acknowledge(log, act, known)
    who, former = known.people.of(act.actor), log.response.owner
    if former is not None and former.person == who.person:
        return already(owned_words(log, known))
    own(log, who)
    pass_on(log, known, EventType.ACKNOWLEDGE, by=who.person)
    sentence = f"{who.name} has taken it over" + (f" from {former.name}." if former else ".")
    told = [tell(known, former, f"{who.name} has taken it over from you.")] if former else []
    log.enter(
        "taken",
        joined(sentence, act.text),
        data={"owner": who.person, "former": former.person if former else ""},
        tells=told,
        says=[Say(text=joined(sentence, act.text), mentions=mentions(known, [former]))],
        joins=mentions(known, [who]),
    )
    lead(log, known)
    return done(sentence)
