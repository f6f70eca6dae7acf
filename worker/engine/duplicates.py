"""The same key twice: an object of ours beside the one that counts, and how it is looked for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from worker.domain.incident import Incident
from worker.engine.step import Done, Entry

Repair = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One object too many. Without `repair` it is left to people, and `because` tells them why and what to do.

    `repair` may be called again and by several at once; it answers whether this call was the one that repaired.
    """

    kind: str
    id: str
    kept: str
    repair: Repair | None = None
    because: str = ""


class DuplicateFinder(Protocol):
    """One kind of duplicates. Only what carries our exact mark is one: what a human made is nobody's duplicate."""

    step: ClassVar[type[Entry[Any]]]
    """Whose effect may stand twice; while it is under way its own `find` decides, and nobody looks."""

    async def duplicates(self, incident: Incident, done: Done) -> Sequence[Duplicate]:
        """What stands beside the one that stays: the one in the checkpoint, else the first."""
