"""The promise of the next update: by when it is, and whether it was kept."""

from datetime import datetime, timedelta

from worker.domain.response.response import PersonRef, Promise
from worker.domain.response.roles import COMMANDER, COMMUNICATIONS
from worker.domain.response.state import ResponseState
from worker.lifecycle.response.circumstances import Circumstances
from worker.lifecycle.response.log import Log
from worker.lifecycle.response.policy_clock import minute_now, wall_time_of
from worker.lifecycle.response.wording import clock_words
from worker.oncall.definitions import QuietHours
from worker.oncall.escalation.hours import opening
from worker.oncall.schedule.windows import read_windows

# Of which topic reminders are, so that one message is edited.
REMINDER = "update-reminder"
# Who owns it writes the updates of milder ones.
_LED = 2
_COUNTED = 2
_OFFICE = read_windows(["mon-fri 09:00-17:00"])


def promise(log: Log, known: Circumstances, *, minutes: float | None = None, is_first: bool = False) -> None:
    """That an update comes in so many minutes, else as is usual for how it stands, which may be never."""
    every = minutes if minutes is not None else _interval(log, known, is_first=is_first)
    if every is None or not log.response.is_running:
        log.set(promise=None)
        return
    due = known.after(every)
    if minutes is None and log.response.update_every is None and _cadence_is_within_hours(log, known):
        due = _within_hours(log, known, due)
    log.set(promise=Promise(due_at=due, made_at=known.now))


def hasten(log: Log, known: Circumstances, *, is_first: bool = False) -> None:
    """As `promise`, but what was promised for an earlier time stays."""
    before = log.response.promise
    promise(log, known, is_first=is_first)
    after = log.response.promise
    if before is not None and after is not None and before.due_at < after.due_at:
        log.set(promise=before)


def keep(log: Log) -> None:
    """An update has come: what was promised is kept, or was broken."""
    before = log.response.promise
    if before is None or before.reminded >= _COUNTED:
        return
    if log.at <= before.due_at:
        log.set(promises_kept=log.response.promises_kept + 1)
    else:
        log.set(promises_broken=log.response.promises_broken + 1)


def end_promises(log: Log) -> None:
    """Nothing more is promised; what was overdue was broken."""
    before = log.response.promise
    if before is not None and log.at > before.due_at:
        keep(log)
    if before is not None:
        log.set(promise=None)


def next_update_words(log: Log) -> str:
    awaited = log.response.promise
    return f"Next update by {clock_words(awaited.due_at, log.now)}." if awaited is not None else ""


def reminder_due(awaited: Promise, known: Circumstances) -> datetime | None:
    """When the next reminder of it is due; None where all have come."""
    interval = awaited.due_at - awaited.made_at
    overdue = overdue_at(awaited, known)
    moments = (
        awaited.due_at - min(known.lasting(known.rules.remind_before), interval / 2),
        overdue,
        # Whoever was mentioned has time to write it, also where the mention came late.
        max(awaited.due_at + interval, (awaited.reminded_at or overdue) + known.lasting(known.rules.overdue_after)),
    )
    return moments[awaited.reminded] if awaited.reminded < len(moments) else None


def overdue_at(awaited: Promise, known: Circumstances) -> datetime:
    return awaited.due_at + known.lasting(known.rules.overdue_after)


def writers(log: Log) -> tuple[tuple[PersonRef, ...], str]:
    """Who is to write the next update, and as what; nobody where nobody has it."""
    response = log.response
    if response.severity <= _LED:
        for role in (COMMUNICATIONS, COMMANDER):
            if people := response.has(role):
                return people, role
    return tuple(filter(None, [response.owner])), ""


def _interval(log: Log, known: Circumstances, *, is_first: bool) -> float | None:
    response = log.response
    if response.state not in {ResponseState.ACKNOWLEDGED, ResponseState.MITIGATED}:
        return None
    is_mitigated = response.state is ResponseState.MITIGATED
    if response.update_every is not None:
        return response.update_every * (2 if is_mitigated else 1) or None
    usual = known.rules.cadence.get(response.severity)
    if usual is None:
        return None
    return usual.mitigated if is_mitigated else usual.first if is_first else usual.then


def _cadence_is_within_hours(log: Log, known: Circumstances) -> bool:
    usual = known.rules.cadence.get(log.response.severity)
    return usual is not None and usual.within_hours


def _within_hours(log: Log, known: Circumstances, due: datetime) -> datetime:
    """The same, or when working hours begin: the policy's, else an office's where the service is watched."""
    clock = log.response.clock
    minute, _ = minute_now(clock, due)
    opens = opening(_working_hours(log, known), minute)
    return due if opens == minute else wall_time_of(clock, opens, timedelta())


def _working_hours(log: Log, known: Circumstances) -> QuietHours:
    policy = known.directory.policy_for(log.response.severity)
    if policy is not None and policy.hours is not None:
        return policy.hours
    return QuietHours(_zone(known), _OFFICE)


def _zone(known: Circumstances) -> str:
    """Of the first schedule that a policy names."""
    for policy in known.directory.policies:
        for target in (target for level in policy.levels for target in level.notify if target.kind == "schedule"):
            schedule = known.directory.schedules.get(target.name.casefold())
            if schedule is not None:
                return schedule.clock.name
    return "UTC"
