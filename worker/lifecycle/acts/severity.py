"""How bad it is: a worse severity calls whom its policy names, a milder one changes nothing that runs."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.state import RUNNING
from worker.lifecycle.acts.answers import already, done
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import lead
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.promising import hasten, keep, next_update_words, promise
from worker.lifecycle.response.telling import mentions, tell
from worker.lifecycle.response.wording import joined, severity_words
from worker.oncall.escalation.event import EventType


def severity(log: Log, act: Act, known: Circumstances) -> Outcome:
    """What a person says stays, whatever alerts say later."""
    wanted = act.severity or log.response.severity
    by_person = log.response.severity_by_person or act.actor.is_human
    if wanted == log.response.severity and by_person == log.response.severity_by_person:
        return already(f"It is {severity_words(wanted)} already.")
    who = known.people.of(act.actor)
    change_severity(log, known, wanted, f"{who.name}: ", act.text, by_person=by_person)
    return done(f"It is {severity_words(wanted)} now.")


def change_severity(
    log: Log, known: Circumstances, wanted: int, speaker: str, text: str = "", *, by_person: bool
) -> None:
    response = log.response
    is_worse = wanted < response.severity
    log.set(severity=wanted, severity_by_person=by_person, severe_since=_severe_since(log, wanted))
    if response.state in RUNNING:
        _promise(log, known, is_worse=is_worse, is_said=bool(text))
    change = "stays" if wanted == response.severity else "is now" if is_worse else "is only"
    told = joined(f"{speaker}it {change} {severity_words(wanted)}.", text)
    owner = response.owner
    told_owner = owner is not None and is_worse and owner.person != known.people.of(log.actor).person
    log.enter(
        "severity",
        told,
        data={"severity": wanted, "former": response.severity, "reason": text},
        tells=[tell(known, owner, told)] if owner is not None and told_owner else [],
        says=[
            Say(
                text=joined(told, next_update_words(log)),
                mentions=mentions(known, [owner]) if told_owner else (),
                urgent=is_worse,
            )
        ],
        comments=[told],
    )
    by = known.people.of(log.actor).person if log.actor.is_human else ""
    pass_on(log, known, EventType.SEVERITY, severity=wanted, by=by, is_sign_of_life=log.actor.is_human)
    if is_worse and response.state in RUNNING:
        lead(log, known)


def _promise(log: Log, known: Circumstances, *, is_worse: bool, is_said: bool) -> None:
    """A change that is explained is an update; one that is not lets nobody wait longer for one."""
    if is_said:
        keep(log)
        promise(log, known)
    elif is_worse:
        hasten(log, known, is_first=log.response.last_update is None)


def _severe_since(log: Log, wanted: int) -> object:
    if wanted != 1:
        return None
    return log.response.severe_since or log.now
