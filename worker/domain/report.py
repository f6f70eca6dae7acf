"""What a person adds to an incident that is open, bounded to what a note has room for."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from worker.domain.event import Event, EventType, Severity
from worker.domain.own_keys import OF_REPORT
from worker.domain.text import clean_line, cut

_TITLE_LIMIT = 300
_DESCRIPTION_LIMIT = 1_200
_IMPACT_LIMIT = 600
_BY_LIMIT = 200


class Report(BaseModel, frozen=True):
    """One person's words, each in one line; `by` is who or what sent it, as it says itself."""

    title: str
    description: str = ""
    impact: str = ""
    by: str = ""
    at: datetime

    @classmethod
    def of(cls, event: Event, at: datetime) -> Self:
        return cls(
            title=cut(_TITLE_LIMIT)(event.title),
            description=cut(_DESCRIPTION_LIMIT)(clean_line(event.description)),
            impact=cut(_IMPACT_LIMIT)(clean_line(event.impact)),
            by=cut(_BY_LIMIT)(event.source),
            at=at,
        )


def own_key(event: Event) -> str:
    """The same for every delivery of this report; nobody will ever launch what it names."""
    return OF_REPORT + event.id


def report_on(event: Event, key: str, *, by: str) -> Event:
    """What was to be raised, as a report on the incident with that key.

    `by` is who says it. A severity that nobody chose raises none.
    """
    severity = event.severity if "severity" in event.model_fields_set else Severity.INFORMATION
    facts = {"type": EventType.REPORT, "key": key, "severity": severity, "source": by}
    return event.model_copy(update={**facts, "fingerprint": "", "raw": None})
