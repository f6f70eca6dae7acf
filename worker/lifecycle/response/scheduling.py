"""The messages by which timers come: each with the epoch of the state that set it, so that an older one is known."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event, EventType
from worker.domain.response.response import Response
from worker.domain.response.timer import Due, TimerKind
from worker.messaging.mark import Marks


class Publish(Protocol):
    def __call__(self, encoded: EncodedEvent, *, at: datetime | None, mark: str) -> Awaitable[None]: ...


class TimerScheduler:
    def __init__(self, publish: Publish, marks: Marks) -> None:
        self._publish = publish
        self._marks = marks

    async def schedule(self, key: str, before: Response | None, after: Response, *, again: str = "") -> None:
        """Send what was set between the two; return once the broker has it.

        `again`: tells the message from one of the same timer that the broker dropped, or lost.
        """
        known = before.timers if before is not None else {}
        for kind, timer in after.timers.items():
            if timer.due_at is not None and (again or known.get(kind) != timer):
                await self.send(key, after.incident_id, Due(kind=kind, epoch=timer.epoch, due_at=timer.due_at), again)

    async def send(self, key: str, incident_id: str, due: Due, again: str = "") -> None:
        event = Event(type=EventType.TIMER, title=_TITLES[due.kind], key=key, received_at=due.due_at, due=due)
        stamp = int(due.due_at.timestamp() * 1000)
        message_id = ":".join(filter(None, (incident_id, due.kind.value, str(due.epoch), str(stamp), again)))
        encoded = EncodedEvent.of(event, message_id=message_id)
        await self._publish(encoded, at=due.due_at, mark=await self._marks.make(encoded.body))


_TITLES = {
    TimerKind.ESCALATION: "Whether somebody has answered",
    TimerKind.ANSWER: "Whether whoever has it gives a sign of life",
    TimerKind.LAUNCH: "Whether the launch has told anybody",
    TimerKind.UPDATE: "Whether the promised update has come",
    TimerKind.ROLE: "Whether a role was confirmed",
    TimerKind.IMPACT: "Whether the impact is known",
    TimerKind.SCRIBE: "Whether somebody writes it down",
    TimerKind.SHIFT: "Whether a shift ends",
    TimerKind.REVIEW: "Whether the review is written",
    TimerKind.ARCHIVE: "Whether the channel is to be archived",
    TimerKind.EFFECTS: "Effects that are due",
}
