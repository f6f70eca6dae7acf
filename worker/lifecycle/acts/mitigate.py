"""The harm has stopped: nobody is called any more, and updates come more rarely."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import lead
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, own, set_time, time_value
from worker.lifecycle.response.promising import keep, next_update_words, promise
from worker.lifecycle.response.telling import mentions, notices
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def mitigate(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    is_unowned = log.response.owner is None
    move(log, known, ResponseState.MITIGATED)
    if is_unowned:
        own(log, who)
    set_time(log, "mitigated_at", time_value(log, known))
    pass_on(log, known, EventType.MITIGATE, by=who.person)
    if act.text:
        keep(log)
    promise(log, known, minutes=act.next_in_minutes)
    sentence = joined(f"{who.name}: the harm has stopped.", act.text)
    log.enter(
        "mitigated",
        sentence,
        data={"owner": who.person} if is_unowned else {},
        tells=notices(log, known, f"{who.name} says that the harm has stopped.") if is_unowned else [],
        says=[Say(text=joined(sentence, next_update_words(log)))],
        comments=[sentence],
        joins=mentions(known, [who]),
        does=["snapshot"],
    )
    lead(log, known)
    return done("It is mitigated: the harm has stopped.")
