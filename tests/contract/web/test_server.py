"""The intake on a real socket: addresses, limits, endings."""

import asyncio
import os
import signal
import socket
from http.client import HTTPResponse

import httpx
import pytest
from listening import listening
from patience import LIMIT

from worker.app.signals import on_signals
from worker.domain.errors import Misconfigured
from worker.intake.app import create_intake
from worker.settings import Settings
from worker.web.server import serve


class Desk:
    """A queue that acknowledges when it is told to."""

    def __init__(self):
        self.published = []
        self.reached = asyncio.Event()
        self.may_acknowledge = asyncio.Event()
        self.may_acknowledge.set()

    async def publish(self, encoded):
        self.reached.set()
        await self.may_acknowledge.wait()
        self.published.append(encoded.event)

    async def nothing_known(self, _asked):
        return None

    def app(self):
        return create_intake(Settings(_env_file=None), self.publish, self.nothing_known, lambda: None)


@pytest.fixture
def desk():
    return Desk()


async def test_the_real_address_is_told(desk):
    """Port 0 takes a free port, and who started the intake learns which."""
    async with listening(desk.app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        answer = await http.post("/v1/incidents", json={"title": "Checkout is down"})
    assert answer.status_code == 202
    assert [event.title for event in desk.published] == ["Checkout is down"]


async def test_the_server_does_not_tell_what_it_is_built_of(desk):
    """No answer names the software behind it."""
    async with listening(desk.app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        assert "server" not in (await http.get("/livez")).headers


@pytest.mark.parametrize("size", [201 * 1024, 5_000_000])
async def test_a_large_body_gets_its_413_and_the_connection_lives(desk, size):
    """A sender of too much reads why instead of a broken pipe, and may go on with something smaller."""
    async with listening(desk.app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        assert (await http.post("/v1/incidents", content=b" " * size)).status_code == 413
        assert (await http.post("/v1/incidents", json={"title": "x"})).status_code == 202


async def test_a_chunked_body_is_bounded(desk):
    """A body without an announced length is counted as it arrives."""

    async def chunks():
        for _ in range(100):
            yield b" " * 10_000

    async with listening(desk.app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        assert (await http.post("/v1/incidents", content=chunks())).status_code == 413


def spoken(address, words):
    """The answer to raw bytes on a connection of its own."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT) as connection:
        connection.sendall(words)
        answer = HTTPResponse(connection)
        answer.begin()
        return answer.status


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999\r\n\r\n", 413),
        (b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
async def test_what_is_hardly_http_is_refused(desk, words, status):
    """Lies about the length, endless headers and nonsense are refused at once."""
    async with listening(desk.app()) as (address, _):
        assert await asyncio.to_thread(spoken, address, words) == status


async def test_a_sender_that_hangs_up_harms_nobody(desk):
    """A connection that breaks in the middle of a body publishes nothing, and the next sender is served."""
    async with listening(desk.app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        host, port = address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b'POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"title"')
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await http.post("/v1/incidents", json={"title": "next"})).status_code == 202
    assert [event.title for event in desk.published] == ["next"]


async def test_a_stop_waits_for_the_acknowledgement_under_way(desk):
    """SIGTERM in the middle of a call lets it finish: the sender hears 202, and only then the intake ends."""
    desk.may_acknowledge.clear()
    async with listening(desk.app()) as (address, serving), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        call = asyncio.create_task(http.post("/v1/incidents", json={"title": "late"}))
        await desk.reached.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await refuses_new_connections(address)
        assert not serving.done()
        desk.may_acknowledge.set()
        assert (await call).status_code == 202


async def test_a_second_ctrl_c_waits_for_no_acknowledgement(desk):
    """The intake ends while the call is still open; another SIGTERM, as some supervisors send, cuts nobody off."""
    desk.may_acknowledge.clear()
    async with listening(desk.app()) as (address, serving), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        call = asyncio.create_task(http.post("/v1/incidents", json={"title": "late"}))
        await desk.reached.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        await refuses_new_connections(address)
        os.kill(os.getpid(), signal.SIGTERM)
        done, _ = await asyncio.wait({serving}, timeout=0.5)
        assert not done
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(serving, 20)
        assert not call.done()
        desk.may_acknowledge.set()
        assert (await call).status_code == 202


async def refuses_new_connections(address):
    host, port = address.removeprefix("http://").split(":")
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                _, writer = await asyncio.open_connection(host, int(port))
            except ConnectionError:
                return
            writer.close()
            await asyncio.sleep(0.01)


async def test_an_address_in_use_is_named(desk):
    """A second intake on the same port ends with a sentence."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"127.0.0.1:{port}"):
            await serve(desk.app(), "127.0.0.1", port, on_signals=on_signals)


async def test_an_address_that_is_not_ours_is_named(desk):
    """A host that cannot be resolved ends with a sentence."""
    with pytest.raises(Misconfigured, match=r"nowhere\.invalid"):
        await serve(desk.app(), "nowhere.invalid", 0, on_signals=on_signals)
