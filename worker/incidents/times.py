"""The times of an incident, from when it began to when it was closed: the launch's among those of the response."""

from collections.abc import Mapping
from datetime import datetime

from worker.domain.response.response import TimeValue

# In the order in which they should follow one another.
TIMES = (
    "occurred_at",
    "first_known_at",
    "received_at",
    "launched_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
)


def times_of(known: Mapping[str, TimeValue], launched_at: datetime | None) -> dict[str, TimeValue]:
    """With when the launch ended, if it has, as the journal says; what is not known is not there."""
    launch = (
        {"launched_at": TimeValue(value=launched_at, source="clock", recorded_at=launched_at)} if launched_at else {}
    )
    every = {**known, **launch}
    return {name: every[name] for name in TIMES if name in every}
