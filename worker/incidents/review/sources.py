"""All that a review is made of, read before: making it asks nobody."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from worker.incidents.figures.known_incident import KnownIncident
from worker.incidents.review.channel_line import ChannelLine
from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.timeline_event import TimelineLink

PIN = "📌"


@dataclass(frozen=True)
class ReviewSources:
    """`gaps`: a sentence for each thing that could not be read. `zone`: of the service, for its people's own time."""

    known: KnownIncident
    lines: tuple[ChannelLine, ...] = ()
    changes: tuple[ItemChange, ...] = ()
    gaps: tuple[str, ...] = ()
    zone: tzinfo = UTC
    pins: frozenset[str] = field(default=frozenset({PIN}))
    links: tuple[TimelineLink, ...] = ()
