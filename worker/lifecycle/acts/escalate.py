"""Somebody asks for more: the next level is told now."""

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.lifecycle.acts.answers import done, refused
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType


def escalate(log: Log, act: Act, known: Circumstances) -> Outcome:
    if log.response.escalation is None:
        return refused("Nothing escalates yet: the launch has not looked up who is on call. Page somebody by name.")
    who = known.people.of(act.actor)
    told = joined(f"{who.name} has escalated it.", act.text)
    log.enter("escalated", told, says=[Say(text=told)])
    before = len(log.entries)
    pass_on(log, known, EventType.ESCALATE, by=who.person)
    levels = [entry.text for entry in log.entries[before:] if entry.kind == "level-told"]
    return done(f"It is escalated. {levels[-1]}." if levels else "It is escalated, and no level names anybody.")
