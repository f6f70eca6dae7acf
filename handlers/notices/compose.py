"""Settle what is said and to whom, before anybody is told."""

from collections.abc import Awaitable, Callable

from worker.domain.incident import Incident
from worker.engine.step import Done, Lookup
from worker.oncall.notices.message import COMPOSED, ShiftMessage, nothing_to_tell


class ComposeShiftMessage(Lookup[ShiftMessage]):
    """Stored, so that every attempt tells the same people the same."""

    name = COMPOSED
    result = ShiftMessage

    def describe(self, result: ShiftMessage) -> str:
        return f"to {', '.join(each.name for each in result.recipients) or 'nobody'}"

    def __init__(self, compose: Callable[[], Awaitable[ShiftMessage]] | None) -> None:
        self._compose = compose

    def without_effect(self, incident: Incident, done: Done) -> ShiftMessage | None:
        del done
        return nothing_to_tell(incident.key) if self._compose is None else None

    async def run(self, incident: Incident, done: Done) -> ShiftMessage:
        del done
        return await self._compose() if self._compose else nothing_to_tell(incident.key)
