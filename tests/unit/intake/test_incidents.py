"""An accepted event on its way from the endpoint to the broker: what is done to it there, and how often."""

import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest

from worker.domain.event import Event, decode
from worker.intake.app import create_intake
from worker.intake.spool import open_spool
from worker.messaging.sender import Sender
from worker.settings import Settings
from worker.storage.oversize import OversizeStore

ALERT = {"title": "Checkout is down", "fingerprint": "checkout/eu", "raw": {"ticket": 992}}


class Broker:
    """The SDK's client and its sender in one: keeps what is sent, or does not answer."""

    def __init__(self):
        self.sent = []
        self.away = False

    def get_queue_sender(self, _queue):
        return self

    async def __aenter__(self):
        return self

    async def close(self):
        pass

    async def send_messages(self, message, **_):
        if self.away:
            raise OSError("nobody there")
        self.sent.append((message.message_id, b"".join(message.body)))


class Work:
    """How often events were encoded and hashed."""

    def __init__(self, monkeypatch):
        self.encoded = self.hashed = 0
        encode, hashed = Event.model_dump_json, Event.id.fget

        def counting_encode(event, **options):
            self.encoded += 1
            return encode(event, **options)

        def counting_hash(event):
            self.hashed += 1
            return hashed(event)

        monkeypatch.setattr(Event, "model_dump_json", counting_encode)
        monkeypatch.setattr(Event, "id", property(counting_hash))


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def work(monkeypatch):
    return Work(monkeypatch)


async def nothing_known(_asked):
    return None


@asynccontextmanager
async def intake(broker, spool=None):
    """The real way, from the endpoint through publisher, spool and oversize store to the sender."""
    sender = Sender(broker, "incidents")
    await sender.open()

    async def publish(encoded):
        await sender.publish(await OversizeStore(None).fit(encoded))

    app = create_intake(Settings(_env_file=None), publish, nothing_known, lambda: sender.trouble, spool=spool)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        yield http, publish, lambda: sender.trouble


@pytest.mark.parametrize("alert", [ALERT, {"title": "Checkout is down"}], ids=["grouped", "of its own"])
async def test_an_accepted_event_is_encoded_and_hashed_once(broker, work, alert):
    """The bound, the message and the answer share one encoded form and one id."""
    async with intake(broker) as (http, *_):
        answer = await http.post("/v1/incidents", content=json.dumps(alert))
    assert answer.status_code == 202
    assert (work.encoded, work.hashed) == (1, 1)
    [(message_id, body)] = broker.sent
    assert message_id == answer.json()["event_id"] == decode(body).id


async def test_a_spooled_event_is_sent_as_it_was_kept(broker, work, tmp_path):
    """What comes out of the spool is not encoded again; its id is made of it, since the file holds none."""
    async with open_spool(tmp_path / "spool", 1_000_000) as spool, intake(broker, spool) as (http, publish, why_down):
        broker.away = True
        answer = await http.post("/v1/incidents", content=json.dumps(ALERT))
        assert answer.json()["queued"] is False
        broker.away = False
        delivering = asyncio.create_task(spool.deliver(publish, why_down))
        async with asyncio.timeout(30):
            while spool.fill.events:
                await asyncio.sleep(0.001)
        delivering.cancel()
    assert (work.encoded, work.hashed) == (1, 2)
    [(message_id, body)] = broker.sent
    assert message_id == answer.json()["event_id"] == decode(body).id
