"""What the intake reads of how the response to an incident stands; it never writes it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from worker.domain.response.act import Outcome
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.incidents.history import History

WithResponse = Callable[[History], Awaitable[History]]


async def as_it_is(history: History) -> History:
    """Where nothing keeps responses."""
    return history


class Stored(Protocol):
    @property
    def response(self) -> Response: ...


class Responses(Protocol):
    """Raises as the store does."""

    async def read(self, incident_id: str) -> Stored | None: ...

    async def entries(self, incident_id: str) -> Sequence[Entry]: ...

    async def outcome(self, incident_id: str, act_id: str) -> Outcome | None: ...


class NoResponses:
    """Where nothing keeps them."""

    async def read(self, _incident_id: str) -> Stored | None:
        return None

    async def entries(self, _incident_id: str) -> Sequence[Entry]:
        return ()

    async def outcome(self, _incident_id: str, _act_id: str) -> Outcome | None:
        return None
