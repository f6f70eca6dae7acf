"""It was not over after all: others are called again, from the top, under the same ids."""

from collections.abc import Sequence

from worker.domain.response.act import Act, Outcome
from worker.domain.response.entry import Say
from worker.domain.response.roles import COMMANDER
from worker.domain.response.state import ResponseState
from worker.lifecycle.acts.answers import done, refused
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.escalating import begin_escalation, pass_on
from worker.lifecycle.response.leading import give_back, give_first_roles, give_up
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import move, set_time
from worker.lifecycle.response.telling import mentions
from worker.lifecycle.response.wording import joined
from worker.oncall.escalation.event import EventType

_OF_THIS_TIME = ("mitigated_at", "resolved_at", "closed_at")


def reopen(log: Log, act: Act, known: Circumstances) -> Outcome:
    if log.response.is_record:
        return refused("It was over when it was recorded, and has no channel. If it is back, raise it anew.")
    open_again(log, known, f"{known.people.of(act.actor).name} has reopened it.", act.text)
    return done("It is open again, and people are called.")


def open_again(log: Log, known: Circumstances, sentence: str, text: str = "") -> None:
    """The times of its end are kept in the entry, and how long it hurt in what is counted."""
    response = log.response
    former = {name: response.times[name].model_dump(mode="json") for name in _OF_THIS_TIME if name in response.times}
    log.stop_timers()
    log.set(
        pain_seconds=response.pain_seconds + _pain_seconds(log),
        running_since=log.at,
        reopened=response.reopened + 1,
        archived_by=0,
        merged_into="",
        severe_since=log.now if response.severity == 1 else None,
    )
    move(log, known, ResponseState.OPEN)
    give_up(log, known)
    give_back(log, known)
    for name in _OF_THIS_TIME:
        set_time(log, name, None)
    told = joined(sentence, text)
    does = ["unarchive", "snapshot"] if response.state is not ResponseState.RESOLVED else ["snapshot"]
    log.enter(
        "reopened",
        told,
        data={"former": former, "state": response.state.value, "archived_by": response.archived_by},
        says=[Say(text=told, mentions=mentions(known, [response.owner, *log.response.has(COMMANDER)]), urgent=True)],
        comments=[told],
        does=does,
    )
    if response.escalation is None:
        begin_escalation(log, known, {})
    else:
        pass_on(log, known, EventType.REOPEN, by=known.people.of(log.actor).person if log.actor.is_human else "")
    give_first_roles(log, known, _told_first(log))


def _told_first(log: Log) -> Sequence[str]:
    """Those of the first level that names anybody."""
    told = (entry.data.get("people", ()) for entry in log.entries if entry.kind == "level-told")
    return next(iter(told), ())


def _pain_seconds(log: Log) -> float:
    """Of the time that ended last: from when it began until it was resolved."""
    response = log.response
    ended = response.times.get("resolved_at")
    if ended is None:
        return 0.0
    began = response.running_since
    if began is None:
        known = response.times.get("occurred_at") or response.times.get("received_at")
        began = known.value if known is not None else ended.value
    return max((ended.value - began).total_seconds(), 0.0)
