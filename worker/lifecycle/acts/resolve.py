"""It is over for whom it hurt: nothing more is due, and a summary is asked for."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.actor import ActorKind
from worker.domain.response.entry import Say
from worker.domain.response.response import PersonRef
from worker.domain.response.roles import COMMANDER
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import TimerKind
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, set_time, time_value
from worker.lifecycle.response.promising import end_promises, keep
from worker.lifecycle.response.telling import mentions
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType

# In minutes: two nights to sleep over it.
_REVIEW_WITHIN = 2 * 24 * 60.0


def resolve(log: Log, act: Act, known: Circumstances) -> Outcome:
    if act.actor.kind is ActorKind.ALERT and not known.rules.alerts_resolve:
        return ask_whether_resolved(log, f"{act.actor.spoken} says that it is resolved there.")
    end_it(log, known, f"{known.people.of(act.actor).name}: it is resolved.", act.text)
    return done("It is resolved. Write down what happened, then close it.")


def end_it(log: Log, known: Circumstances, sentence: str, text: str = "") -> None:
    """The timers end before anything is said."""
    log.stop_timers()
    if text:
        keep(log)
    end_promises(log)
    move(log, known, ResponseState.RESOLVED)
    set_time(log, "resolved_at", time_value(log, known))
    pass_on(log, known, EventType.RESOLVE, by=known.people.of(log.actor).person)
    log.set_timer(TimerKind.REVIEW, known.after(_REVIEW_WITHIN))
    told = joined(sentence, text)
    asked = summary_writers(log)
    ask = "What happened, and what ended it? Write a summary as an update, then close it."
    log.enter(
        "resolved",
        told,
        says=[Say(text=joined(told, ask), mentions=mentions(known, asked), question="close")],
        comments=[told],
        does=["review-draft", "snapshot"],
        reviews_asked=0,
    )


def ask_whether_resolved(log: Log, sentence: str) -> Outcome:
    """What alerts say of their end is no word of people that they are done."""
    question = f"{sentence} Is it resolved?"
    log.enter("question", question, says=[Say(text=question, topic="alerts", question="resolve")])
    return done(f"{sentence} People were asked whether it is resolved.")


def summary_writers(log: Log) -> tuple[PersonRef, ...]:
    """Whose it is, and who leads."""
    response = log.response
    named = {ref.person: ref for ref in (*filter(None, [response.owner]), *response.has(COMMANDER))}
    return tuple(named.values())
