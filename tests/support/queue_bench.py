"""A queue stand-in in this process and our own client of it, for tests that watch one message closely."""

import asyncio
import gc
import warnings
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from azure.servicebus import ServiceBusMessage
from patience import LIMIT

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.messaging.connection import open_queue
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.settings import Settings


def forget_lost_sockets():
    """The SDK leaves the sockets of broken connections to the garbage collector, which is noisy about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class QueueBench:
    """A context; `restart` keeps the messages and forgets the locks, as a broker does.

    With `still` the broker's clock stands still but for `later`, and no lock ends because a machine was busy.
    """

    def __init__(self, data, *, lock=timedelta(seconds=30), still=False, **settings):
        self.data = data
        self.lock = lock
        self._stands_at = datetime.now(UTC) if still else None
        self._queue = QueueSettings("incidents", lock_duration=lock, requires_duplicate_detection=True, **settings)
        self._stack = AsyncExitStack()
        self._receivers = []

    async def __aenter__(self):
        self.server = await ServiceBusServer.start([self._queue], clock=self.now, data=self.data)
        self.port = self.server.port
        self.settings = Settings.read(_env_file=None, servicebus_connection_string=self.server.connection_string)
        self.queue = await self._stack.enter_async_context(open_queue(self.settings))
        return self

    async def __aexit__(self, *_):
        await asyncio.gather(*(receiver.close() for receiver in self._receivers))
        await self._stack.aclose()
        await self.server.close()
        forget_lost_sockets()

    async def restart(self):
        await self.server.close()
        self.server = await ServiceBusServer.start([self._queue], clock=self.now, data=self.data, port=self.port)

    def now(self):
        """By the broker's clock."""
        return self._stands_at or datetime.now(UTC)

    def later_from_the_start(self, step):
        """As if the clocks of the broker, which stands still, and of this machine were so far apart."""
        self._stands_at += step

    def later(self, step):
        """Let time pass for a broker whose clock stands still."""
        self._stands_at += step
        self.server.broker.tick()

    async def renewed(self):
        """Whether every message is locked for its whole time from now, which only a renewal since `later` can do."""
        return {message["locked_until"] for message in self.messages} == {(self.now() + self.lock).isoformat()}

    def receiver(self, name="receiver"):
        self._receivers.append(self.queue.receiver(name))
        return self._receivers[-1]

    async def send(self, *titles):
        for title in titles:
            await self.queue.sender.publish(EncodedEvent.of(Event(title=title, key=title)))

    async def put(self, *messages):
        """Without anything of ours: as another program would."""
        async with self.queue._client.get_queue_sender("incidents") as sender:
            for message in messages:
                await sender.send_messages(message)

    async def take(self, slot):
        """The next message, whatever happens to the link meanwhile."""
        async with asyncio.timeout(LIMIT):
            while True:
                try:
                    await slot.open()
                    message = await slot.receive()
                except Exception:  # noqa: BLE001 (as the consumer does)
                    await asyncio.sleep(0.1)
                    continue
                if message:
                    return message

    @property
    def counts(self):
        return self.server.broker.counts("incidents")

    @property
    def messages(self):
        return self.server.snapshot()["incidents"]["messages"]

    async def outage(self, seconds):
        """Every connection is cut and none is let in for so long."""
        self.server.faults.inject("refuse")
        self.server.faults.inject("drop")
        await asyncio.sleep(seconds)
        self.server.faults.clear()


def an_event(title):
    return ServiceBusMessage(Event(title=title, key=title).model_dump_json(), message_id=title)
