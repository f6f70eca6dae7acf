"""A body that comes slowly, or not at all."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta

import pytest
from starlette.requests import Request

from worker.web.admission import ORDINARY_BODY, Admission
from worker.web.body import LARGEST_BODY, read_body
from worker.web.problem import Problem


def request_of(receive, **headers):
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": named}, receive)


async def test_a_body_that_does_not_arrive_is_given_up():
    """Who opens a call and then says nothing is told so, and loses the connection."""
    with pytest.raises(Problem) as refusal:
        await read_body(request_of(asyncio.Event().wait), within=timedelta(milliseconds=1))
    assert refusal.value.status == 408
    assert refusal.value.headers["Connection"] == "close"


async def test_a_body_that_breaks_off_is_no_fault_of_ours():
    """A sender that hangs up is refused like any half body."""

    async def hangs_up():
        return {"type": "http.disconnect"}

    with pytest.raises(Problem) as refusal:
        await read_body(request_of(hangs_up))
    assert refusal.value.status == 400


async def test_a_body_in_pieces_is_one_body():
    """It may be cut anywhere, also within a character."""
    pieces = [b'{"title": "Gr\xc3', b"\xb6\xc3\x9fer", b'"}']

    async def receive():
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    assert (await read_body(request_of(receive))).decode() == '{"title": "Größer"}'


@contextmanager
def known(admission, size, of=b" ", **headers):
    request = in_one_piece(size, of, **headers)
    with admission.visit(request.scope) as visit:
        visit.recognise()
        yield request


def in_one_piece(size, of=b" ", **headers):
    async def receive():
        return {"type": "http.request", "body": of * size, "more_body": False}

    return request_of(receive, **headers)


async def test_large_bodies_are_read_a_few_at_once():
    """Whoever comes while there is no room is asked to come again; an ordinary body needs none."""
    admission = Admission(large=1)
    with known(admission, ORDINARY_BODY + 1) as first, known(admission, ORDINARY_BODY + 1) as second:
        assert len(await read_body(first, limit=LARGEST_BODY)) > ORDINARY_BODY
        with pytest.raises(Problem) as refusal:
            await read_body(second, limit=LARGEST_BODY)
        assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (503, "5")
        with known(admission, ORDINARY_BODY) as ordinary:
            assert await read_body(ordinary, limit=LARGEST_BODY)
    with known(admission, ORDINARY_BODY + 1) as third:
        assert await read_body(third, limit=LARGEST_BODY)


async def test_a_large_body_that_is_announced_is_refused_before_it_comes():
    """Nothing of it is read while there is no room."""
    with known(Admission(large=0), 0, content_length="5000000") as request, pytest.raises(Problem) as refusal:
        await read_body(request, limit=LARGEST_BODY)
    assert refusal.value.status == 503


async def test_a_body_of_very_many_parts_is_too_much():
    """Small objects take thirty times their size to be read, however few bytes they are."""
    with known(Admission(), 900_000, of=b'{"a":0},') as request, pytest.raises(Problem) as refusal:
        await read_body(request, limit=LARGEST_BODY)
    assert refusal.value.status == 413
