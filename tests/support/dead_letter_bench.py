"""A queue and a table store with dead letters in them, for tests of what people do with them."""

import asyncio
import json
import uuid
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from azure.servicebus import ServiceBusMessage
from pydantic import SecretStr

from worker.dead_letters.browse import DeadLetters
from worker.dead_letters.bulk import carry_out, plan, previewed
from worker.dead_letters.discard import Discard
from worker.dead_letters.filter import Filter
from worker.dead_letters.replay import Replay
from worker.domain.settlement import Complete, DeadLetter
from worker.grouping.alert_store import open_alert_store
from worker.messaging.connection import open_queue
from worker.messaging.decoding import Decoder, incident_from
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.storage.stores import open_stores

LOCK = timedelta(seconds=30)


class Bench:
    """A context; `later` lets time pass for the queue alone."""

    def __init__(self, settings, *, duplicate_detection=True, lock=LOCK):
        self._given = settings
        self._duplicate_detection = duplicate_detection
        self._lock = lock
        self._stack = AsyncExitStack()
        self._ahead = timedelta()
        self.said = []
        self._closing = []

    async def __aenter__(self):
        queue = QueueSettings(
            "incidents",
            lock_duration=self._lock,
            dead_lettering_on_expiration=True,
            requires_duplicate_detection=self._duplicate_detection,
            duplicate_detection_window=timedelta(minutes=5),
        )
        self.server = await ServiceBusServer.start([queue], clock=lambda: datetime.now(UTC) + self._ahead)
        self._stack.push_async_callback(self.server.close)
        connection = SecretStr(self.server.connection_string)
        settings = self._given.model_copy(update={"servicebus_connection_string": connection})
        self.queue = await self._stack.enter_async_context(open_queue(settings))
        self.slot = self.queue.receiver("test")
        self.dead_letters = DeadLetters(self.queue.dead_letters("test"), Decoder(), self._key_of)
        await self._open_store()
        self._stack.push_async_callback(self._close)
        return self

    async def __aexit__(self, *_):
        await self._stack.aclose()

    async def begin_anew(self):
        """With nothing in the queue and the table, and no credit left that would lock what comes."""
        entities = self.server.broker._queues["incidents"]
        for entity in (entities.main, entities.dead_letters):
            for message in entity.from_number(0, 99_999):
                entities._remove(entity, message)
        self.said.clear()
        self._closing.append(asyncio.create_task(self.dead_letters.receiver.close()))
        self.dead_letters = DeadLetters(self.queue.dead_letters("test"), Decoder(), self._key_of)
        await self._open_store()
        while entities.dead_letters in self.server.broker._subscribed.values():
            await asyncio.sleep(0.01)

    async def _open_store(self):
        settings = self._given.model_copy(update={"tables_incidents": f"t{uuid.uuid4().hex}"})
        self.stores = await self._stack.enter_async_context(open_stores(settings, owner="test"))
        await self.stores.table.prepare()
        self.alert_store = await self._stack.enter_async_context(open_alert_store(settings))

    async def _key_of(self, event):
        return await self.alert_store.key_of(event)

    async def _close(self):
        """At once, since the SDK takes a second for each."""
        await asyncio.gather(
            self.dead_letters.receiver.close(), self.slot.close(), self.queue.sender.close(), *self._closing
        )

    def later(self, step):
        self._ahead += step
        self.server.broker.tick()

    async def send(self, *bodies, **options):
        """Each with an id of its own unless one is given."""
        for body in bodies:
            content = json.dumps(body) if isinstance(body, dict) else body
            await self.queue.sender.send(ServiceBusMessage(content, **options))

    async def bury(self, *bodies, reason="Rejected:create-work-item", **options):
        """Sent, received and dead-lettered as a worker does it; the sequence numbers of the dead letters."""
        for body in bodies:
            await self.send(body, **options)
            message = await self.slot.receive()
            await self.slot.settle(message, DeadLetter(reason, f"create-work-item: {reason} was told."))
        return self.sequences()[-len(bodies) :]

    async def expire(self, *messages):
        """Many at once, and none of them was ever delivered."""
        async with self.queue._client.get_queue_sender("incidents") as sender:
            for start in range(0, len(messages), 100):
                await sender.send_messages(list(messages[start : start + 100]))
        self.later(timedelta(minutes=1))
        return self.sequences()

    def sequences(self):
        return [delivery.sequence_number for delivery in self.server.broker.peek("incidents/$deadletterqueue", 0, 9999)]

    def locked(self):
        peeked = self.server.broker.peek("incidents/$deadletterqueue", 0, 9999)
        return [delivery.sequence_number for delivery in peeked if delivery.locked_until]

    @property
    def counts(self):
        """How many wait in the queue, and how many among the dead letters."""
        counts = self.server.broker.counts("incidents")
        return counts.active, counts.dead_lettered

    async def taken(self):
        """Everything that waits in the queue, taken out of it."""
        messages = []
        for _ in range(self.counts[0]):
            messages.append(await self.slot.receive())
            await self.slot.settle(messages[-1], Complete())
        return messages

    async def replay(self, wanted=None, *, yes=True, limit=None, operation=Replay, edits=(), force=False, **how):
        replay = operation(self.queue.sender, self.stores, who="ops@test", edits=edits, force=force)
        return await self.perform(replay, wanted, yes=yes, limit=limit, **how)

    async def discard(self, wanted=None, *, yes=True, **how):
        return await self.perform(
            Discard(self.stores, self.alert_store, who="ops@test", because="a test alert"), wanted, yes=yes, **how
        )

    async def perform(self, operation, wanted=None, *, yes=True, limit=None, **how):
        planned = await plan(self.dead_letters, operation, wanted or Filter(), limit)
        return await self.carry_out(operation, planned, **how) if yes else previewed(operation, planned)

    async def carry_out(self, operation, planned, *, rate=None, stopping=None, report=lambda _: None, **how):
        stopping = stopping or asyncio.Event()
        return await carry_out(
            self.dead_letters,
            operation,
            planned,
            rate=rate,
            stopping=stopping,
            report=report,
            notify=self.said.append,
            **how,
        )


def events_of(message):
    return Decoder().events_of(message)


def incident_of(message):
    [event] = events_of(message)
    return incident_from(event, message)


def told(summary):
    """The counts that are not nothing."""
    return {result.value: count for result, count in summary.counts.items() if count}
