"""What people are told of a shift, as the engine takes it: steps with checkpoints under a lease, and no incident."""

from functools import cached_property

from worker.domain.event import Event, Severity
from worker.domain.incident import Incident, incident_id

_SOURCE = "tocsin"


class ShiftNotice(Incident, frozen=True):
    """Its key begins with when it is about, and so does its id: what is late by now is found by a range of ids."""

    @cached_property
    def id(self) -> str:
        instant, _, _ = self.key.partition(":")
        return f"notice-{instant}-{incident_id(self.key).removeprefix('inc-')}"


def notice_event(title: str) -> Event:
    return Event(title=title, severity=Severity.INFORMATION, source=_SOURCE)
