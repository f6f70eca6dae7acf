"""A broker on a bench: one queue, a clock that moves only when told to, and receivers that keep what they get."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.sandbox.service_bus.broker import Broker, Incoming
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.store import Store

QUEUE = "incidents"
DEAD_LETTERS = "incidents/$deadletterqueue"
LOCK = timedelta(seconds=30)


class Receiver:
    def __init__(self, broker, entity):
        self.deliveries = []
        self._broker = broker
        self._entity = entity
        self._credit = 0

    def credit(self):
        return self._credit

    def deliver(self, delivery):
        self._credit -= 1
        self.deliveries.append(delivery)

    def grant(self, credit):
        self._credit += credit
        self._broker.dispatch(self._entity)

    @property
    def contents(self):
        return [delivery.content for delivery in self.deliveries]


class Bench:
    """Short ways to say what the tests say again and again; all of it goes through the broker's own door."""

    def __init__(self, path=None, **settings):
        self.settings = QueueSettings(QUEUE, **{"lock_duration": LOCK, **settings})
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._path = path
        self._store = None
        self.restart()

    def restart(self):
        """Begin again from what is stored; nothing of the former broker's memory is left."""
        self.close()
        self._store = Store.open(self._path) if self._path else None
        self.broker = Broker([self.settings], clock=lambda: self.now, store=self._store)

    def close(self):
        if self._store is not None:
            self._store.close()

    def advance(self, duration):
        self.now += duration
        self.broker.tick()

    def send(self, *contents, **fields):
        return self.broker.send(QUEUE, [Incoming(content, **fields) for content in contents])

    def receiver(self, credit=0, entity=QUEUE, **options):
        receiver = Receiver(self.broker, entity)
        self.broker.subscribe(entity, receiver, **options)
        receiver.grant(credit)
        return receiver

    def receive(self, entity=QUEUE):
        """The next message, by a receiver that comes and goes."""
        receiver = self.receiver(1, entity)
        self.broker.unsubscribe(receiver)
        [delivery] = receiver.deliveries
        return delivery

    def is_empty(self, entity=QUEUE):
        return not self.broker.peek(entity, 0, 1)

    def dead_letters(self):
        return self.broker.peek(DEAD_LETTERS, 0, 1000)


@pytest.fixture
def make_bench():
    benches = []

    def make(path=None, **settings):
        benches.append(Bench(path, **settings))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench):
    return make_bench()
