"""The reminder in the queue that what an incident's alerts have come to is to be told.

All alerts that come within one interval share one reminder: it is delivered after the interval's end, and so after each
of them was kept; and it has the same message id whoever sends it, so that duplicate detection leaves one of them.
"""

import math
from collections import OrderedDict
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event, EventType
from worker.domain.incident import incident_id
from worker.messaging.lock import BrokerTime
from worker.messaging.mark import Marks

# What a worker takes for the broker's time may be behind it by so much.
_MARGIN = timedelta(seconds=2)
_REMEMBERED = 1_000


class Publish(Protocol):
    def __call__(self, encoded: EncodedEvent, *, at: datetime, mark: str) -> Awaitable[None]: ...


class ReminderScheduler:
    def __init__(self, publish: Publish, every: timedelta, marks: Marks) -> None:
        self._publish = publish
        self._marks = marks
        self._every = every
        self._sent: OrderedDict[str, int] = OrderedDict()

    async def remind(self, key: str, broker_time: BrokerTime) -> None:
        """Return once the broker has the reminder; to be called after the alert was kept."""
        incident = incident_id(key)
        interval = math.floor(broker_time().timestamp() / self._every.total_seconds())
        if self._sent.get(incident) == interval:
            return
        end = datetime.fromtimestamp((interval + 1) * self._every.total_seconds(), UTC)
        # Not the end itself: who is behind the broker's time keeps alerts of this interval until then.
        due = end + _MARGIN
        message_id = f"{incident}:summary:{interval}"
        encoded = EncodedEvent.of(reminder(key, due), message_id=message_id)
        await self._publish(encoded, at=due, mark=await self._marks.make(encoded.body))
        self._sent[incident] = interval
        self._sent.move_to_end(incident)
        if len(self._sent) > _REMEMBERED:
            self._sent.popitem(last=False)


def reminder(key: str, due: datetime) -> Event:
    """`due`: from when on whoever counts the alerts counts all it reminds of; its age counts from then as well."""
    title = "Tell what the alerts of this incident have come to"
    return Event(type=EventType.SUMMARY_DUE, title=title, key=key, received_at=due)
