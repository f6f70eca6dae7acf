"""That what an effect builds on is not there yet."""

from datetime import UTC, datetime, timedelta

from worker.domain.errors import Transient
from worker.domain.incident import Incident
from worker.domain.response.entry import Entry

_SOON, _LATER = timedelta(seconds=2), timedelta(minutes=2)
_PATIENCE = 10
# Longer than a system is away; what is not launched by then is done without.
_AWAITED = timedelta(hours=6)


def not_announced_yet(incident: Incident, entry: Entry) -> Transient:
    """The longer nothing is announced, the more seldom it is looked for."""
    waited = datetime.now(UTC) - entry.recorded_at
    return Transient(f"{incident.id} is not announced yet.", retry_after=min(max(waited / _PATIENCE, _SOON), _LATER))


def await_launch(incident: Incident, entry: Entry) -> None:
    """Raises Transient while what the effect would be put into may yet be made."""
    if datetime.now(UTC) - entry.recorded_at < _AWAITED:
        raise not_announced_yet(incident, entry)
