"""Whoever has it hands it back: others are called again, from the top."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import give_up
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def unacknowledge(log: Log, act: Act, known: Circumstances) -> Outcome:
    who, former = known.people.of(act.actor), log.response.owner
    move(log, known, ResponseState.OPEN)
    give_up(log, known)
    sentence = f"{who.name} has handed it back: nobody has it."
    told = [tell(known, former, sentence)] if former and former.person != who.person else []
    log.enter(
        "unacknowledged",
        joined(sentence, act.text),
        tells=told,
        says=[Say(text=joined(sentence, act.text), mentions=mentions(known, [each for each in [former] if told]))],
        does=["snapshot"],
    )
    pass_on(log, known, EventType.UNACKNOWLEDGE, by=who.person)
    return done(sentence)
