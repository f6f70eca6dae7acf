"""What can be done to a dead letter, and the plan of it for one of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from worker.dead_letters.browse import DecodedLetter
from worker.dead_letters.outcome import ItemOutcome
from worker.messaging.message import Message

# Does what is to be done, and says so; DONE is said only when the dead letter may be taken out.
CarryOut = Callable[[Message], Awaitable[ItemOutcome]]


@dataclass(frozen=True, slots=True)
class Planned:
    """`carry_out` knows what was read of the dead letter when it was planned; None where nothing is to be done."""

    outcome: ItemOutcome
    carry_out: CarryOut | None = None


class Operation(Protocol):
    """Replay or Discard."""

    action: str

    def plan(self, decoded: DecodedLetter) -> Planned:
        """What would become of it, as far as the message itself says; nothing is locked or changed."""
        ...

    async def check(self, planned: Planned) -> Planned:
        """The same, by what the store knows of its incident."""
        ...
