"""One incident with all that figures and reviews are made of, as it was read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from worker.domain.response.entry import Entry
from worker.domain.response.response import Response, TimeValue
from worker.domain.response.state import ResponseState
from worker.incidents.history import History, Told
from worker.incidents.times import times_of

_TRUE = frozenset({"true", "yes", "1", "on"})


@dataclass(frozen=True)
class KnownIncident:
    """`response` is None where none has begun. `paged`: whom the response told, beside whom the launch did."""

    history: History
    response: Response | None = None
    entries: tuple[Entry, ...] = ()
    paged: tuple[Told, ...] = ()

    @property
    def pages(self) -> tuple[Told, ...]:
        """Who was told by which way, by launch and response, in the order in which the ways answered."""
        pages = (*self.history.told, *self.paged)
        return tuple(sorted(pages, key=lambda page: (page.at is None, page.at)))

    @property
    def told_at(self) -> datetime | None:
        """When the first person was told."""
        own = (self.history.told_at, *(page.at for page in self.paged if page.told))
        return min((at for at in own if at is not None), default=None)

    @property
    def severity(self) -> int:
        return self.response.severity if self.response is not None else int(self.history.event.severity)

    @property
    def is_test(self) -> bool:
        """Whether its sender says so, by the label `test`."""
        labels = {name.casefold(): value.casefold() for name, value in self.history.event.labels.items()}
        return labels.get("test", "") in _TRUE

    @property
    def times(self) -> Mapping[str, TimeValue]:
        """By their names, in the order in which they should follow one another; what is not known is not there."""
        known = {**dict(self._of_history()), **(self.response.times if self.response is not None else {})}
        return times_of(known, self.history.launched_at)

    def _of_history(self) -> Iterator[tuple[str, TimeValue]]:
        history, event = self.history, self.history.event
        at = history.received_at
        if event.occurred_at is not None:
            yield "occurred_at", TimeValue(value=event.occurred_at, source="alert", recorded_at=at)
        first_known = event.first_known_at
        yield (
            "first_known_at",
            TimeValue(value=first_known or at, source="person" if first_known else "clock", recorded_at=at),
        )
        yield "received_at", TimeValue(value=at, source="clock", recorded_at=at)

    def changes_of_state(self) -> Iterator[tuple[datetime, ResponseState, Entry]]:
        """When it happened, and what it was from then on."""
        for entry in self.entries:
            if "state" in entry.sets:
                yield entry.at, ResponseState(entry.sets["state"]), entry
