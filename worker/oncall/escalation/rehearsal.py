"""What an escalation would come to: from policies, schedules, an incident and events to who is told when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from worker.oncall.escalation.directory import Directory
from worker.oncall.escalation.event import Event, EventType
from worker.oncall.escalation.notification import Notification
from worker.oncall.escalation.state import Escalation, Roles
from worker.oncall.escalation.transitions import open_escalation, step
from worker.oncall.schedule.moments import Moment
from worker.oncall.schedule.wall_clock import Minute


@dataclass(frozen=True, slots=True)
class Incident:
    """`service` is None where none is named."""

    severity: int
    opened_at: Minute
    service: str | None = None
    roles: Roles = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All that happened, in its order, and how it stands at `until`, with what falls due in that minute."""

    timeline: tuple[Event | Notification, ...]
    until: Minute
    end: Escalation

    @property
    def told(self) -> Sequence[Notification]:
        return [each for each in self.timeline if isinstance(each, Notification)]

    def document(self) -> dict[str, Any]:
        """As JSON says it; times in UTC."""
        end = self.end
        policy = end.policy.name if end.policy else None
        return {
            "told": [_entry(each) for each in self.told],
            "end": {"status": end.status.value, "owner": end.owner, "severity": end.severity, "policy": policy},
        }


def rehearse(directory: Directory, incident: Incident, events: Iterable[Event], until: Minute) -> Rehearsal:
    """`events` in any order; those of one minute in the order given. What comes later than `until` does not happen."""
    state, told = open_escalation(incident.severity, incident.roles, incident.opened_at, directory)
    timeline: list[Event | Notification] = [*told]
    coming = sorted((event for event in events if event.at <= until), key=lambda event: event.at)
    for event in coming:
        state, told = pass_time(state, event.at - 1, directory)
        timeline += [*told, event]
        if event.policy is not None:
            directory = directory.with_policy(event.policy)
        state, told = step(state, event, directory)
        timeline += told
    state, told = pass_time(state, until, directory)
    return Rehearsal((*timeline, *told), until, state)


def pass_time(state: Escalation, until: Minute, directory: Directory) -> tuple[Escalation, tuple[Notification, ...]]:
    """All that falls due up to then, that minute included, each at its time."""
    told: list[Notification] = []
    while state.due is not None and state.due <= until:
        state, notifications = step(state, Event(state.due, EventType.TIMER), directory)
        told += notifications
    return state, tuple(told)


def _entry(told: Notification) -> dict[str, Any]:
    at = str(Moment(told.at, is_instant=True))
    if told.place.is_last_resort:
        return {"at": at, "level": "last-resort", "people": list(told.people)}
    entry = {"at": at, "round": told.place.round, "level": told.place.level, "people": list(told.people)}
    return {**entry, "skipped": True} if told.is_skipped else entry
