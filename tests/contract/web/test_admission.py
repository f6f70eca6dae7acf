"""Strangers on real sockets by the hundred, and the senders who must not notice."""

import asyncio
import errno
import hashlib
import os
import sys
from asyncio.selector_events import _SelectorSocketTransport
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import structlog
from listening import listening
from patience import LIMIT
from services import skip_or_fail

from worker.app.signals import on_signals
from worker.intake.app import create_intake
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.settings import Settings
from worker.web import connection, server
from worker.web.admission import STRANGERS
from worker.web.connection import LIMITS, Connection, Wait

KEY = "key of desk"
KNOWN = {"Authorization": f"Bearer {KEY}"}
PAGERDUTY = {
    "routing_key": KEY,
    "event_action": "trigger",
    "payload": {"summary": "Disk is full", "source": "db-1", "severity": "critical"},
}
ENQUEUE = b"POST /v2/enqueue HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\n"
SIGNED = ENQUEUE.replace(b"/v2/enqueue", b"/v1/alerts").replace(
    b"Host", b"X-Grafana-Alerting-Signature: " + b"0" * 64 + b"\r\nHost"
)
CROWDS = {
    "a byte of PagerDuty's": (ENQUEUE + b"{", 520, 1),
    "a byte of PagerDuty's from many addresses": (ENQUEUE + b"{", 120, 20),
    "a byte that is signed": (SIGNED + b"{", 120, 1),
    "half a head": (ENQUEUE[:40], 120, 1),
    "a body beside a probe": (ENQUEUE.replace(b"POST /v2/enqueue", b"GET /livez"), 120, 1),
    "a wrong key": (b"GET /v1/incidents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n", 120, 1),
}


async def publish(_):
    """A queue that acknowledges everything."""


async def nothing_known(_):
    return None


def app():
    keys = {"desk": hashlib.sha256(KEY.encode()).hexdigest()}
    settings = Settings(_env_file=None, intake_keys=keys, intake_signing_secrets={"grafana": "a secret of grafana"})
    throttle = UnauthenticatedThrottle(delay=timedelta(milliseconds=10))
    return create_intake(settings, publish, nothing_known, lambda: None, throttle=throttle)


@asynccontextmanager
async def intake():
    async with listening(app()) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
        yield http


@asynccontextmanager
async def strangers(http, words, *, number, hosts=1):
    """So many connections that have said this and go on with nothing, from so many addresses."""
    place = http.base_url.host, http.base_url.port
    async with AsyncExitStack() as stack:
        opened = []
        for each in range(number):
            source = (f"127.0.0.{2 + each % hosts}", 0)
            reader, writer = await asyncio.open_connection(*place, local_addr=source)
            stack.callback(writer.transport.abort)
            writer.write(words)
            opened.append((reader, writer))
        yield opened


async def statuses(*calls):
    return {answer.status_code for answer in await asyncio.gather(*calls)}


