"""More requests than can be served at once."""

import asyncio

import httpx

from worker.web.overload import OverloadGuard


async def test_more_requests_than_can_be_at_once_are_asked_to_come_again():
    """Beyond the bound there is 503 with a time, and the process still says that it is alive."""
    inside = asyncio.Event()
    may_end = asyncio.Event()

    async def slow(scope, receive, send):
        if scope["path"] == "/slow":
            inside.set()
            await may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(OverloadGuard(slow, at_once=1))
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        first = asyncio.create_task(http.get("/slow"))
        await inside.wait()
        refused, alive = await http.get("/"), await http.get("/livez")
        may_end.set()
        assert (await first).status_code == 200
        assert (await http.get("/")).status_code == 200
    assert (refused.status_code, alive.status_code) == (503, 200)
    assert int(refused.headers["retry-after"]) >= 1
