"""Somebody says that they have it: they own it, and nobody else is called for it."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.actor import ActorKind
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import lead
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, own, set_time, time_value
from worker.lifecycle.response.promising import hasten, next_update_words
from worker.lifecycle.response.telling import mentions, notices
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def acknowledge(log: Log, act: Act, known: Circumstances) -> Outcome:
    if act.actor.kind is ActorKind.ALERT and not known.rules.alerts_acknowledge:
        return _only_told(log, act)
    who = known.people.of(act.actor)
    move(log, known, ResponseState.ACKNOWLEDGED)
    own(log, who)
    if "acknowledged_at" not in log.response.times:
        set_time(log, "acknowledged_at", time_value(log, known))
    pass_on(log, known, EventType.ACKNOWLEDGE, by=who.person)
    hasten(log, known, is_first=True)
    sentence = joined(f"{who.name} has it.", act.text)
    log.enter(
        "acknowledged",
        sentence,
        data={"owner": who.person},
        tells=notices(log, known, f"{who.name} has it: nothing more is needed of you for now."),
        says=[Say(text=joined(sentence, next_update_words(log)))],
        joins=mentions(known, [who]),
        does=["snapshot"],
    )
    lead(log, known)
    return done(f"{who.name} has it.")


def _only_told(log: Log, act: Act) -> Outcome:
    sentence = f"{act.actor.spoken} says that it was acknowledged there; here nobody has it yet."
    log.enter("alerts", sentence, says=[Say(text=sentence, topic="alerts", question="acknowledge")])
    return done(sentence)
