"""From how an escalation stands and what happened to how it stands then, and who is told: nothing else decides that.

Whoever drives it keeps the state, and hands a TIMER in once `due` has come, or any time earlier or later: what is not
due yet changes nothing, and what is late is told once, with its wait counted from then. After a change of definitions a
POLICY event, or any TIMER, finds who is newly on call where nobody was.

Of what the rules leave open:

- Signs of life are what the rule lists: an activity, a role, a severity. Whoever escalates by hand asks for others, and
  sets no deadline anew.
- By hand a level is told at once, also outside the policy's hours. Behind the last resort the policy starts anew.
- What lies in a status that does not allow it changes nothing: who comes second is told so by somebody else.
- Whoever mitigates what nobody has is its owner. A relapse is acknowledged where there is an owner, else it starts.
- `started_for`: a severity that rises again, but not above what the running policy started for, changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from worker.oncall.definitions import Policy
from worker.oncall.escalation.directory import Directory
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.hours import opening
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.state import BEGINNING, LAST_RESORT, Cause, Escalation, Roles, Status, Why
from worker.oncall.escalation.walk import Walk, walk
from worker.oncall.schedule.wall_clock import Minute

Step = tuple[Escalation, tuple[Notification, ...]]
_Act = Callable[[Escalation, Event, Directory], Step]

_RUNNING = frozenset({Status.TRIGGERED, Status.ACKNOWLEDGED, Status.MITIGATED})


def open_escalation(severity: int, roles: Roles, instant: Minute, directory: Directory) -> Step:
    """Level 1 is told at the opening."""
    known = {role.casefold(): people for role, people in roles.items()}
    return _start(Escalation(severity, known), instant, directory, Cause(Why.OPENED))


def step(state: Escalation, event: Event, directory: Directory) -> Step:
    """What has happened at `event.at`; events of the minute of a deadline come before its TIMER."""
    return _ACTS[event.type](state, event, directory)


def _pass_time(state: Escalation, event: Event, directory: Directory) -> Step:
    if state.is_uncovered:
        return _start_if_covered(state, event.at, directory)
    if state.due is None or event.at < state.due:
        return state, ()
    if state.status is Status.ACKNOWLEDGED:
        return _time_out(state, event.at, directory)
    return _tell_within_hours(state, event.at, directory)


def _acknowledge(state: Escalation, event: Event, _: Directory) -> Step:
    if state.status not in _RUNNING:
        return state, ()
    status = Status.MITIGATED if state.status is Status.MITIGATED else Status.ACKNOWLEDGED
    return _alive(replace(_stopped(state), status=status, owner=event.by), event.at), ()


def _unacknowledge(state: Escalation, event: Event, directory: Directory) -> Step:
    if state.status is not Status.ACKNOWLEDGED:
        return state, ()
    return _start(state, event.at, directory, _caused(Why.HANDED_BACK, event))


def _escalate(state: Escalation, event: Event, directory: Directory) -> Step:
    if state.status not in _RUNNING:
        return state, ()
    cause = _caused(Why.ESCALATED, event)
    if state.status is Status.TRIGGERED:
        anew = _started(state, directory, cause) if state.place.is_last_resort else state
        return _tell_next(replace(anew, cause=cause), event.at, directory)
    found = _walked(replace(state, place=BEGINNING) if state.place.is_last_resort else state, event.at, directory)
    return replace(state, place=found.place), _notifications(found, replace(state, cause=cause), event.at)


def _live_on(state: Escalation, event: Event, _: Directory) -> Step:
    return _alive(state, event.at), ()


def _change_severity(state: Escalation, event: Event, directory: Directory) -> Step:
    changed = _alive(replace(state, severity=event.severity), event.at)
    policy = directory.policy_for(event.severity)
    is_worse = state.policy is None or event.severity < state.started_for
    if state.status is not Status.TRIGGERED or policy is None or not is_worse:
        return changed, ()
    if state.policy is not None and state.policy.name == policy.name:
        return replace(changed, started_for=event.severity), ()
    return _start(changed, event.at, directory, _caused(Why.WORSENED, event), leaving=state.leaving)


def _assign_role(state: Escalation, event: Event, directory: Directory) -> Step:
    assigned = replace(state, roles={**state.roles, event.role.casefold(): event.people})
    return _looking_again(_alive(assigned, event.at), event, directory)


def _looking_again(state: Escalation, event: Event, directory: Directory) -> Step:
    return (replace(state, due=_covered_from(state, event.at, directory)) if state.is_uncovered else state), ()


def _mitigate(state: Escalation, event: Event, _: Directory) -> Step:
    if state.status not in {Status.TRIGGERED, Status.ACKNOWLEDGED}:
        return state, ()
    return replace(_stopped(state), status=Status.MITIGATED, owner=state.owner or event.by or None), ()


def _relapse(state: Escalation, event: Event, directory: Directory) -> Step:
    if state.status is not Status.MITIGATED:
        return state, ()
    if state.owner is None:
        return _start(state, event.at, directory, _caused(Why.RELAPSED, event))
    return _alive(replace(_stopped(state), status=Status.ACKNOWLEDGED), event.at), ()


def _reopen(state: Escalation, event: Event, directory: Directory) -> Step:
    if state.status in {Status.TRIGGERED, Status.ACKNOWLEDGED}:
        return state, ()
    return _start(state, event.at, directory, _caused(Why.REOPENED, event))


def _end(status: Status, *, of_resolved: bool = False) -> _Act:
    """It may be what runs, and what is resolved already where that is said."""
    before = {*_RUNNING, Status.RESOLVED} if of_resolved else _RUNNING

    def end(state: Escalation, _: Event, __: Directory) -> Step:
        return (replace(_stopped(state), status=status) if state.status in before else state), ()

    return end


_ACTS: Mapping[EventType, _Act] = {
    EventType.TIMER: _pass_time,
    EventType.ACKNOWLEDGE: _acknowledge,
    EventType.UNACKNOWLEDGE: _unacknowledge,
    EventType.ESCALATE: _escalate,
    EventType.ACTIVITY: _live_on,
    EventType.SEVERITY: _change_severity,
    EventType.ROLE: _assign_role,
    EventType.MITIGATE: _mitigate,
    EventType.RELAPSE: _relapse,
    EventType.RESOLVE: _end(Status.RESOLVED),
    EventType.CLOSE: _end(Status.CLOSED, of_resolved=True),
    EventType.DECLINE: _end(Status.DECLINED),
    EventType.MERGE: _end(Status.MERGED, of_resolved=True),
    EventType.REOPEN: _reopen,
    EventType.POLICY: _looking_again,
}


def _caused(why: Why, event: Event) -> Cause:
    return Cause(why, (event.by,) if event.by else ())


def _alive(state: Escalation, instant: Minute) -> Escalation:
    """The time to give a sign of life is counted from now, where somebody has it."""
    if state.status is not Status.ACKNOWLEDGED:
        return state
    timeout = state.policy.ack_timeout if state.policy else None
    return replace(state, due=None if timeout is None else instant + timeout)


def _time_out(state: Escalation, instant: Minute, directory: Directory) -> Step:
    timeout = (state.policy.ack_timeout if state.policy else None) or 0
    owners = (state.owner,) if state.owner else ()
    return _start(state, instant, directory, Cause(Why.TIMED_OUT, owners, timeout), leaving=state.owner)


def _start_if_covered(state: Escalation, instant: Minute, directory: Directory) -> Step:
    due = _covered_from(state, instant, directory)
    if due != instant:
        return replace(state, due=due), ()
    started = _started(state, directory, Cause(Why.COVERED), _awaited(state, directory))
    return _tell_next(started, instant, directory)


def _covered_from(state: Escalation, instant: Minute, directory: Directory) -> Minute | None:
    policy = _awaited(state, directory)
    return directory.next_naming(policy, instant, state.roles) if policy else None


def _awaited(state: Escalation, directory: Directory) -> Policy | None:
    """Whose levels may come to name somebody: those of the policy that ran, as it is written now."""
    return directory.as_written_now(state.policy) if state.policy else directory.policy_for(state.severity)


def _start(
    state: Escalation, instant: Minute, directory: Directory, cause: Cause, *, leaving: str | None = None
) -> Step:
    return _tell_within_hours(replace(_started(state, directory, cause), leaving=leaving), instant, directory)


def _started(state: Escalation, directory: Directory, cause: Cause, policy: Policy | None = None) -> Escalation:
    """Before round 1, level 1: of the policy given, else of the one that counts for the severity."""
    return replace(
        _stopped(state),
        status=Status.TRIGGERED,
        owner=None,
        policy=policy or directory.policy_for(state.severity),
        started_for=state.severity,
        place=BEGINNING,
        cause=cause,
    )


def _stopped(state: Escalation) -> Escalation:
    return replace(state, epoch=state.epoch + 1, due=None, leaving=None, is_uncovered=False)


def _tell_within_hours(state: Escalation, instant: Minute, directory: Directory) -> Step:
    opens = opening(state.policy.hours if state.policy else None, instant)
    if opens > instant:
        return replace(state, due=opens, cause=replace(state.cause, was_held=True)), ()
    return _tell_next(state, instant, directory)


def _tell_next(state: Escalation, instant: Minute, directory: Directory) -> Step:
    """At once, because of the state's cause."""
    found = _walked(state, instant, directory)
    told = _notifications(found, state, instant)
    after = replace(state, place=found.place, leaving=None, is_uncovered=found.is_round_empty)
    if found.place.is_last_resort:
        return replace(after, due=_covered_from(after, instant, directory) if after.is_uncovered else None), told
    cause = Cause(Why.UNANSWERED, told[-1].people, found.wait)
    return replace(after, due=instant + found.wait, cause=cause), told


def _walked(state: Escalation, instant: Minute, directory: Directory) -> Walk:
    if state.policy is None:
        return Walk(LAST_RESORT, (), is_round_empty=True)
    return walk(state.policy, state.place, instant, state.roles, directory)


def _notifications(found: Walk, state: Escalation, instant: Minute) -> tuple[Notification, ...]:
    """Those passed over, and the one told; whoever let their time pass stands behind the others."""
    behind = (state.leaving,) if state.leaving else ()
    cause = Cause(Why.NOBODY_NAMED) if found.is_round_empty else state.cause
    passed = [
        Notification(instant, each.place, (), state.cause, state.severity, each.vacancies) for each in found.skipped
    ]
    people = tuple(dict.fromkeys((*found.people, *behind)))
    nobody = () if state.policy else (f"no policy covers severity {state.severity}",)
    return (*passed, Notification(instant, found.place, people, cause, state.severity, nobody))
