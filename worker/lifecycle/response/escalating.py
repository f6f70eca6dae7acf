"""Let the escalation of an incident hear of what happened, and record whom it tells."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field

from worker.domain.page import LAST_RESORT
from worker.domain.response.actor import CLOCK
from worker.domain.response.entry import Say, Tell
from worker.domain.response.response import PersonRef, Response
from worker.domain.response.state import ResponseState
from worker.domain.response.timer import TimerKind
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.owning import disown
from worker.lifecycle.response.policy_clock import minute_now, wall_time_of
from worker.oncall.escalation.because import because, listed, place_words, role_in_walk, spoken
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.falling_back import target_of_settings
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.opening import Opening, opening_of
from worker.oncall.escalation.state import Cause, Escalation, Status, Why
from worker.oncall.escalation.transitions import Step, step
from worker.oncall.schedule.wall_clock import Minute, instant_at

# Definitions may be mended at any time: then whoever they name is told, though no shift begins.
_LOOK_AGAIN_MINUTES = 5
# A launch tells somebody within half a minute, also where minutes are short.
_LAUNCH_SECONDS = 30.0
NOBODY_TOLD = "nobody-told"
"""In the data of an entry: a last resort that names nobody, the loudest thing there is."""
ANSWER_TOPIC = "answer"

_HAPPENED: Mapping[ResponseState, EventType] = {
    ResponseState.ACKNOWLEDGED: EventType.ACKNOWLEDGE,
    ResponseState.MITIGATED: EventType.MITIGATE,
    ResponseState.RESOLVED: EventType.RESOLVE,
    ResponseState.CLOSED: EventType.CLOSE,
    ResponseState.DECLINED: EventType.DECLINE,
    ResponseState.MERGED: EventType.MERGE,
}


class KnownEscalation(BaseModel, frozen=True):
    """`rest`: how much of its minute had passed when what is due was set, in the policy's time.

    `launched`: the level that the launch tells. `told_at`: when the first level was told since it started.
    `entry`: the one of whoever was told last; `launched_entry`: that of whom the launch tells.
    """

    state: Escalation
    rest: timedelta = Field(default=timedelta())
    launched: Notification | None = None
    told_at: datetime | None = None
    entry: int = 0
    launched_entry: int = 0


def known_escalation(log: Log) -> KnownEscalation | None:
    return escalation_of(log.response)


def escalation_of(response: Response) -> KnownEscalation | None:
    given = response.escalation
    return KnownEscalation.model_validate(given) if given is not None else None


def begin_escalation(log: Log, known: Circumstances, data: Mapping[str, Any]) -> None:
    """As the launch has opened it, whose people are level 1: nobody is told by it a second time.

    `data` holds the `opening`; without one it is opened now. Waits count from now. What people did before it began is
    made up for.
    """
    if log.response.is_record:
        return
    minute, rest = minute_now(log.response.clock, known.now)
    given = data.get("opening")
    opening = Opening.model_validate(given) if given else opening_of(known.directory, log.response.severity, minute)
    state = _begun_at(opening, minute)
    before = KnownEscalation(state=state, launched=opening.level_1)
    if opening.level_1 is not None and opening.level_1.people and log.response.state is ResponseState.OPEN:
        log.set_timer(TimerKind.LAUNCH, max(known.after(1), known.now + timedelta(seconds=_LAUNCH_SECONDS)))
    _record(log, known, before, (state, opening.told), rest, told_already=True)
    _catch_up(log, known)


def pass_on(
    log: Log,
    known: Circumstances,
    happened: EventType,
    *,
    by: str = "",
    severity: int = 0,
    role: str = "",
    people: Iterable[str] = (),
    is_sign_of_life: bool = True,
) -> None:
    """What people do is of now, whenever they say they did it: a deadline that has passed has passed.

    What is no sign of life, as what alerts say, sets the time to give one no further.
    """
    before = known_escalation(log)
    if before is None:
        return
    minute, rest = minute_now(log.response.clock, known.now)
    if happened is EventType.TIMER:
        minute = _no_sooner_than_due(log, known, before, minute)
    event = Event(minute, happened, by=by, severity=severity, role=role, people=tuple(people))
    found = step(before.state, event, known.directory)
    if not is_sign_of_life and before.state.status is found[0].status is Status.ACKNOWLEDGED:
        found = (replace(found[0], due=before.state.due), found[1])
    left = _open_again_if_timed_out(log, known, before.state, found[0]) if happened is EventType.TIMER else ()
    _record(log, known, before, found, rest)
    for left_role in left:
        pass_on(log, known, EventType.ROLE, role=left_role)


def tell_instead(log: Log, known: Circumstances, untold: Mapping[str, Any]) -> bool:
    """Tell the next level now, since nobody of the last one could be reached: that of an entry `seq`, or of the launch.

    False where another one has been told since, or nobody need be told any more.
    """
    before = known_escalation(log)
    if before is None or before.state.status is not Status.TRIGGERED or not _is_newest(log, before, untold):
        return False
    log.stop_timer(TimerKind.LAUNCH)
    if before.state.place.is_last_resort:
        sentence = "NOBODY HAS BEEN TOLD: the last resort could not be told, and nobody comes behind it."
        _enter_nobody(log, sentence, {"level": LAST_RESORT, "round": 0, "people": []})
        return True
    minute, rest = minute_now(log.response.clock, known.now)
    failed = replace(before.state, due=minute, cause=Cause(Why.UNTOLD, before.state.cause.people))
    found = step(failed, Event(minute, EventType.TIMER), known.directory)
    _record(log, known, before, found, rest, told_already=bool(untold.get("launch")) and _is_of_settings(known, found))
    return True


def _is_newest(log: Log, before: KnownEscalation, untold: Mapping[str, Any]) -> bool:
    if not untold.get("launch"):
        return bool(untold.get("seq", 0) >= before.entry)
    # Once its timer has come the launch's people are told by an entry, which says what that came to.
    timer = log.response.timers.get(TimerKind.LAUNCH)
    return before.entry == before.launched_entry and timer is not None and timer.due_at is not None


def _is_of_settings(known: Circumstances, found: Step) -> bool:
    """Whether only they are told whom the settings name: a launch tells them itself where it can tell nobody else."""
    named = {str(target_of_settings(target)) for target in known.rules.last_resort}
    return named.issuperset(person for each in found[1] for person in each.people)


def called_for_role(response: Response, role: str) -> tuple[str, ...]:
    """Who has it as far as levels go: an owner who leads since nobody else does is called by no level for that."""
    spans = (span for span in response.roles if span.role == role and span.until is None and not span.goes_with_owner)
    return tuple(span.person.person for span in spans)


def tell_of_level(known: Circumstances, told: Notification, why: str) -> list[Tell]:
    """Each of the level's people, who is told the reason."""
    sentence = f"You are {role_in_walk(told.place)} for this, because {why}."
    return [known.people.tell(key, sentence, level=_level(told), round=told.place.round) for key in told.people]


