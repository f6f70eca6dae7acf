"""The lines of the axis of time in Markdown, under the day of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from worker.incidents.review.markdown_text import link, one_line
from worker.incidents.review.markdown_time import TwoClocks
from worker.incidents.review.timeline_event import TimelineEvent, TimelineSource

# Whoever notes within a minute notes at once.
_AT_ONCE_SECONDS = 60


def is_noted_later(event: TimelineEvent) -> bool:
    return (event.recorded_at - event.at).total_seconds() > _AT_ONCE_SECONDS


class Axis:
    """`timeline` is the whole of it, in which an answer finds what it answers."""

    def __init__(self, timeline: Sequence[TimelineEvent], clocks: TwoClocks) -> None:
        self._clocks = clocks
        self._roots: dict[str, TimelineEvent] = {}
        self._replies: defaultdict[str, list[TimelineEvent]] = defaultdict(list)
        for event in timeline:
            if event.source is not TimelineSource.CHANNEL:
                continue
            if event.thread:
                self._replies[event.thread].append(event)
            else:
                self._roots[str(event.data.get("id"))] = event

    def lines(self, events: Iterable[TimelineEvent], *, threaded: bool = False) -> Iterator[str]:
        """`threaded`: an answer stands beneath what it answers as well, beside its own place in time."""
        day = ""
        for event in events:
            if (today := self._clocks.day(event.at)) != day:
                yield from ("", f"**{today}**", "")
                day = today
            yield f"- {self._line(event)}"
            if threaded and self._roots.get(str(event.data.get("id"))) is event:
                yield from (f"  - {self._line(reply)}" for reply in self._replies[str(event.data["id"])])

    def _line(self, event: TimelineEvent) -> str:
        parts = (
            f"{self._clocks.time(event.at)} · {event.source.value} ·",
            f"**{one_line(event.actor)}**:" if event.actor else "",
            self._in_reply(event) if event.thread else "",
            one_line(event.text),
            f"(noted at {self._noted_at(event)})" if is_noted_later(event) else "",
            " ".join(link(each.text, each.url) for each in event.links),
        )
        return " ".join(part for part in parts if part)

    def _in_reply(self, event: TimelineEvent) -> str:
        root = self._roots.get(event.thread)
        return "(in reply)" if root is None else f"(in reply to {one_line(root.actor)} at {root.at:%H:%M:%S})"

    def _noted_at(self, event: TimelineEvent) -> str:
        same_day = self._clocks.day(event.at) == self._clocks.day(event.recorded_at)
        return f"{event.recorded_at:%H:%M}" if same_day else f"{event.recorded_at:%Y-%m-%d %H:%M}"