@pytest.mark.parametrize(("words", "number", "hosts"), CROWDS.values(), ids=CROWDS)
async def test_strangers_keep_no_known_sender_waiting(words, number, hosts):
    """Whatever they begin and do not end, keys open, probes answer, and an event with its key inside is taken."""
    async with intake() as http, strangers(http, words, number=number, hosts=hosts):
        calls = [http.post("/v1/incidents", json={"title": "x"}, headers=KNOWN) for _ in range(20)]
        assert await statuses(*calls) == {202}
        assert await statuses(http.get("/livez"), http.get("/readyz"), http.get("/metrics", headers=KNOWN)) == {200}
        assert await statuses(*(http.post("/v2/enqueue", json=PAGERDUTY) for _ in range(STRANGERS // 2))) == {202}


async def test_who_drips_makes_room_for_who_does_not():
    """All but as many as may be read at once are told to come again, and their connections end."""
    async with intake() as http, strangers(http, ENQUEUE + b"{", number=STRANGERS + 10) as opened:
        first = [await asyncio.wait_for(reader.read(), LIMIT) for reader, _ in opened[:10]]
        assert {answer[:12] for answer in first} == {b"HTTP/1.1 503"}
        assert all(b"retry-after" in answer and b"connection: close" in answer.lower() for answer in first)
        assert not any(reader.at_eof() for reader, _ in opened[-10:])


async def test_a_known_connection_outlives_those_of_strangers(monkeypatch):
    """When there are as many connections as may be, those that never showed a key go first."""
    monkeypatch.setattr(server, "CONNECTIONS", 20)
    ended = []
    lost = Connection.connection_lost
    monkeypatch.setattr(Connection, "connection_lost", lambda each, error: (ended.append(each), lost(each, error))[1])
    async with intake() as http:
        assert await statuses(http.post("/v1/incidents", json={"title": "x"}, headers=KNOWN)) == {202}
        async with strangers(http, b"", number=60):
            assert await statuses(http.post("/v1/incidents", json={"title": "x"}, headers=KNOWN)) == {202}
            assert not any(each._is_known for each in ended)


REFUSED = {
    "without a key": (b"POST /v1/alerts", b"", b"401"),
    "with a wrong key": (b"POST /v1/alerts", b"Authorization: Bearer x\r\n", b"401"),
    "too large": (b"POST /v2/enqueue", b"", b"413"),
    "at no address": (b"POST /nowhere", b"", b"404"),
    "by another method": (b"POST /livez", b"", b"405"),
    "too large, of a known sender": (b"POST /v1/incidents", f"Authorization: Bearer {KEY}\r\n".encode(), b"413"),
}


@pytest.mark.parametrize("framing", ["chunked", "length"])
@pytest.mark.parametrize(("line", "header", "status"), REFUSED.values(), ids=REFUSED)
async def test_a_refused_upload_is_not_read_on(monkeypatch, line, header, status, framing):
    """The answer arrives, and of what its sender goes on sending no more than a little is read."""
    monkeypatch.setattr(connection, "DISCARDED_OF_KNOWN", 500_000)
    monkeypatch.setitem(LIMITS, Wait.FOR_END, timedelta(milliseconds=300))
    read = 0
    received = Connection.data_received

    def count(each, data):
        nonlocal read
        read += len(data)
        received(each, data)

    monkeypatch.setattr(Connection, "data_received", count)
    length = b"Transfer-Encoding: chunked" if framing == "chunked" else b"Content-Length: 100000000"
    head = line + b" HTTP/1.1\r\nHost: localhost\r\n" + header + length + b"\r\n\r\n"
    chunk = (b"10000\r\n" if framing == "chunked" else b"") + b" " * 0x10000 + b"\r\n" * (framing == "chunked")
    async with intake() as http, strangers(http, head, number=1) as [(reader, writer)]:
        uploading = asyncio.create_task(upload(writer, chunk))
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LIMIT)
        assert answer.split()[1] == status
        assert b"connection: close" in answer.lower()
        await asyncio.wait_for(uploading, LIMIT)
        assert read < 1_200_000


async def test_who_is_gone_before_the_refusal_is_no_fault_of_ours(monkeypatch):
    """The answer finds nobody, and nothing is logged as a failure."""
    head = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"

    def gone(_):
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    monkeypatch.setattr(_SelectorSocketTransport, "write_eof", gone)
    async with intake() as http:
        with structlog.testing.capture_logs() as lines:
            async with strangers(http, head, number=1) as [(reader, _)]:
                with suppress(ConnectionError):
                    await asyncio.wait_for(reader.read(), LIMIT)
            assert await statuses(http.get("/livez")) == {200}
    assert [line["event"] for line in lines] == ["intake.refused"]


async def upload(writer, chunk):
    """Some hundred megabytes, or as much as is taken."""
    try:
        for _ in range(1_500):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        return
    raise AssertionError("all of it was taken")


async def test_who_asks_for_more_than_it_takes_loses_the_connection(monkeypatch):
    """Answers that nobody reads are kept for a few callers."""
    monkeypatch.setattr(connection, "NOT_TAKING", 3)
    words = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 150
    async with intake() as http, strangers(http, words, number=8) as opened:
        for _, writer in opened:
            writer.transport.pause_reading()
        async with asyncio.timeout(LIMIT):
            while sum([await has_ended(http, writer) for _, writer in opened]) < 5:
                await asyncio.sleep(0.05)
        assert await statuses(http.get("/livez")) == {200}


async def has_ended(http, writer):
    """Whether the other side reset it: what is written then fails."""
    writer.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await http.get("/livez")
    return writer.transport.is_closing()


@pytest.fixture
def memory_can_be_read():
    if not Path("/proc").exists():
        skip_or_fail("The memory of a process is read from /proc.")


@pytest.mark.usefixtures("memory_can_be_read")
async def test_bodies_of_strangers_take_bounded_memory():
    """Of 490 bodies of half a megabyte that lack their last byte few are kept; the process grows by little."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__), env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        address = await asyncio.wait_for(address_told_by(process), LIMIT)
        async with httpx.AsyncClient(base_url=address, timeout=LIMIT) as http:
            await statuses(*(http.post("/v2/enqueue", json=PAGERDUTY) for _ in range(20)))
            before = resident(process.pid)
            async with strangers(http, ENQUEUE + b" " * 499_999, number=490):
                for _ in range(3):
                    assert await statuses(http.post("/v1/incidents", json={"title": "x"}, headers=KNOWN)) == {202}
                    assert resident(process.pid) - before < 60_000_000
    finally:
        process.terminate()
        await process.wait()


async def address_told_by(process):
    async for line in process.stdout:
        if line.startswith(b"http://"):
            return line.decode().strip()
    raise AssertionError("It ended before it listened.")


def resident(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) * 1024


async def serve():
    def tell(address):
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()

    await server.serve(app(), "127.0.0.1", 0, on_signals=on_signals, ready=tell)


if __name__ == "__main__":
    asyncio.run(serve())
