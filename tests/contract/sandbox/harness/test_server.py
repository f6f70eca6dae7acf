"""The sandbox's HTTP frame: one address for the stand-ins, a log of every request, state, news and restarts."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from aiohttp import web
from patience import LIMIT

from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.harness.latency import Typical, realistic
from worker.sandbox.harness.requests_log import BODY_KEPT, RequestLog
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.stand_ins import stand_ins
from worker.sandbox.teams.remote_systems import BOT
from worker.sandbox.world import DEFAULT_WORLD


class Notes:
    """A stand-in that keeps what is posted to it."""

    system = BOARDS

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/boards/notes", self.add), web.get("/boards/notes", self.all)]

    async def add(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body == "break":
            raise RuntimeError("A stand-in with a fault of its own.")
        if body == "refuse":
            raise web.HTTPConflict(text="refused")
        self.notes.append(body)
        return web.json_response({"count": len(self.notes)})

    async def all(self, _: web.Request) -> web.Response:
        return web.json_response(self.notes)

    def state(self) -> dict[str, Any]:
        return {"notes": list(self.notes)}

    def restore(self, state: Any) -> None:
        self.notes = list(state["notes"])


@pytest.fixture
async def server():
    server = await SandboxServer.start([Notes()])
    yield server
    await server.close()


async def requests(http, **query):
    return (await http.get("/sandbox/requests", params=query)).json()["requests"]


async def test_the_stand_ins_are_served_under_one_address(http):
    """A request reaches its stand-in, and the whole state shows what it did."""
    answer = await http.post("/boards/notes", json="one")
    state = (await http.get("/sandbox/state")).json()
    assert answer.json() == {"count": 1}
    assert state["boards"] == {"notes": ["one"]}


async def test_every_request_is_logged_in_order_with_its_answer(http):
    """The log has each request's address, answer, times and bodies, and nothing of its credentials."""
    await http.post("/boards/notes?why=test", json="one", headers={"Authorization": "Bearer very-secret"})
    await http.get("/boards/notes")
    await http.get("/boards/nowhere")
    logged = await requests(http)
    assert [(r["number"], r["method"], r["path"], r["status"]) for r in logged] == [
        (1, "POST", "/boards/notes?why=test", 200),
        (2, "GET", "/boards/notes", 200),
        (3, "GET", "/boards/nowhere", 404),
    ]
    first = logged[0]
    assert (first["system"], first["body"], first["body_bytes"]) == ("boards", '"one"', 5)
    assert json.loads(first["answer"]) == {"count": 1}
    assert first["duration"] == pytest.approx(first["end"] - first["start"], abs=1e-5)
    assert "very-secret" not in json.dumps(logged)


async def test_the_sandboxs_own_requests_are_not_in_the_log(http):
    """Looking at the sandbox leaves no trace in what is looked at."""
    await http.get("/sandbox/state")
    assert await requests(http) == []


