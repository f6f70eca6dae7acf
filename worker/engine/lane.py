"""A lane: one kind of effect of an incident's entries, on checkpoints and under a lease of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from worker.domain.checkpoint import Checkpoint
from worker.domain.response.act import Act
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.engine.step import Playbook


class LaneOrder(StrEnum):
    EACH = "each"  # every entry by itself: none waits for another
    IN_ORDER = "in-order"  # one entry after the other
    NEWEST = "newest"  # what is shown is how it stands now, so the newest entry does for all


Follow = Callable[[Entry, Mapping[str, Checkpoint]], Iterable[Act]]


def _nothing(_entry: Entry, _made: Mapping[str, Checkpoint]) -> Iterable[Act]:
    return ()


def _newest(entries: Sequence[Entry]) -> Entry:
    return entries[-1]


@dataclass(frozen=True, slots=True)
class Lane:
    """`concerns`: whether an entry has an effect here. `playbook`: its steps, each named for the entry, as `say-17`,
    unless the newest one does for all; what they need of the launch stands before them.

    `follow`: what is to be recorded of what they came to. `stands_for_all`: of entries of which one does for all, the
    one that is said to be why.
    """

    name: str
    order: LaneOrder
    concerns: Callable[[Entry], bool]
    playbook: Callable[[Entry, Response], Playbook]
    follow: Follow = _nothing
    stands_for_all: Callable[[Sequence[Entry]], Entry] = _newest

    def partition(self, entry: Entry) -> str:
        """By which name its lease and checkpoints are kept."""
        return f"{self.name}-{entry.seq}" if self.order is LaneOrder.EACH else self.name
