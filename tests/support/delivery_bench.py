"""The delivery of acts and timers over a table in memory: what was sent, and what its only lane has brought about."""

import asyncio
from datetime import UTC, datetime, timedelta

from bare_response import bare_response, nobody
from lane_bench import Make, World
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event, EventType
from worker.domain.incident import Incident
from worker.domain.response.act import Act
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.response.timer import Due, TimerKind
from worker.engine.lane import Lane, LaneOrder
from worker.storage.stores import Stores

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
ADA = Actor(kind=ActorKind.PERSON, id="ada", name="Ada")


def incident(key):
    return Incident(key=key, event=Event(title=f"{key} is down", key=key), received_at=NOW)


def act(kind, act_id="1", **more):
    return Act.model_validate({"act": kind, "id": act_id, "actor": ADA, **more})


def due(kind, epoch, due_at=NOW):
    return Due(kind=TimerKind(kind), epoch=epoch, due_at=due_at)


def message(key, given, *, received_at=NOW):
    """What the queue carries of an act or a timer: it knows the incident by its key alone."""
    what = {"act": given} if isinstance(given, Act) else {"due": given}
    event = Event(type=EventType.ACT if isinstance(given, Act) else EventType.TIMER, title="It", key=key, **what)
    return Incident(key=key, event=event, received_at=received_at)


class DeliveryBench:
    """`through` stands between the stores and their table."""

    def __init__(self, through=straight, circumstances=nobody):
        self.world = World()
        self.stopping = asyncio.Event()
        self.sent = []
        self.away = None
        self.table = MemoryTable(utc_now)
        self.table.create()
        self.stores = Stores.of(
            MemoryTableClient(self.table, through), owner="one", lease_duration=timedelta(seconds=30)
        )
        notes = Lane("notes", LaneOrder.EACH, lambda entry: entry.kind == "note", self._playbook)
        self.delivery = bare_response(self.stores, self._publish, lanes=[notes], circumstances=circumstances)
        self.recorder = self.delivery.recorder

    def _playbook(self, entry, _response):
        return [Make(self.world, f"note-{entry.seq}")]

    async def _publish(self, encoded: EncodedEvent, *, at, mark):
        del mark
        if self.away:
            raise self.away
        self.sent.append((encoded.event.key, encoded.event.due, encoded.message_id, at))

    def timers(self, *, but=()):
        """Those that were sent, by kind."""
        return [each.kind.value for _, each, *_ in self.sent if each.kind.value not in but]

    async def launched(self, key):
        known = incident(key)
        await self.stores.incidents.lease(known, ())
        return known

    async def deliver(self, key, given, *, received_at=NOW, now=NOW):
        return await self.delivery.deliver(message(key, given, received_at=received_at), self.stopping, lambda: now)

    async def stands(self, key):
        stored = await self.stores.responses.read(incident(key).id)
        return stored.response if stored else None

    async def entries(self, key):
        return await self.stores.responses.entries(incident(key).id)

    async def kinds(self, key):
        return [entry.kind for entry in await self.entries(key)]
