"""That what an effect builds on is not there yet."""

from datetime import UTC, datetime, timedelta

from worker.domain.errors import Transient
from worker.domain.incident import Incident
from worker.domain.response.entry import Entry

_SOON, _LATER = timedelta(seconds=2), timedelta(minutes=2)
_PATIENCE = 10


def not_announced_yet(incident: Incident, entry: Entry) -> Transient:
    """The longer nothing is announced, the more seldom it is looked for."""
    waited = datetime.now(UTC) - entry.recorded_at
    return Transient(f"{incident.id} is not announced yet.", retry_after=min(max(waited / _PATIENCE, _SOON), _LATER))
