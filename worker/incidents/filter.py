"""Which incidents are meant."""

from dataclasses import dataclass
from datetime import datetime

from worker.domain.event import Severity
from worker.domain.sender_scope import TRUSTED, Sender
from worker.domain.states import LaunchState
from worker.incidents.history import History


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """What is left empty lets all pass; of several values one is enough. Services are in lower case."""

    states: frozenset[LaunchState] = frozenset()
    services: frozenset[str] = frozenset()
    severities: frozenset[Severity] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    seen_by: Sender = TRUSTED

    def matches(self, history: History) -> bool:
        event = history.event
        return (
            (not self.states or history.state in self.states)
            and (not self.services or event.service.casefold() in self.services)
            and (not self.severities or event.severity in self.severities)
            and (self.since is None or history.received_at >= self.since)
            and (self.until is None or history.received_at <= self.until)
            and self.seen_by.may_see(event.sender, event.service)
        )


ALL = IncidentFilter()
