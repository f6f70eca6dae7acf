"""One line of the axis of time, whatever it comes from."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field


class TimelineSource(StrEnum):
    """In the order in which they stand where they happened at the same moment."""

    ALERT = "alert"
    LAUNCH = "launch"
    CALLS = "calls"
    RESPONSE = "response"
    CHANNEL = "channel"
    WORK_ITEM = "work-item"


class TimelineLink(BaseModel, frozen=True, extra="forbid"):
    """Something that can be looked at, such as a file or a work item."""

    text: str
    url: str


class TimelineEvent(BaseModel, frozen=True, extra="forbid"):
    """`at` is when it happened, `recorded_at` when it was written down; `seq` counts within its source.

    `thread`: of a reply, the id of the message that it answers. `key`: it is one of the few that tell the story.
    """

    at: AwareDatetime
    recorded_at: AwareDatetime
    source: TimelineSource
    seq: int = 0
    kind: str
    actor: str = ""
    text: str
    data: dict[str, Any] = Field(default_factory=dict)
    thread: str = ""
    links: tuple[TimelineLink, ...] = ()
    key: bool = False


_ORDER = {source: number for number, source in enumerate(TimelineSource)}


def on_one_axis(events: Iterable[TimelineEvent]) -> tuple[TimelineEvent, ...]:
    """By when they happened; at the same moment by source, then by their number there."""
    return tuple(sorted(events, key=lambda each: (each.at, _ORDER[each.source], each.seq, each.kind, each.text)))
