"""How many alerts of one fault a worker groups in a second, against one that only receives and completes.

Run with `make bench BENCH=grouping`. Both are the same consumer on the same queue in one process and take turns, so
the ratio says something on a noisy machine too; the incident is open before the time is taken.
"""

import asyncio
import itertools
import logging
import os
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import structlog
from alert_storm import alerts, send
from house import House, eventually

from worker.app import worker
from worker.domain.settlement import Complete
from worker.engine.launcher import store_breaker
from worker.grouping.alert_store import open_alert_store
from worker.lifecycle.reminders import ReminderScheduler
from worker.messaging.connection import open_queue
from worker.messaging.consumer import Consumer
from worker.messaging.decoding import Decoder
from worker.messaging.mark import Marks
from worker.settings import Settings
from worker.storage.stores import open_stores

ALERTS = 600
ROUNDS = 4
SLOTS = 4


class Floor:
    """Nothing is done about any message."""

    def __init__(self):
        self.tables = store_breaker()

    async def wait_for_store(self):
        pass

    async def handle(self, incident, stopping, broker_time):
        return Complete()


async def main():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as directory:
        async with House(Path(directory)) as house, AsyncExitStack() as stack:
            os.environ |= house.env | house.settings
            settings = Settings.read(_env_file=None, slots=SLOTS, waiting=0)
            queue = await stack.enter_async_context(open_queue(settings))
            store = await stack.enter_async_context(open_stores(settings, owner="benchmark"))
            alert_store = await stack.enter_async_context(open_alert_store(settings))
            clients = await stack.enter_async_context(worker.open_clients(settings))
            await store.table.prepare()
            launcher = worker._launcher(settings, clients, store)
            marks = Marks(store.mark_key.read_or_create)
            reminders = ReminderScheduler(queue.sender.publish, settings.grouping_tell_seconds, marks)
            dispatcher = worker._dispatcher(settings, launcher, alert_store, clients, reminders)
            bench = Bench(house, queue, marks)
            await bench.seconds(dispatcher, 1)  # opens the incident, and loads what is loaded lazily
            floors, grouped = zip(
                *[
                    (await bench.seconds(Floor(), ALERTS), await bench.seconds(dispatcher, ALERTS))
                    for _ in range(ROUNDS)
                ],
                strict=True,
            )
    show(floors, grouped)


class Bench:
    def __init__(self, house, queue, marks):
        self.house = house
        self.queue = queue
        self.marks = marks
        self.rounds = itertools.count()

    async def seconds(self, handler, count):
        """From the first receive to an empty queue, of so many alerts that nobody has seen before."""
        start = next(self.rounds) * ALERTS
        storm = itertools.islice(alerts(start + count, services=1, resources=200, named="bench"), start, None)
        await send(self.house, list(storm))
        slots = [self.queue.receiver(f"slot {number}") for number in range(SLOTS)]
        patience = timedelta(minutes=5)
        consumer = Consumer(slots, Decoder(), handler, limit=SLOTS, patience=patience, marks=self.marks)
        listening = asyncio.Event()
        running = asyncio.create_task(consumer.run(listening.set))
        await listening.wait()
        began = time.monotonic()
        await eventually(self.is_empty, limit=300)
        took = time.monotonic() - began
        consumer.stop()
        await running
        return took

    async def is_empty(self):
        counts = (await self.house.world()).queues["incidents"]
        return counts["active"] == 0


def show(floors, grouped):
    ratios = [took / floor for took, floor in zip(grouped, floors, strict=True)]
    print(f"alerts in each round          {ALERTS}, {SLOTS} slots")
    print(f"received and completed, 1/s   median {ALERTS / statistics.median(floors):.0f}")
    print(f"grouped, 1/s                   median {ALERTS / statistics.median(grouped):.0f}")
    print(f"time, as a ratio              median {statistics.median(ratios):.2f}  max {max(ratios):.2f}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
