"""The intake among rude callers on real sockets: idle ones, slow ones, too many, and those who speak nonsense."""

import asyncio
import random
import resource
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import httpx
import pytest
from listening import listening
from patience import LIMIT
from services import skip_or_fail

from worker.intake.app import create_intake
from worker.intake.unauthenticated import UnauthenticatedThrottle
from worker.settings import Settings
from worker.web import server
from worker.web.connection import LIMITS, Connection, Wait

IDLE = 1_500
HEAD = b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\n"
AT_ONCE = timedelta(milliseconds=200)
LONG = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    """No wait ends while a busy machine is on its way; a test of one that ends has a short one of its own."""
    for wait in LIMITS:
        monkeypatch.setitem(LIMITS, wait, LONG)


async def publish(_):
    """A queue that acknowledges everything."""


async def nothing_known(_):
    return None


@asynccontextmanager
async def intake(**settings):
    app = create_intake(
        Settings(_env_file=None, **settings),
        publish,
        nothing_known,
        lambda: None,
        throttle=UnauthenticatedThrottle(delay=timedelta()),
    )
    async with listening(app) as (address, _), httpx.AsyncClient(base_url=address, timeout=LIMIT, verify=False) as http:
        yield Caller(http)


class Caller:
    def __init__(self, http):
        self.http = http
        self._place = http.base_url.host, http.base_url.port

    async def is_served(self):
        """A new sender, on a connection of its own, is answered as on any day."""
        async with httpx.AsyncClient(base_url=self.http.base_url, timeout=LIMIT, verify=False) as http:
            answer = await http.post("/v1/incidents", json={"title": "x"})
        return answer.status_code == 202

    @asynccontextmanager
    async def connection(self, words=b""):
        reader, writer = await asyncio.open_connection(*self._place)
        writer.write(words)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    @asynccontextmanager
    async def idle(self, number):
        opened = [await asyncio.open_connection(*self._place) for _ in range(number)]
        try:
            yield [reader for reader, _ in opened]
        finally:
            for _, writer in opened:
                writer.transport.abort()


async def said(reader):
    """Everything until the intake closes the connection."""
    async with asyncio.timeout(LIMIT):
        return await all_of(reader)


async def all_of(reader):
    try:
        return await reader.read()
    except ConnectionError:
        return b""


