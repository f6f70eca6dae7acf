"""What is known now, for everybody who waits; by when the next one comes is promised with it."""

from worker.domain.response.act import Act, Audience, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.response import UpdateSent
from worker.lifecycle.acts.answers import done
from worker.lifecycle.acts.impact import impact_words, stated
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.promising import REMINDER, keep, next_update_words, promise


def update(log: Log, act: Act, known: Circumstances) -> Outcome:
    if act.every_minutes is not None:
        log.set(update_every=act.every_minutes)
    if act.text or act.nothing_new:
        keep(log)
    promise(log, known, minutes=act.next_in_minutes)
    if act.text:
        return _of_news(log, act, known)
    if act.nothing_new:
        return _of_nothing_new(log, act, known)
    return _of_cadence(log, act, known)


def _of_news(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    if act.phase is not None:
        log.set(phase=act.phase.value)
    if act.impact is not None:
        log.set(impact=stated(log, act.impact, who))
    phase = act.phase.value if act.phase else ""
    lines = [f"{phase.capitalize()}: {act.text}" if phase else act.text]
    if act.impact is not None:
        lines.append(f"Impact: {impact_words(log.response)}")
    told = "\n".join(lines)
    log.enter(
        "update",
        told,
        data={"phase": phase, "audience": act.audience.value, "text": act.text, "promise": _promised(log)},
        says=[Say(text="\n".join(filter(None, [told, next_update_words(log)])), audience=act.audience.value)],
        comments=[told],
        last_update=UpdateSent(at=log.at, by=who.person, phase=phase, text=act.text),
    )
    to = " to stakeholders" if act.audience is Audience.STAKEHOLDERS else ""
    return done(f"The update is sent{to}. {next_update_words(log)}".strip())


def _of_nothing_new(log: Log, act: Act, known: Circumstances) -> Outcome:
    """It takes the place of the reminder that it answers."""
    who = known.people.of(act.actor)
    told = f"{who.name}: nothing new."
    said = Say(text=f"{told} {next_update_words(log)}".strip(), topic=REMINDER, audience=act.audience.value)
    log.enter("nothing-new", told, data={"promise": _promised(log)}, says=[said])
    return done(f"It is said that nothing is new. {next_update_words(log)}".strip())


def _of_cadence(log: Log, act: Act, known: Circumstances) -> Outcome:
    who = known.people.of(act.actor)
    every = f"every {act.every_minutes} minutes" if act.every_minutes else "no more"
    told = f"{who.name}: updates are promised {every}."
    said = Say(text=f"{told} {next_update_words(log)}".strip(), topic=REMINDER)
    log.enter("promise", told, data={"every_minutes": act.every_minutes, "promise": _promised(log)}, says=[said])
    return done(f"Updates are promised {every}. {next_update_words(log)}".strip())


def _promised(log: Log) -> str | None:
    awaited = log.response.promise
    return awaited.due_at.isoformat() if awaited is not None else None
