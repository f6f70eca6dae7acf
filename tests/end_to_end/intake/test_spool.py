"""An intake whose queue goes and comes: whatever was accepted is in the queue afterwards, also across SIGKILL."""

import asyncio
import os
import signal
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest
from house import eventually
from patience import LIMIT
from queue_bench import QueueBench

from worker.app.signals import on_signals
from worker.intake.app import create_intake
from worker.intake.spool import open_spool
from worker.settings import Settings
from worker.web.server import serve

NO_TABLES = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;TableEndpoint=http://127.0.0.1:9/a;"
# The SDK leaves the sockets of broken connections to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SENDERS = 4
SOME = 20


@pytest.fixture
async def bench(tmp_path):
    async with QueueBench(tmp_path / "queue") as running:
        yield running


def ids_in(bench):
    return {delivery.message_id for delivery in bench.server.broker.peek("incidents", 0, 100_000)}


async def nothing_known(_asked):
    return None


@asynccontextmanager
async def intake(sender, spool):
    """In this process, with the real sender and the real spool."""
    address = asyncio.get_running_loop().create_future()
    settings = Settings(_env_file=None)
    app = create_intake(settings, sender.publish, nothing_known, lambda: sender.trouble, spool=spool)
    serving = asyncio.create_task(serve(app, "127.0.0.1", 0, on_signals=on_signals, ready=address.set_result))
    delivering = asyncio.create_task(spool.deliver(sender.publish, lambda: sender.trouble))
    async with httpx.AsyncClient(base_url=await asyncio.wait_for(address, LIMIT), timeout=LIMIT) as http:
        yield http
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    delivering.cancel()


async def test_an_outage_of_the_queue_is_slept_through(bench, tmp_path):
    """What is accepted while the broker is gone is marked as spooled, and in the queue once it is back."""
    sender = bench.queue.sender
    async with open_spool(tmp_path / "spool", 1_000_000) as spool, intake(sender, spool) as http:
        await sender.open()
        accepted = [(await http.post("/v1/incidents", json={"title": "before"})).json()]
        await bench.server.close()
        accepted += [(await http.post("/v1/incidents", json={"title": f"during {n}"})).json() for n in range(3)]
        ready = await http.get("/readyz")
        await bench.restart()

        async def all_sent():
            return not spool.fill.events

        await eventually(all_sent)
        accepted += [(await http.post("/v1/incidents", json={"title": "after"})).json()]
    assert [each["queued"] for each in accepted] == [True, False, False, False, True]
    assert (ready.status_code, ready.json()["spooled"][:8]) == (200, "3 events")
    assert ids_in(bench) == {each["event_id"] for each in accepted}


@dataclass
class Storm:
    """Senders that never stop, and what they were told."""

    address: str
    queued: set[str] = field(default_factory=set)
    spooled: set[str] = field(default_factory=set)

    async def blow(self):
        async with httpx.AsyncClient(base_url=self.address, timeout=LIMIT) as http:
            await asyncio.gather(*(self._send(http) for _ in range(SENDERS)))

    async def _send(self, http):
        while True:
            with suppress(httpx.TransportError):
                answer = await http.post("/v1/incidents", json={"title": "x", "description": "y" * 2_000})
                if answer.status_code == 202:
                    told = answer.json()
                    (self.queued if told["queued"] else self.spooled).add(told["event_id"])
            await asyncio.sleep(0.005)

    async def more(self, told):
        """Until some more were told this."""
        before = len(told)

        async def some_more():
            return len(told) >= before + SOME

        await eventually(some_more)


async def test_no_202_is_lost_however_often_the_intake_is_killed(bench, tmp_path, nursery):
    """In a storm, killed while it spools and while it sends and empties the spool, it keeps every promise."""
    port = free_port()
    log = tmp_path / "intake.log"
    settings = {
        "TOCSIN_SERVICEBUS_CONNECTION_STRING": bench.server.connection_string,
        "TOCSIN_TABLES_CONNECTION_STRING": NO_TABLES,
        "TOCSIN_INTAKE_SPOOL": str(tmp_path / "spool"),
    }
    storm = Storm(f"http://127.0.0.1:{port}")

    def born():
        arguments = ("intake", "--port", str(port))
        return nursery.start(*arguments, environment=os.environ | settings, folder=tmp_path, out=log, err=log)

    blowing = asyncio.create_task(storm.blow())
    life = born()
    await storm.more(storm.queued)
    await bench.server.close()
    await storm.more(storm.spooled)
    await killed(life)
    life = born()
    await storm.more(storm.spooled)
    await bench.restart()
    await storm.more(storm.queued)
    await killed(life)
    blowing.cancel()
    await asyncio.gather(blowing, return_exceptions=True)
    life = born()
    await eventually(partial(is_empty, storm.address))
    await killed(life)
    assert (storm.queued | storm.spooled) - ids_in(bench) == set()


async def killed(process):
    process.send_signal(signal.SIGKILL)
    await process.wait()


async def is_empty(address):
    async with httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        with suppress(httpx.TransportError):
            return (await http.get("/readyz")).json() == {"status": "ready"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
