"""What people and the clock did: every entry of the response, as it happened."""

from collections.abc import Iterator

from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.review.from_calls import CALLS
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

# What tells the story, of all that was written down.
_KEY = frozenset(
    {
        "opened", "acknowledged", "taken", "unacknowledged", "timed-out", "escalated", "mitigated", "relapsed",
        "resolved", "reopened", "declined", "merged", "closed", "severity", "impact", "role-given", "role-accepted",
        "action",
    }
)  # fmt: skip
# Says nothing to anybody: fields that changed beside something else.
_SILENT = frozenset({"changed"})


def response_events(known: KnownIncident) -> Iterator[TimelineEvent]:
    for entry in known.entries:
        if entry.kind in CALLS or (entry.kind in _SILENT and not entry.text):
            continue
        yield TimelineEvent(
            at=entry.at,
            recorded_at=entry.recorded_at,
            source=TimelineSource.RESPONSE,
            seq=entry.seq,
            kind=entry.kind,
            actor=entry.actor.spoken,
            text=entry.text,
            data={**entry.data, "from": entry.source.value},
            key=entry.kind in _KEY,
        )