def _begun_at(opening: Opening, minute: Minute) -> Escalation:
    """What was looked up some time ago is told from now on; what is due by the clock is due when it was."""
    state = opening.state
    if state.due is None or _is_by_the_clock(state):
        return state
    return replace(state, due=state.due + minute - opening.at)


def _catch_up(log: Log, known: Circumstances) -> None:
    """Somebody may have been quicker than the launch."""
    response = log.response
    for role in {span.role for span in response.roles}:
        pass_on(log, known, EventType.ROLE, role=role, people=called_for_role(response, role))
    if (escalation := known_escalation(log)) and response.severity != escalation.state.severity:
        pass_on(log, known, EventType.SEVERITY, severity=response.severity)
    if (happened := _HAPPENED.get(response.state)) is not None:
        owner = response.owner.person if response.owner is not None else response.by
        pass_on(log, known, happened, by=owner)


def _no_sooner_than_due(log: Log, known: Circumstances, before: KnownEscalation, minute: Minute) -> Minute:
    """Its minute has come once its timer has, whatever is lost where clocks of two paces are rounded."""
    due = before.state.due
    if due is None or known.now < wall_time_of(log.response.clock, due, before.rest):
        return minute
    return max(minute, due)


def _open_again_if_timed_out(log: Log, known: Circumstances, before: Escalation, after: Escalation) -> tuple[str, ...]:
    """The roles that nobody has any more, since they were the owner's."""
    if before.status is not Status.ACKNOWLEDGED or after.status is not Status.TRIGGERED:
        return ()
    owner = known.people.ref(before.owner).name if before.owner else "Whoever had it"
    waited = spoken((before.policy.ack_timeout if before.policy else None) or 0)
    text = f"{owner} has given no sign of life for {waited}: it is open again."
    log.set(state=ResponseState.OPEN, since=log.at, by=CLOCK.spoken)
    left = disown(log)
    log.enter("timed-out", text, data={"owner": before.owner})
    return left


