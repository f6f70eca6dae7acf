"""More requests of known senders than can be served at once."""

import asyncio

import httpx
import pytest
from starlette.requests import Request

from worker.web.admission import Admission, visit_of
from worker.web.overload import OverloadGuard
from worker.web.problem import Problem


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
async def test_more_requests_than_can_be_at_once_are_asked_to_come_again(path):
    """Beyond the bound there is 503 with a time, and the process still tells how it is."""
    inside = asyncio.Event()
    may_end = asyncio.Event()

    async def slow(scope, receive, send):
        try:
            visit_of(Request(scope)).recognise()
        except Problem as refusal:
            await refusal.response()(scope, receive, send)
            return
        if scope["path"] == "/slow":
            inside.set()
            await may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(OverloadGuard(slow, admission=Admission(requests=1)))
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        first = asyncio.create_task(http.get("/slow"))
        await inside.wait()
        refused, probed = await http.get("/"), await http.get(path)
        may_end.set()
        assert (await first).status_code == 200
        assert (await http.get("/")).status_code == 200
    assert (refused.status_code, probed.status_code) == (503, 200)
    assert int(refused.headers["retry-after"]) >= 1
