"""Somebody says that they have it: they own it, and nobody else is called for it."""

from worker.domain.response.act import ALREADY, DONE, REFUSED, Act, Outcome
from worker.domain.response.response import TimeValue
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.log import Log
from worker.oncall.escalation.event import EventType


def acknowledge(log: Log, act: Act, known: Circumstances) -> Outcome:
    response, who = log.response, known.people.of(act.actor)
    if response.state is not ResponseState.OPEN:
        verdict = ALREADY if response.owner is not None else REFUSED
        return Outcome(verdict=verdict, sentence=f"It is {response.state} since {response.since:%H:%M}.")
    times = dict(response.times)
    times.setdefault("acknowledged_at", TimeValue(value=log.at, source="person", recorded_at=log.now, by=who.person))
    log.set(state=ResponseState.ACKNOWLEDGED, since=log.at, by=who.person, owner=who, times=times)
    pass_on(log, known, EventType.ACKNOWLEDGE, by=who.person)
    log.enter("acknowledged", f"{who.name} has it.")
    return Outcome(verdict=DONE, sentence=f"{who.name} has it.")
