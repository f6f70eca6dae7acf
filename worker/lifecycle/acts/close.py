"""Nothing is left to do: what happened is exported, and the channel is archived after a while."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.acts.ending import archive_later, archive_words
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import end_with_incident
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, set_time, time_value
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def close(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    log.stop_timers()
    move(log, known, ResponseState.CLOSED)
    set_time(log, "closed_at", time_value(log, known))
    pass_on(log, known, EventType.CLOSE, by=who.person)
    end_with_incident(log)
    archive_later(log, known)
    sentence = joined(f"{who.name} has closed it.", act.text)
    log.enter(
        "closed",
        sentence,
        says=[Say(text=joined(sentence, archive_words(log)))],
        comments=[sentence],
        does=["review-final", "snapshot"],
    )
    return done(f"It is closed. {archive_words(log)}".strip())
