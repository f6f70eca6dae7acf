"""What a decision looks at besides the act and how the incident stands: read before, so that deciding asks nobody."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from worker.domain.incident import Incident
from worker.domain.response.response import Response
from worker.domain.states import LaunchState
from worker.lifecycle.response.people_book import PeopleBook
from worker.lifecycle.response.rules import ResponseRules
from worker.oncall.escalation.directory import Directory


@dataclass(frozen=True, slots=True)
class Launched:
    """How far the launch is. `told_at`: when the first person was told by it."""

    state: LaunchState
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Other:
    """Another incident that an act names. `response` is None where none has begun."""

    incident: Incident
    response: Response | None = None


@dataclass(frozen=True)
class Circumstances:
    """`now` by the broker's clock. `directory`: the policies that may count for its service, and whom they name.

    `other`: the incident into which this one is to be merged; None where no act names one, or there is no such one.
    """

    now: datetime
    incident: Incident
    launch: Launched
    directory: Directory
    people: PeopleBook
    rules: ResponseRules = field(default_factory=ResponseRules)
    other: Other | None = None

    def after(self, minutes: float) -> datetime:
        """So many minutes from now; a minute of a policy may be shorter than one of the wall."""
        return self.now + self.lasting(minutes)

    def lasting(self, minutes: float) -> timedelta:
        return timedelta(seconds=minutes * self.rules.minute_seconds)
