"""Whole lives of incidents in a house, act by act, and what they leave in the world."""

import re
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass

from house import eventually

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event, EventType
from worker.domain.incident import Incident, incident_id
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.response.entry import Entry
from worker.domain.response.response import Response
from worker.messaging.connection import open_queue
from worker.settings import Settings
from worker.storage.stores import open_stores

AMARA = Actor(kind=ActorKind.PERSON, id="amara@contoso.example", name="Amara Okafor")
LIFE = (
    {"act": ActKind.ACKNOWLEDGE},
    {"act": ActKind.UPDATE, "text": "We look at the database."},
    {"act": ActKind.SEVERITY, "severity": 2, "text": "It is worse."},
    {"act": ActKind.NOTE, "text": "Restarted the pod."},
    {"act": ActKind.ROLE, "role": "scribe", "person": "bruno@contoso.example"},
    {"act": ActKind.MITIGATE, "text": "Traffic moved."},
    {"act": ActKind.RESOLVE, "text": "Fixed."},
    {"act": ActKind.CLOSE, "text": "Done."},
)
_CHANGING = re.compile(r"comment:[^<\s]+|\d\d:\d\d UTC( on \d+ \w+)?|inc-\w{10}|\d{4}-\d\d-\d\d|https?://[^\s\"<]+|\d+")
# A line of the work item's history that goes with a change of its state: where one state followed soon on another, the
# item was moved once for both, in a quiet life or in another one.
_OF_NEWEST = re.compile(r"[A-Z][a-z]+ since ")
# As long as an act takes to be recorded by whoever comes after a worker that died.
_RECORDED_WITHIN = 60.0


@dataclass(frozen=True)
class Remains:
    """What people see of an incident: messages in its channel, comments on its work item and the item's state."""

    messages: Counter
    comments: Counter
    state: str

    @property
    def written(self) -> Counter:
        """The comments without the lines that go with a change of the item's state."""
        return Counter({text: count for text, count in self.comments.items() if not _OF_NEWEST.match(text)})

    def too_many(self, wanted: "Remains") -> Counter:
        """Messages and comments that another life has not left; a line that goes with a change of state may be new."""
        moved = Counter(dict.fromkeys(self.comments.keys() - self.written.keys(), 1))
        return self.messages - wanted.messages + (self.comments - (wanted.comments | moved))


@dataclass
class Sender:
    """Somebody who acts on incidents, and waits for what each act comes to."""

    queue: object
    stores: object

    async def raise_incident(self, key):
        await self._publish(Event(title="Checkout is down", service="checkout", key=key))

    async def act(self, key, number, given, *, times=1):
        """Sent so many times, as by a sender that heard no answer; what it came to."""
        return await self.outcome(key, await self.send(key, number, given, times=times))

    async def send(self, key, number, given, *, times=1) -> Act:
        act = Act(id=f"act-{number}", actor=AMARA, **given)
        event = Event(type=EventType.ACT, title="Act", key=key, act=act)
        for time in range(times):
            await self._publish(event, f"{key}-{number}-{time}")
        return act

    async def outcome(self, key, act):
        """What it came to, once somebody has decided it."""

        async def decided():
            return await self.stores.responses.outcome(incident_id(key), act.key)

        return await eventually(decided, limit=_RECORDED_WITHIN, every=0.2)

    async def stands(self, key) -> Response:
        return (await self.stores.responses.read(incident_id(key))).response

    async def entries(self, key) -> list[Entry]:
        return await self.stores.responses.entries(incident_id(key))

    async def incident(self, key) -> Incident:
        summary = await self.stores.incidents.summary(incident_id(key))
        return Incident(key=summary.key, event=summary.event, received_at=summary.received_at)

    async def _publish(self, event, message_id=None):
        encoded = EncodedEvent.of(event, message_id=message_id) if message_id else EncodedEvent.of(event)
        await self.queue.sender.publish(encoded)


@asynccontextmanager
async def open_sender(house):
    env = house.env
    settings = Settings.read(
        _env_file=None,
        servicebus_connection_string=env["TOCSIN_SERVICEBUS_CONNECTION_STRING"],
        tables_connection_string=env["TOCSIN_TABLES_CONNECTION_STRING"],
    )
    async with open_queue(settings) as queue, open_stores(settings, owner="sender") as stores:
        yield Sender(queue, stores)


async def launch(house, sender, *keys, limit):
    """Raise an incident for each of the keys; return once all are launched and nothing is to be done now."""
    for key in keys:
        await sender.raise_incident(key)

    async def launched():
        world = await house.world()
        return all(world.effects(incident_id(key))["link"] == 1 for key in keys) and await is_quiet(house)

    await eventually(launched, limit=limit, every=0.3)


async def live(sender, key, *, times=1):
    """From its acknowledgement to its end; what each act came to."""
    return [await sender.act(key, number, given, times=times) for number, given in enumerate(LIFE)]


async def remains(house, key):
    world, name = await house.world(), incident_id(key)
    channels = [each for each in world.channels if each["displayName"].startswith(name)]
    items = [each for each in world.work_items if name in each["fields"]["System.Title"] and each["type"] != "Task"]
    messages = [message["summary"] or "" for channel in channels for message in channel["messages"]]
    comments = [each["text"] for item in items for each in item["comments"]]
    states = {item["fields"]["System.State"] for item in items}
    return Remains(Counter(map(_lasting, messages)), Counter(map(_lasting, comments)), ", ".join(states))


async def is_quiet(house):
    """Whether nothing is to be done now; what falls due later may be."""
    queue = (await house.world()).queues["incidents"]
    assert queue["dead_letters"] == [], queue["dead_letters"]
    return queue["active"] == 0 and all(message["locked_until"] is None for message in queue["messages"])


def _lasting(text):
    return _CHANGING.sub("…", text)