async def test_the_log_is_read_on_from_where_one_was(http):
    """The log can be asked for what came after a request, and for one system."""
    for note in ("one", "two"):
        await http.post("/boards/notes", json=note)
    assert [r["number"] for r in await requests(http, after=1)] == [2]
    assert await requests(http, system="graph") == []
    refused = await http.get("/sandbox/requests", params={"after": "-1"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "after")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_stand_in_that_breaks_is_logged_as_500(http):
    """A fault of a stand-in's own is an answer, and in the log."""
    answer = await http.post("/boards/notes", json="break")
    assert answer.status_code == 500
    assert [r["status"] for r in await requests(http)] == [500]


def test_the_log_keeps_a_bounded_number_of_requests(monkeypatch):
    """The oldest entries go when there are too many, and the oldest bodies when they weigh too much."""
    monkeypatch.setattr("worker.sandbox.harness.requests_log.BODIES_KEPT", 10)
    log = RequestLog()
    for body in (b"12345678", b"abcdefgh"):
        entry = log.begin("boards", "POST", "/boards/notes")
        log.body(entry, body)
        log.end(entry, 200, None)
    assert [entry["body"] for entry in log.listing()] == [None, "abcdefgh"]


def test_the_log_keeps_the_beginning_of_a_large_body():
    """A body is kept up to its bound, and its true size beside it."""
    log = RequestLog()
    entry = log.begin("boards", "POST", "/boards/notes")
    log.body(entry, b"x" * 100_000)
    [logged] = log.listing()
    assert (len(logged["body"]), logged["body_bytes"]) == (BODY_KEPT, 100_000)


async def test_watchers_are_told_of_every_change(server, http):
    """The event stream begins with the present number of changes and goes on with each new one."""
    async with asyncio.timeout(LIMIT), http.stream("GET", "/sandbox/events") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = (line async for line in stream.aiter_lines() if line.startswith("data:"))
        assert await anext(lines) == "data: 0"
        await http.post("/boards/notes", json="one")
        assert await anext(lines) == "data: 1"


async def test_watchers_are_let_go_when_the_sandbox_closes(server, http):
    """A closing sandbox ends its event streams."""
    async with asyncio.timeout(LIMIT), http.stream("GET", "/sandbox/events") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await server.close()
        assert [line async for line in lines if line.startswith("data: ")] in ([], ["data: 1"])


async def test_a_restarted_sandbox_has_lost_nothing(tmp_path):
    """With a directory, what was answered is there again after a restart."""
    first = await SandboxServer.start([Notes()], data=tmp_path / "state")
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        await http.post(f"{first.url}/boards/notes", json="one")
        await first.close()
        second = await SandboxServer.start([Notes()], data=tmp_path / "state")
        assert (await http.get(f"{second.url}/boards/notes")).json() == ["one"]
        await second.close()


async def test_the_state_is_kept_before_the_answer_leaves(tmp_path):
    """At the time of the answer the file has the change already."""
    server = await SandboxServer.start([Notes()], data=tmp_path)
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        await http.post(f"{server.url}/boards/notes", json="one")
        assert json.loads((tmp_path / "boards.json").read_text()) == {"notes": ["one"]}
    await server.close()


async def test_what_one_stand_in_changes_in_another_is_kept_too(tmp_path):
    """A bot's message is kept by another stand-in than the one that was asked."""
    notes = Notes()

    class Messenger(Notes):
        system = BOT

        def routes(self) -> list[web.RouteDef]:
            return [web.post("/bot/notes", notes.add)]

    server = await SandboxServer.start([notes, Messenger()], data=tmp_path)
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        await http.post(f"{server.url}/bot/notes", json="one")
    await server.close()
    assert json.loads((tmp_path / "boards.json").read_text()) == {"notes": ["one"]}


async def test_a_state_that_cannot_be_read_is_named(tmp_path):
    """A broken file stops the start with a sentence that names it."""
    (tmp_path / "boards.json").write_text("{")
    with pytest.raises(ValueError, match=r"boards\.json.*Move the file away"):
        await SandboxServer.start([Notes()], data=tmp_path)


async def test_a_page_of_another_site_is_refused(http):
    """What a stranger's page sends from somebody's browser has no effect."""
    for origin in ("https://evil.example", "null"):
        answer = await http.post("/boards/notes", json="one", headers={"Origin": origin})
        assert answer.status_code == 403
    own = await http.post("/boards/notes", json="two", headers={"Origin": str(http.base_url)})
    assert own.status_code == 200
    assert (await http.get("/boards/notes")).json() == ["two"]


async def test_the_page_may_run_only_its_own_script(http):
    """The people's page comes with a policy whose nonce is new each time and stands in the page."""
    first, second = [(await http.get("/")) for _ in range(2)]
    policies = [answer.headers["Content-Security-Policy"] for answer in (first, second)]
    nonce = policies[0].partition("'nonce-")[2].partition("'")[0]
    assert "default-src 'none'" in policies[0]
    assert f'nonce="{nonce}"' in first.text
    assert policies[0] != policies[1]


async def test_a_closed_sandbox_can_be_closed_again(server):
    """Closing twice is closing once."""
    await server.close()
    await server.close()


async def test_a_delayed_call_takes_its_effect_and_is_answered():
    """With a latency each call is still applied once and answered."""
    notes = Notes()
    notes.system = replace(BOARDS, typical=(Typical("POST", "", 1, "a test"),))
    server = await SandboxServer.start([notes], latency=realistic())
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        answer = await http.post(f"{server.url}/boards/notes", json="one")
    assert answer.json() == {"count": 1}
    await server.close()


@pytest.mark.parametrize(
    ("method", "path", "status", "at"),
    [
        ("GET", "/boards/_apis/wit/nowhere", 404, ("message",)),
        ("DELETE", "/boards/_apis/connectionData", 405, ("message",)),
        ("GET", "/graph/v1.0/nowhere", 404, ("error", "message")),
        ("GET", "/bot/v3/nowhere", 404, ("error", "message")),
        ("GET", "/bot/v3/conversations", 405, ("error", "message")),
        ("GET", "/sms/nowhere", 404, ("error", "message")),
    ],
)
async def test_a_call_that_is_not_known_is_answered_in_the_words_of_its_system(method, path, status, at):
    """As JSON that its clients read, with a sentence that names the call."""
    server = await SandboxServer.start(stand_ins(DEFAULT_WORLD))
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        answer = await http.request(method, path)
    await server.close()

    told = answer.json()
    for name in at:
        told = told[name]
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, "application/json")
    assert f"does not know {method} {path}" in told
