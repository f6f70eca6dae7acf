"""The dead letters beside the queue."""

from collections.abc import AsyncIterator

from azure.servicebus import ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusReceiver

from worker.messaging.message import Message
from worker.messaging.receiver import Receiver
from worker.messaging.sdk_errors import BROKEN, translated

# Enough for a link that is open; the end of the dead letters is found by waiting for one more.
_DEAD_LETTER_POLL_SECONDS = 3
_PEEK_SECONDS = 30
# The most that the broker gives to one look.
_PAGE = 250


class DeadLetterReceiver(Receiver):
    """The dead letters beside the queue: looked at without a lock, or locked many at a time."""

    async def peek(self, sequence: int, count: int) -> list[Message]:
        """The next ones from this sequence number on, locked by somebody or not; empty only at the end."""
        async with self._one_at_a_time:
            try:
                receiver = await self._ensure_running()
                # Without a number the receiver goes on from what it peeked last.
                peeked = await receiver.peek_messages(count, sequence_number=max(1, sequence), timeout=_PEEK_SECONDS)
            except BROKEN as error:
                await self._forget()
                raise translated(error, f"look at the dead letters of the queue {self._queue!r}") from error
        return [self._read(received) for received in peeked]

    async def browse(self) -> AsyncIterator[Message]:
        """Every dead letter that there is, the oldest first, without a lock."""
        sequence = 1
        while page := await self.peek(sequence, _PAGE):
            for message in page:
                yield message
            sequence = page[-1].sequence + 1

    async def receive_many(self, count: int) -> list[Message]:
        """Up to so many that nobody holds, locked for us; empty after a short wait without one."""
        async with self._one_at_a_time:
            try:
                receiver = await self._ensure_running()
                received = await receiver.receive_messages(count, max_wait_time=_DEAD_LETTER_POLL_SECONDS)
            except BROKEN as error:
                await self._forget()
                raise translated(error, f"receive from the dead letters of the queue {self._queue!r}") from error
        return [self._read(each) for each in received]

    def _attached(self) -> ServiceBusReceiver:
        return self._client.get_queue_receiver(
            self._queue,
            sub_queue=ServiceBusSubQueue.DEAD_LETTER,
            prefetch_count=0,
            client_identifier=self.name,
        )
