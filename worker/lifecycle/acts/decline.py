"""It was none: a false alarm, or nothing that needs a response."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done
from worker.lifecycle.acts.ending import archive_later
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import called_for, end_with_incident
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move
from worker.lifecycle.response.promising import end_promises
from worker.lifecycle.response.telling import notices
from worker.oncall.escalation.event import EventType


def decline(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    called = called_for(log.response)
    log.stop_timers()
    end_promises(log)
    move(log, known, ResponseState.DECLINED)
    pass_on(log, known, EventType.DECLINE, by=who.person)
    end_with_incident(log)
    archive_later(log, known)
    sentence = f"{who.name} has declined it: {act.text}"
    log.enter(
        "declined",
        sentence,
        data={"reason": act.text},
        tells=notices(log, known, f"{sentence} Nothing more is needed of you.", also=called),
        says=[Say(text=sentence)],
        comments=[sentence],
        does=["snapshot"],
        declined_because=act.text,
    )
    return done("It is declined.")
