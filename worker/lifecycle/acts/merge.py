"""It is part of another incident: people go on there."""

from worker.domain.response.act import Act, ActKind, Outcome
from worker.domain.response.actor import CLOCK, Source
from worker.domain.response.entry import Onward, Say
from worker.domain.response.response import Response
from worker.domain.response.state import ENDED, ResponseState
from worker.lifecycle.acts.answers import done, refused
from worker.lifecycle.acts.ending import archive_later
from worker.lifecycle.response.circumstances import Circumstances, Other
from worker.lifecycle.response.escalating import pass_on
from worker.lifecycle.response.leading import called_for, end_with_incident
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move
from worker.lifecycle.response.promising import end_promises
from worker.lifecycle.response.telling import notices
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType

MERGED_FROM = "merged-from"


def merge(log: Log, act: Act, known: Circumstances) -> Outcome:
    other = known.other
    fault = _fault(log, act, other)
    if fault or other is None:
        return refused(fault)
    who = known.people.of(act.actor)
    called = called_for(log.response)
    log.stop_timers()
    end_promises(log)
    move(log, known, ResponseState.MERGED)
    pass_on(log, known, EventType.MERGE, by=who.person)
    end_with_incident(log)
    archive_later(log, known)
    title = _title(other)
    own_title = "" if log.response.restricted else log.response.title
    sentence = joined(f"{who.name} has merged it into {other.incident.id}{title}.", act.text)
    log.enter(
        "merged",
        sentence,
        data={"into": other.incident.id, "reason": act.text},
        tells=notices(log, known, f"{sentence} Go on there; nothing more is needed of you here.", also=called),
        says=[Say(text=f"{sentence} Go on there.")],
        comments=[sentence],
        does=["snapshot"],
        merged_into=other.incident.id,
        onward=[told_of(log, other.incident.id, (log.response.incident_id,), own_title)],
    )
    return done(f"It is merged into {other.incident.id}{title}. Go on there.")


def told_of(log: Log, other: str, path: tuple[str, ...], title: str) -> Onward:
    """Let the other one know; `path` is by way of which ones, from the one of that title on."""
    act = Act(
        act=ActKind.OUTCOME,
        id=f"{MERGED_FROM}:{path[0]}:{len(path)}:{log.response.reopened}",
        actor=log.actor if len(path) == 1 else CLOCK,
        source=log.source if len(path) == 1 else Source.CLOCK,
        data={"kind": MERGED_FROM, "from": path[0], "title": title, "path": list(path)},
    )
    return Onward(incident_id=other, act=act)


def _fault(log: Log, act: Act, other: Other | None) -> str:
    if act.into == log.response.incident_id:
        return f"{act.into} cannot be merged into itself."
    if act.into in log.response.merged_from:
        return f"{act.into} was merged into this one."
    if other is None:
        return f"into: there is no incident {act.into}."
    return _fault_of(act, other.response) if other.response is not None else ""


def _fault_of(act: Act, response: Response) -> str:
    if response.state is ResponseState.MERGED:
        return f"{act.into} was merged into {response.merged_into} itself; merge into that one."
    if response.state in ENDED:
        return f"{act.into} is {response.state}; reopen it before others are merged into it."
    return ""


def _title(other: Other) -> str:
    return "" if other.incident.event.restricted else f" ({other.incident.event.title})"
