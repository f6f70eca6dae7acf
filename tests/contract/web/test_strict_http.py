"""Heads and bodies that two readers might take for different requests, on real sockets."""

import asyncio
import re

import pytest
from listening import listening
from patience import LIMIT

from worker.intake.app import create_intake
from worker.settings import Settings

LINE = b"POST /v1/incidents HTTP/1.1\r\nHost: localhost\r\n"
BODY = b'{"title": "smuggled"}'
SIZED = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n" % (len(BODY), BODY)
WHOLE = LINE + SIZED + b"\r\n" + BODY
WRONG = {
    "a length beside chunks": LINE + SIZED + CHUNKED + b"\r\n" + BODY,
    "chunks beside a length": LINE + CHUNKED + SIZED + b"\r\n" + IN_CHUNKS + b"\r\n",
    "a length twice": LINE + SIZED * 2 + b"\r\n" + BODY,
    "two lengths in one": LINE + b"Content-Length: 21, 21\r\n\r\n" + BODY,
    "a length with a sign": LINE + b"Content-Length: +21\r\n\r\n" + BODY,
    "an empty length": LINE + b"Content-Length:\r\n\r\n" + BODY,
    "bare line feeds": (LINE + SIZED + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "one bare line feed": LINE + SIZED + b"X: y\n\r\n" + BODY,
    "a bare line feed at the end": LINE + SIZED + b"\n" + BODY,
    "a bare carriage return": LINE + SIZED + b"X: y\rZ: z\r\n\r\n" + BODY,
    "a folded header": LINE + SIZED + b"X: y\r\n z\r\n\r\n" + BODY,
    "a folded length": LINE + b"Content-Length:\r\n 21\r\n\r\n" + BODY,
    "a header folded with a tab": LINE + SIZED + b"X: y\r\n\tz\r\n\r\n" + BODY,
    "chunks of HTTP/1.0": LINE.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n" + IN_CHUNKS + b"\r\n",
    "another coding": LINE + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + IN_CHUNKS + b"\r\n",
    "a space before the colon": LINE + b"Content-Length : 21\r\n\r\n" + BODY,
    "bare line feeds after the chunks": LINE + CHUNKED + b"\r\n" + IN_CHUNKS + b"\n",
    "a folded trailer": LINE + CHUNKED + b"\r\n" + IN_CHUNKS + b"X: y\r\n z\r\n\r\n",
    "a line feed in a chunk's size": LINE + CHUNKED + b"\r\n15;\n\r\n" + BODY + b"\r\n0\r\n\r\n",
    "a chunk that ends in a line feed": LINE + CHUNKED + b"\r\n15\r\n" + BODY + b"\n0\r\n\r\n",
}
RIGHT = {
    "a length": WHOLE,
    "a length with spaces": LINE + b"content-length:  21 \r\n\r\n" + BODY,
    "chunks": LINE + CHUNKED + b"\r\n" + IN_CHUNKS + b"\r\n",
    "a trailer": LINE + CHUNKED + b"\r\n" + IN_CHUNKS + b"X: y\r\n\r\n",
    "line feeds in the body": LINE + b"Content-Length: 25\r\n\r\n" + BODY.replace(b" ", b"\n\r \n\n"),
    "line feeds in a chunk": LINE + CHUNKED + b"\r\n19\r\n" + BODY.replace(b" ", b"\n\r \n\n") + b"\r\n0\r\n\r\n",
    "the name of a length in a value": LINE + SIZED + b"X: content-length: 5\r\n\r\n" + BODY,
}


async def answers(words, *, published):
    """What is answered until the connection ends; the caller says nothing after these words, in pieces or whole."""

    async def publish(encoded):
        published.append(encoded.event.title)

    async def nothing_known(_):
        return None

    app = create_intake(Settings(_env_file=None), publish, nothing_known, lambda: None)
    async with listening(app) as (address, _):
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            for piece in words:
                writer.write(piece)
                await writer.drain()
            return re.findall(rb"HTTP/1\.1 ([0-9]+)", await asyncio.wait_for(reader.read(), LIMIT))
        finally:
            writer.transport.abort()


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
async def test_what_can_be_read_in_two_ways_is_refused(words):
    """400, the connection ends, and neither this nor what hides behind it is a request."""
    published = []
    assert await answers([words + WHOLE], published=published) == [b"400"]
    assert published == []


@pytest.mark.parametrize("name", ["bare line feeds", "a folded length", "a length beside chunks"])
async def test_so_it_is_behind_another_request(name):
    """The first is answered, and nothing after the one that is refused."""
    published = []
    assert await answers([WHOLE + WRONG[name] + WHOLE], published=published) == [b"202", b"400"]
    assert published == ["smuggled"]


async def test_it_may_come_in_pieces():
    """What is wrong is seen when the head is complete, however it was cut."""
    words = WRONG["a bare line feed at the end"]
    assert await answers([words[:-22], words[-22:]], published=[]) == [b"400"]


@pytest.mark.parametrize("words", RIGHT.values(), ids=RIGHT)
async def test_what_is_read_in_one_way_is_taken(words):
    """A body holds whatever it holds, and the next request on the connection is answered too."""
    published = []
    last = WHOLE.replace(SIZED, SIZED + b"Connection: close\r\n")
    assert await answers([words + last], published=published) == [b"202", b"202"]
    assert published == ["smuggled"] * 2


async def test_nothing_behind_a_refused_body_is_a_request():
    """What stands in a body that was not read stays a body."""
    hidden = LINE + b"Content-Length: 300000\r\n\r\n" + WHOLE
    published = []
    assert await answers([hidden, b"x"], published=published) == [b"413"]
    assert published == []
