"""A lane: one kind of effect of an incident's entries, on checkpoints and under a lease of its own."""

from collections.abc import Callable, Iterable, Mapping
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


@dataclass(frozen=True, slots=True)
class Lane:
    """`concerns`: whether an entry has an effect here. `playbook`: its steps, each named for the entry, as `say-17`,
    unless the newest one does for all; what they need of the launch stands before them.

    `follow`: what is to be recorded of what they came to.
    """

    name: str
    order: LaneOrder
    concerns: Callable[[Entry], bool]
    playbook: Callable[[Entry, Response], Playbook]
    follow: Follow = _nothing

    def partition(self, entry: Entry) -> str:
        """By which name its lease and checkpoints are kept."""
        return f"{self.name}-{entry.seq}" if self.order is LaneOrder.EACH else self.name
