"""One sandbox, one nursery and as many queues as there are cells: what all cells of a run share."""

import asyncio
import itertools
import re
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from chaos_processes import Workers, sandbox

from worker.domain.encoded_event import EncodedEvent
from worker.domain.event import Event
from worker.messaging.connection import open_queue
from worker.messaging.sender import Sender
from worker.settings import Settings

# Small, so that a cell waits for seconds. The lock outlives the lease: what a cell waits for is mostly the lease.
SETTINGS = {
    "TOCSIN_LEASE_SECONDS": "2",
    "TOCSIN_CALL_TIMEOUT_SECONDS": "2",
    "TOCSIN_LOOKUP_LAG_SECONDS": "1",
    "TOCSIN_SLOTS": "1",
    # A duplicate is to be counted, not repaired.
    "TOCSIN_SWEEP_EVERY_SECONDS": "0",
}
LOCK = "PT4S"
CALL_TIMEOUT = 2.0
_LOOK_EVERY = 0.7


@dataclass
class Bench:
    environment: dict[str, str]
    workers: Workers
    session: aiohttp.ClientSession
    folder: Path
    _queue_names: itertools.count = field(default_factory=itertools.count)
    _waiting: list[asyncio.Future] = field(default_factory=list)

    @property
    def http(self) -> str:
        return self.environment["TOCSIN_BOARDS_URL"].removesuffix("/boards")

    @property
    def tables(self) -> str:
        return re.search(r"TableEndpoint=(http://[^/]+)", self.environment["TOCSIN_TABLES_CONNECTION_STRING"])[1]

    @property
    def queue_port(self) -> int:
        return int(re.search(r"sb://[^:]+:(\d+)", self.environment["TOCSIN_SERVICEBUS_CONNECTION_STRING"])[1])

    def queue_of_its_own(self) -> str:
        return f"cell{next(self._queue_names)}"

    def settings(self, queue: str) -> dict[str, str]:
        return self.environment | SETTINGS | {"TOCSIN_SERVICEBUS_QUEUE": queue}

    def settings_behind(self, queue: str, *, http: str, tables: str, queue_port: int) -> dict[str, str]:
        """Those of a worker that finds everything behind gates of its own."""
        doors = {self.http: http, self.tables: tables, f":{self.queue_port};": f":{queue_port};"}
        settings = self.settings(queue)
        for door, gate in doors.items():
            settings = {name: value.replace(door, gate) for name, value in settings.items()}
        return settings

    async def publish(self, queue: str, *events: Event) -> None:
        connection = self.environment["TOCSIN_SERVICEBUS_CONNECTION_STRING"]
        settings = Settings(_env_file=None, servicebus_connection_string=connection, servicebus_queue=queue)
        async with open_queue(settings) as opened:
            await _publish_all(opened.sender, events)

    async def state(self) -> dict:
        """The world, read after this was asked for; one reading serves all who wait."""
        asked: asyncio.Future = asyncio.get_running_loop().create_future()
        self._waiting.append(asked)
        return await asked

    async def fault(self, **definition) -> None:
        async with self.session.post(f"{self.http}/sandbox/faults", json=definition) as answer:
            assert answer.status == 201, await answer.text()

    async def look(self) -> None:
        """Until cancelled: read the world as often as somebody waits for it."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            waiting, self._waiting = [each for each in self._waiting if not each.done()], []
            if not waiting:
                continue
            async with self.session.get(f"{self.http}/sandbox/state") as answer:
                state = await answer.json()
            for each in waiting:
                if not each.done():
                    each.set_result(state)


async def _publish_all(sender: Sender, events: tuple[Event, ...]) -> None:
    for event in events:
        await sender.publish(EncodedEvent.of(event))


@asynccontextmanager
async def open_bench(workers: Workers, folder: Path, *, queues: int, lock: str = LOCK):
    names = [f"cell{number}" for number in range(queues)]
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(sandbox(workers.nursery, folder, _config(names, lock)))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                auto_decompress=False,
                connector=aiohttp.TCPConnector(limit=0),
                timeout=aiohttp.ClientTimeout(total=60),
                skip_auto_headers=("User-Agent", "Content-Type", "Accept-Encoding"),
            )
        )
        bench = Bench(environment, workers, session, folder)
        looking = asyncio.create_task(bench.look())
        try:
            yield bench
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


def _config(names: list[str], lock: str) -> dict:
    properties = {
        "LockDuration": lock,
        # Locks are lost here all the time, and that is no fault of the message.
        "MaxDeliveryCount": 1000,
        "DefaultMessageTimeToLive": "PT1H",
        # Two workers get the same message by its being sent twice.
        "RequiresDuplicateDetection": False,
    }
    # The sandbox fills the settings with the first queue.
    queues = [{"Name": name, "Properties": properties} for name in names]
    namespace = {"Name": "sbemulatorns", "Queues": queues, "Topics": []}
    return {"UserConfig": {"Namespaces": [namespace], "Logging": {"Type": "Console"}}}