def _record(
    log: Log,
    known: Circumstances,
    before: KnownEscalation,
    found: Step,
    rest: timedelta,
    *,
    told_already: bool = False,
) -> None:
    """The newest state, its timers, and an entry for each level that was told or passed over."""
    state, told = found
    is_kept = state.due == before.state.due and state.epoch == before.state.epoch
    kept = timedelta() if _is_by_the_clock(state) else before.rest if is_kept and not told_already else rest
    is_told = any(each.people for each in told)
    told_at = known.now if is_told and (before.told_at is None or not is_kept) else before.told_at
    entry = log.response.seq + len(told) if told else before.entry
    newest = before.model_copy(update={"state": state, "rest": kept, "told_at": told_at, "entry": entry})
    if newest.launched_entry == 0 and told_already:
        newest = newest.model_copy(update={"launched_entry": entry})
    log.set(escalation=newest.model_dump(mode="json"))
    _await(log, TimerKind.ESCALATION, _due_at(log, known, newest))
    if told_already or not is_kept:
        _await(log, TimerKind.ANSWER, _reminder_at(log, newest))
    for each in told:
        _enter(log, known, each, told_already=told_already)


def _is_by_the_clock(state: Escalation) -> bool:
    """Whether what is due is the beginning of hours or of a shift, and no wait since something happened."""
    return state.is_uncovered or (state.status is Status.TRIGGERED and state.cause.was_held)


def _due_at(log: Log, known: Circumstances, newest: KnownEscalation) -> datetime | None:
    due = newest.state.due
    at = None if due is None else wall_time_of(log.response.clock, due, newest.rest)
    if not newest.state.is_uncovered:
        return at
    again = known.after(_LOOK_AGAIN_MINUTES)
    return again if at is None else min(at, again)


def _reminder_at(log: Log, newest: KnownEscalation) -> datetime | None:
    """When a third of the time to give a sign of life is left."""
    state = newest.state
    if state.status is not Status.ACKNOWLEDGED or state.due is None or state.policy is None:
        return None
    third = timedelta(minutes=state.policy.ack_timeout or 0) / 3
    return wall_time_of(log.response.clock, state.due, newest.rest - third)


def _await(log: Log, kind: TimerKind, due_at: datetime | None) -> None:
    timer = log.response.timers.get(kind)
    if due_at is None:
        log.stop_timer(kind)
    elif timer is None or timer.due_at != due_at:
        log.set_timer(kind, due_at)


def _enter(log: Log, known: Circumstances, told: Notification, *, told_already: bool) -> None:
    why = because(told, lambda key: known.people.ref(key).name)
    data = {
        "round": told.place.round,
        "level": _level(told),
        "people": list(told.people),
        "because": why,
        "policy_time": instant_at(told.at),
    }
    if told.is_skipped:
        vacant = "; ".join(told.vacancies) or "nobody is on call"
        log.enter("level-skipped", f"{place_words(told.place)} names nobody: {vacant}", data=data)
        return
    if not told.people:
        sentence = f"NOBODY IS TOLD: {why}, and there is no last resort. Call somebody yourself."
        _enter_nobody(log, sentence, data)
        return
    names = _names(known, told.people)
    log.enter(
        "level-told",
        f"{place_words(told.place)}: {names}, because {why}",
        data=data,
        tells=[] if told_already else tell_of_level(known, told, why),
        says=[Say(text=_nobody_has_answered(told, names, why), urgent=True)] if told.place.is_last_resort else [],
        told=_with(log.response.told, [known.people.ref(key) for key in told.people]),
    )


def _enter_nobody(log: Log, sentence: str, data: Mapping[str, Any]) -> None:
    """The loudest thing there is."""
    log.enter(
        "level-told",
        sentence,
        data={**data, NOBODY_TOLD: True},
        says=[Say(text=sentence, urgent=True)],
        comments=[sentence],
    )


def _nobody_has_answered(told: Notification, names: str, why: str) -> str:
    if told.cause.why is Why.UNANSWERED:
        return f"Nobody has answered. The last resort is told: {names}. Nobody else is called."
    return f"The last resort is told, because {why}: {names}. Nobody else is called."


def _names(known: Circumstances, people: Iterable[str]) -> str:
    return listed(known.people.ref(key).name for key in people)


def _level(told: Notification) -> int | str:
    return LAST_RESORT if told.place.is_last_resort else told.place.level


def _with(told: Iterable[PersonRef], more: Iterable[PersonRef]) -> list[PersonRef]:
    return list({ref.person: ref for ref in (*told, *more)}.values())
