"""What is told of an incident's alerts, and to whom it was told already."""

from datetime import timedelta

from pydantic import BaseModel

from worker.domain.alert_summary import AlertSummary
from worker.domain.event import Severity


class Digest(BaseModel, frozen=True):
    """`reopen`: for how long after the last resolve a new firing still belongs to the incident."""

    summary: AlertSummary
    reopen: timedelta
    resolved_state: str | None = None

    @property
    def mark(self) -> str:
        return self.summary.mark


class PublishedSummary(BaseModel, frozen=True):
    """What a step has told: `id` of the note that is changed the next time, `mark` of what it says."""

    mark: str
    id: str = ""
    url: str = ""
    severity: Severity | None = None
    state_before: str | None = None
