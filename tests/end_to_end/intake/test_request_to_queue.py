"""From an HTTP call into the queue and out again, over real sockets and the real SDK."""

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from patience import LIMIT
from queue_bench import forget_lost_sockets

from worker.app.signals import on_signals
from worker.domain.alert_identity import tracking_id
from worker.domain.event import decode
from worker.domain.settlement import Complete
from worker.intake.app import create_intake
from worker.messaging.connection import open_queue
from worker.sandbox.service_bus.config import QueueSettings
from worker.sandbox.service_bus.server import ServiceBusServer
from worker.settings import Settings
from worker.storage.stores import open_stores
from worker.web.server import serve

METRIC = (Path(__file__).parents[2] / "unit/alerts/examples/metric.json").read_text()
QUEUE = QueueSettings("incidents", requires_duplicate_detection=True, lock_duration=timedelta(minutes=1))


async def nothing_known(_asked):
    return None


# The SDK leaves the sockets of broken connections to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest_asyncio.fixture
async def broker():
    server = await ServiceBusServer.start([QUEUE])
    yield server
    await server.close()
    # Here, and not in a test that happens to run later in this process.
    forget_lost_sockets()


@asynccontextmanager
async def intake(queue, publish=None):
    address = asyncio.get_running_loop().create_future()
    publish = publish or queue.sender.publish
    app = create_intake(Settings(_env_file=None), publish, nothing_known, lambda: queue.sender.trouble)
    serving = asyncio.create_task(serve(app, "127.0.0.1", 0, on_signals=on_signals, ready=address.set_result))
    await asyncio.wait({serving, address}, return_when=asyncio.FIRST_COMPLETED, timeout=LIMIT)
    try:
        await queue.sender.open()  # as the command does: a sender's patience is for a queue that is connected
        async with httpx.AsyncClient(base_url=address.result(), timeout=LIMIT) as http:
            yield http
    finally:
        if not serving.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await serving


def settings_for(broker):
    return Settings(_env_file=None, servicebus_connection_string=broker.connection_string)


async def taken(slot):
    message = await slot.receive()
    assert message is not None
    await slot.settle(message, Complete())
    return message


async def test_an_alert_over_http_is_a_message_in_the_queue(broker):
    """What was accepted is in the queue, under the ids that were answered."""
    async with open_queue(settings_for(broker)) as queue, intake(queue) as http:
        answer = await http.post("/v1/alerts/azure-monitor", content=METRIC)
        [accepted] = answer.json()["accepted"]
        message = await taken(queue.receiver("test"))
        event = decode(message.body)
    assert answer.status_code == 202
    assert message.id == event.id == accepted["event_id"]
    assert accepted["status_url"] == f"/v1/alerts/{tracking_id(event)}"
    assert event.raw == json.loads(METRIC)
    assert event.received_at is not None


async def test_an_alert_sent_twice_is_one_message(broker):
    """The second call of a sender that heard no answer is dropped by the broker."""
    async with open_queue(settings_for(broker)) as queue, intake(queue) as http:
        for _ in range(2):
            assert (await http.post("/v1/alerts/azure-monitor", content=METRIC)).status_code == 202
        assert (await http.post("/v1/incidents", json={"title": "the next"})).status_code == 202
        slot = queue.receiver("test")
        titles = [decode((await taken(slot)).body).title for _ in range(2)]
    assert titles == ["checkout-cpu-high on checkout-2, checkout-1, role checkout", "the next"]


async def test_an_alert_too_large_for_a_message_reaches_the_worker_whole(broker, settings):
    """An alert that is too large together with its event is one message, under its own id, and whole for a worker."""
    alert = json.loads(METRIC)
    alert["data"]["essentials"]["description"] = "🔥" * 31_000
    padding = 199_000 - len(json.dumps(alert, ensure_ascii=False).encode())
    alert["data"]["alertContext"]["padding"] = "x" * padding
    async with open_queue(settings_for(broker)) as queue, open_stores(settings, owner="intake") as store:
        await store.table.prepare()

        async def publish(encoded):
            await queue.sender.publish(await store.oversize.fit(encoded))

        async with intake(queue, publish) as http:
            answer = await http.post("/v1/alerts/azure-monitor", content=json.dumps(alert, ensure_ascii=False).encode())
            message = await taken(queue.receiver("test"))
            event = await store.oversize.restore(decode(message.body))
    [accepted] = answer.json()["accepted"]
    assert message.id == event.id == accepted["event_id"]
    assert event.raw == alert
    assert "🔥" in event.description


async def test_without_a_queue_the_sender_is_asked_to_come_again(broker):
    """A broker that is gone is 503 and not ready; once it is back, the same call is accepted."""
    settings = settings_for(broker)
    async with open_queue(settings) as queue, intake(queue) as http:
        port = broker.port
        await broker.close()
        answer = await http.post("/v1/alerts/azure-monitor", content=METRIC)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
        assert (await http.get("/readyz")).status_code == 503
        returned = await ServiceBusServer.start([QUEUE], port=port)
        try:
            async with asyncio.timeout(LIMIT):
                while (await http.post("/v1/alerts/azure-monitor", content=METRIC)).status_code != 202:
                    await asyncio.sleep(0.05)
            assert (await http.get("/readyz")).status_code == 200
        finally:
            await returned.close()