@pytest.fixture
def many_files():
    """Both ends of each connection are in this process."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * IDLE + 500
    if before[1] != resource.RLIM_INFINITY and before[1] < wanted:
        skip_or_fail(f"This system allows no {wanted} open files.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], wanted), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_idle_connections_take_nobodys_place(many_files):
    """Fifteen hundred callers that say nothing, and the next one is served."""
    async with intake() as caller, caller.idle(IDLE):
        assert await caller.is_served()


async def test_the_connection_idle_for_longest_makes_room(monkeypatch):
    """When there are as many as there may be, a new caller is served and the first of the idle ones goes."""
    monkeypatch.setattr(server, "CONNECTIONS", 20)
    async with intake() as caller, caller.idle(40) as readers:
        assert await said(readers[0]) == b""
        assert await caller.is_served()
        assert not readers[-1].at_eof()


async def test_a_caller_at_work_keeps_its_connection(monkeypatch):
    """Whoever sends a body is not idle, however many come after."""
    monkeypatch.setattr(server, "CONNECTIONS", 5)
    words = HEAD + b"Content-Length: 14\r\nConnection: close\r\n\r\n"
    async with intake() as caller, caller.connection(words) as (reader, writer):
        await first_look(caller)
        async with caller.idle(20):
            writer.write(b'{"title": "x"}')
            assert (await said(reader)).startswith(b"HTTP/1.1 202")


async def first_look(caller):
    """What was written before this was answered has been read."""
    await caller.http.get("/livez")


async def test_the_limit_of_files_is_raised():
    """A process that may open few files asks for as many as its connections need, as far as it may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (600, before[1]))
    try:
        async with intake() as caller:
            assert await caller.is_served()
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 600
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (Wait.FOR_HEAD, b""),
        (Wait.FOR_HEAD, b"POST /v1"),
        (Wait.FOR_HEAD, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /liv"),
        (Wait.FOR_BODY, HEAD + b"Content-Length: 100\r\n\r\n{"),
        (Wait.FOR_BODY, HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"),
        (Wait.FOR_BODY, b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"),
        (Wait.FOR_NEXT, b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (Wait.FOR_NEXT, b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n{"),
    ],
)
async def test_each_wait_ends(monkeypatch, wait, words):
    """Whoever stops in the middle of anything loses the connection when that took too long."""
    async with intake() as caller:
        with monkeypatch.context() as impatient:
            impatient.setitem(LIMITS, wait, AT_ONCE)
            async with caller.connection(words) as (reader, _):
                await said(reader)
        assert await caller.is_served()


@pytest.mark.parametrize("head", [b"", HEAD + b"Content-Length: 100000\r\n\r\n"], ids=["head", "body"])
async def test_drops_do_not_prolong_a_wait(monkeypatch, head):
    """Whoever sends a byte now and then has no more time than who sends none."""
    for wait in (Wait.FOR_HEAD, Wait.FOR_BODY):
        monkeypatch.setitem(LIMITS, wait, AT_ONCE)
    async with intake() as caller, caller.connection(head) as (reader, writer):
        ended = asyncio.create_task(said(reader))
        while not ended.done():
            writer.write(b"P")
            await asyncio.wait({ended}, timeout=0.01)
        ended.result()


async def test_no_answer_waits_for_the_callers_acknowledgement(monkeypatch):
    """An answer leaves at once, and not when the caller's side has confirmed the first half of it."""
    seen = []
    made = Connection.connection_made

    def look(connection, transport):
        seen.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", look)
    async with intake() as caller:
        assert await caller.is_served()
    assert all(seen)


@pytest.mark.parametrize("more", [b"nonsense\r\n", b"\xff" * 20_000, b"5\r\nxx"], ids=["no size", "endless", "half"])
async def test_nonsense_after_the_answer_is_no_fault_of_ours(caplog, more):
    """Who was refused before the body came, and then sends something that is none, only loses the connection."""
    words = b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with intake() as caller, caller.connection(words) as (reader, writer):
        assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 404")
        writer.write(more)
        writer.write_eof()
        await said(reader)
        assert await caller.is_served()
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []


async def test_requests_one_after_another_are_all_answered():
    """A connection lives as long as it is used, and may be sent the next request before the first is answered."""
    async with intake() as caller:
        for _ in range(20):
            assert (await caller.http.post("/v1/incidents", json={"title": "x"})).status_code == 202
    words = (
        b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10
        + b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    async with intake() as caller, caller.connection(words) as (reader, _):
        assert (await said(reader)).count(b"HTTP/1.1 200") == 11


async def test_a_stranger_who_fails_often_loses_the_connection():
    """The refusals go on, each on a connection of its own."""
    async with intake(intake_keys={"desk": "0" * 64}) as caller:
        answers = [await caller.http.post("/v1/incidents", headers={"Authorization": "Bearer x"}) for _ in range(25)]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[-1].headers["connection"] == "close"


@pytest.mark.parametrize("header", ["X-Many-{}: 1\r\n" * 101, "X-Long: " + "x" * 15_990 + "\r\n"], ids=["many", "long"])
async def test_a_head_is_bounded(header):
    """More headers, or longer ones, than any sender has are refused before anything is looked at."""
    words = b"GET /v1/incidents/x HTTP/1.1\r\nHost: localhost\r\n" + header.encode() + b"\r\n"
    async with intake() as caller, caller.connection(words) as (reader, _):
        assert (await said(reader)).split()[1] in {b"431", b"400"}
        assert await caller.is_served()


GOOD = [
    HEAD + b'Content-Length: 14\r\n\r\n{"title": "x"}',
    HEAD + b'Transfer-Encoding: chunked\r\n\r\ne\r\n{"title": "x"}\r\n0\r\n\r\n',
    HEAD + b'Expect: 100-continue\r\nContent-Length: 14\r\n\r\n{"title": "x"}',
    b"GET /v1/incidents/inc-4h7k2m9xqz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /livez HTTP/1.0\r\n\r\n",
    HEAD + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}}",
    HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nfff\r\n{}",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]
PIECES = [b"\r\n", b"\0", b"\xff", b":", b" ", b"HTTP/1.1", b"Content-Length: 9\r\n", b"%00", b"0\r\n\r\n", b"//", b"?"]


def spoiled(chance):
    """A request that was nearly well, cut, glued together, or with something in it."""
    words = b"".join(chance.choices(GOOD, k=chance.randint(1, 3)))
    for _ in range(chance.randint(0, 4)):
        place = chance.randrange(len(words) + 1)
        words = words[:place] + chance.choice(PIECES) + words[place + chance.randint(0, 3) :]
    return words[: chance.randrange(1, len(words) + 2)] if chance.random() < 0.5 else words


async def test_no_nonsense_brings_the_intake_down(loop_clock, caplog):
    """Whatever bytes arrive there is no answer of 5xx, no fault in the log, and the next caller is served."""
    chance = random.Random(6)  # the same nonsense each time
    spoken = [spoiled(chance) for _ in range(300)]
    async with intake() as caller, AsyncExitStack() as stack:
        readers = [(await stack.enter_async_context(caller.connection(words)))[0] for words in spoken]
        # Whoever asks after them is answered after them; from then on each of them is only waited for.
        await first_look(caller)
        assert await caller.is_served()
        hearing = [asyncio.create_task(all_of(reader)) for reader in readers]
        while not all(each.done() for each in hearing):
            loop_clock.move(LONG)
            await asyncio.sleep(0.01)
        heard = [(words, each.result()) for words, each in zip(spoken, hearing, strict=True)]
        assert await caller.is_served()
    assert [(words, answer) for words, answer in heard if b"HTTP/1.1 5" in answer] == []
    assert sum(b"HTTP/1.1 202" in answer for _, answer in heard) > 10
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}] == []
