"""A body that comes slowly, or not at all."""

import asyncio
from datetime import timedelta

import pytest
from starlette.requests import Request

from worker.web.body import read_body
from worker.web.problem import Problem


def request_of(receive):
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


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
