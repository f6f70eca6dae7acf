"""The intake over real HTTP: one span and one number for each request, and numbers for those who have a key."""

import asyncio
import hashlib
import os
import signal
from contextlib import asynccontextmanager

import httpx
from patience import LIMIT
from seen import numbers_in

from worker.app.signals import on_signals
from worker.intake.app import create_intake
from worker.observability import telemetry
from worker.settings import Settings
from worker.web.server import serve

SENDERS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KEY = {"Authorization": "Bearer key"}


async def publish(encoded):
    with telemetry.sending("incidents", encoded.message_id, incident=encoded.event.key):
        pass


async def nothing_known(_asked):
    return None


@asynccontextmanager
async def intake(seen):
    """With one sender's key; in the context that the test has set up, as the composition root does."""
    settings = Settings.read(_env_file=None, intake_keys=f"sender={hashlib.sha256(b'key').hexdigest()}")
    app = create_intake(settings, publish, nothing_known, lambda: None, seen.text)
    address = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(app, "127.0.0.1", 0, on_signals=on_signals, ready=address.set_result))
    async with httpx.AsyncClient(base_url=await asyncio.wait_for(address, LIMIT), timeout=LIMIT) as http:
        yield http
    os.kill(os.getpid(), signal.SIGTERM)
    await serving


async def test_a_request_goes_on_with_its_senders_trace(seen):
    """The span of the request is a child of the sender's, and the sending into the queue a child of it."""
    async with intake(seen) as http:
        answer = await http.post("/v1/incidents", json={"title": "x"}, headers=KEY | {"traceparent": SENDERS})
    assert answer.status_code == 202
    request, send = seen.span("POST /v1/incidents"), seen.span("send incidents")
    assert f"{request.context.trace_id:032x}-{request.parent.span_id:016x}" == SENDERS[3:-3]
    assert send.parent.span_id == request.context.span_id


async def test_requests_are_counted_by_route_and_answer(seen):
    """A path counts for its route, and one that is no route of ours for none; probes are not counted."""
    async with intake(seen) as http:
        await http.get("/v1/incidents/inc-0000000000", headers=KEY)
        await http.post("/v1/alerts/nonsense", json={}, headers=KEY)
        await http.get("/wp-admin/setup.php")
        for path in ("/livez", "/readyz"):
            assert (await http.get(path)).status_code == 200
    counted = {
        name[1:]: count for name, count in seen.numbers.items() if name[0] == "tocsin_http_request_seconds_count"
    }
    assert counted == {
        ("method=GET", "route=/v1/incidents/{incident_id}", "status=404"): 1,
        ("method=POST", "route=/v1/alerts/{format}", "status=404"): 1,
        ("method=GET", "route=", "status=404"): 1,
    }


async def test_numbers_are_for_those_who_have_a_key(seen):
    """Strangers do not learn how many incidents there are; a scraper with a sender's key does."""
    async with intake(seen) as http:
        await http.post("/v1/incidents", json={"title": "x"}, headers=KEY)
        assert (await http.get("/metrics")).status_code == 401
        answer = await http.get("/metrics", headers=KEY)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    accepted = ("tocsin_http_request_seconds_count", "method=POST", "route=/v1/incidents", "status=202")
    assert numbers_in(answer.text)[accepted] == 1
