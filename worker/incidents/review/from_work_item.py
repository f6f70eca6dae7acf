"""What people changed on the work item."""

from collections.abc import Iterator, Sequence

from worker.incidents.review.item_change import ItemChange
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

_KEY = frozenset({"state"})
_NOBODY = "nothing"


def work_item_events(changes: Sequence[ItemChange]) -> Iterator[TimelineEvent]:
    for number, change in enumerate(changes, start=1):
        if change.what == "comment":
            text = change.text
        else:
            text = f"{change.what}: {change.old or _NOBODY} → {change.new or _NOBODY}" + (
                f". {change.text}" if change.text else ""
            )
        yield TimelineEvent(
            at=change.at,
            recorded_at=change.at,
            source=TimelineSource.WORK_ITEM,
            seq=number,
            kind=change.what,
            actor=change.by,
            text=text,
            data={"old": change.old, "new": change.new},
            key=change.what in _KEY,
        )
