"""How urgent it is what is done here, and for whom: by this whoever chooses among those that wait chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Self

from worker.domain.event import Event, Severity
from worker.domain.flood import is_flood


@dataclass(frozen=True, slots=True)
class Urgency:
    """`rank`: 1 before 2 before 3. `sender`: those of one rank take turns by it."""

    rank: int
    sender: str = ""

    @classmethod
    def of(cls, event: Event) -> Self:
        # What tells of a flood is told before what is in it.
        lowest = Severity.HIGH if is_flood(event.key) else Severity.MEDIUM
        return cls(min(event.severity, lowest).value, event.sent_by)

    @property
    def overtakes(self) -> bool:
        """Whether it goes before what is not urgent."""
        return self.rank < _USUAL.rank


_USUAL = Urgency(Severity.MEDIUM.value)
# A context variable, since it must reach the limits of remote systems without passing through their clients.
_current: ContextVar[Urgency] = ContextVar("urgency", default=_USUAL)


@contextmanager
def acting_with(urgency: Urgency) -> Iterator[None]:
    """What happens within, in this task and in those that it starts, is as urgent as that."""
    token = _current.set(urgency)
    try:
        yield
    finally:
        _current.reset(token)


def current_urgency() -> Urgency:
    return _current.get()
