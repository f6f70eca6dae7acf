"""A platform's probes over real HTTP: what they are answered, and that they disturb nobody."""

import re
import socket
import time

import httpx
import pytest
from patience import LIMIT

from worker.domain.errors import Misconfigured
from worker.messaging.health import serve_health
from worker.observability.heartbeat import Heartbeat


class Worker:
    """What the probes look at."""

    def __init__(self):
        self.heartbeat = Heartbeat()
        self.reason = None

    def serve(self, port=0):
        return serve_health(
            "127.0.0.1",
            port,
            heartbeat=self.heartbeat,
            is_ready=lambda: self.reason,
            metrics=lambda: "tocsin_messages_total 1\n",
        )


@pytest.fixture
def worker():
    return Worker()


@pytest.fixture
async def http(worker):
    async with worker.serve() as address, httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        yield http


async def test_a_worker_that_is_well_says_so(http):
    """Alive and ready are 200."""
    assert [(await http.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]


async def test_a_worker_that_is_not_ready_is_alive(worker, http):
    """An outage of the queue takes it out of service with a sentence, and restarts nobody."""
    worker.reason = "The queue has not been reached yet."
    ready = await http.get("/readyz")
    assert (ready.status_code, ready.json()["reason"]) == (503, worker.reason)
    assert (await http.get("/livez")).status_code == 200


async def test_a_loop_without_a_heartbeat_is_dead(worker, http):
    """A loop that has not beaten for long is to be ended by the platform."""
    began = time.monotonic()
    worker.heartbeat.at = began - 25
    answer = await http.get("/livez")
    assert answer.status_code == 503
    told = re.search(r"not beaten for (\d+) s", answer.json()["reason"])
    assert 25 <= int(told[1]) <= round(time.monotonic() - worker.heartbeat.at)


async def test_numbers_are_text_for_prometheus(http):
    """The content type is the one that Prometheus asks for."""
    answer = await http.get("/metrics")
    assert answer.text == "tocsin_messages_total 1\n"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 404), ("POST", "/livez", 405), ("GET", "/livez/../metrics/../../etc/passwd", 404)],
)
async def test_there_is_nothing_else(http, method, path, status):
    """Other addresses and methods are refused."""
    assert (await http.request(method, path)).status_code == status


async def test_an_endless_address_is_refused(http):
    """What comes from outside is bounded."""
    assert (await http.get("/livez?" + "x" * 10_000)).status_code == 400
    assert (await http.get("/livez")).status_code == 200


async def test_a_port_that_is_taken_is_named(worker):
    """Two workers that are given one port: the second says what to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Misconfigured, match="TOCSIN_HEALTH_PORT"):
        async with worker.serve(taken.getsockname()[1]):
            pass
