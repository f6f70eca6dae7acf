"""The harm is back."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, set_time
from worker.lifecycle.response.promising import hasten, keep, next_update_words
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def relapse(log: Log, act: Act, known: Circumstances) -> Outcome:
    """Whoever has it has it still; what nobody has is open again, and others are called."""
    fall_back(log, known, f"{known.people.of(act.actor).name}: it is back.", act.text)
    return done("It is back: the harm goes on.")


def fall_back(log: Log, known: Circumstances, sentence: str, text: str = "") -> None:
    """The time at which it was mitigated is kept in the entry, and stands no more."""
    response = log.response
    former = response.times.get("mitigated_at")
    move(log, known, ResponseState.ACKNOWLEDGED if response.owner else ResponseState.OPEN)
    set_time(log, "mitigated_at", None)
    if text:
        keep(log)
    hasten(log, known)
    told = joined(sentence, text)
    owners = [response.owner] if response.owner and response.owner.person != known.people.of(log.actor).person else []
    log.enter(
        "relapsed",
        told,
        data={"mitigated_at": former.model_dump(mode="json") if former else None},
        tells=[tell(known, owner, sentence) for owner in owners],
        says=[Say(text=joined(told, next_update_words(log)), mentions=mentions(known, owners), urgent=True)],
        comments=[told],
        does=["snapshot"],
    )
    pass_on(log, known, EventType.RELAPSE, by=known.people.of(log.actor).person if log.actor.is_human else "")
