"""Faults: the sandbox misbehaves as told, as often as told, and behaves again."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from aiohttp import web
from patience import LIMIT, PATIENCE

from worker.sandbox.boards.remote_system import BOARDS
from worker.sandbox.harness.faults import FAULTS, FAULTS_LIMIT, BadFault, Faults
from worker.sandbox.harness.remote_system import RemoteSystem
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams.remote_systems import GRAPH


class Counter:
    """A stand-in that counts what it applied."""

    def __init__(self, system: RemoteSystem = BOARDS) -> None:
        self.system = system
        self.applied = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", f"{self.system.path}/{{what}}", self.apply)]

    async def apply(self, request: web.Request) -> web.Response:
        self.applied += 1
        return web.json_response({"lag": request.app[FAULTS].lag(self.system.name).total_seconds()})

    def state(self) -> dict[str, Any]:
        return {"applied": self.applied}

    def restore(self, state: Any) -> None:
        self.applied = state["applied"]


class QueueFaults:
    """What the queue was told, as its stand-in would keep it."""

    def __init__(self) -> None:
        self.told: dict[str, int | None] = {}

    def inject(self, behaviour: str, times: int | None = None) -> None:
        if behaviour != "drop":
            raise ValueError(f"The queue cannot {behaviour!r}.")
        self.told[behaviour] = times

    def active(self) -> dict[str, int | None]:
        return self.told

    def clear(self) -> None:
        self.told = {}


class Queue:
    def __init__(self) -> None:
        self.faults = QueueFaults()

    def snapshot(self) -> dict[str, Any]:
        return {"incidents": {"active": 3}}


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
async def server(counter, queue):
    server = await SandboxServer.start([counter, Counter(GRAPH)], queue=queue)
    yield server
    await server.close()


async def tell(http, **fault):
    answer = await http.post("/sandbox/faults", json={"system": "boards", **fault})
    assert answer.status_code == 201, answer.text


async def refused(http, **fault):
    """Post a definition that must be refused, and give the field that is named."""
    answer = await http.post("/sandbox/faults", json={"system": "boards", "behaviour": "refuse", **fault})
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["message"].endswith(".")
    return error["field"]


async def until(condition):
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.005)


async def test_a_status_is_answered_without_any_effect(http, counter):
    """The status comes with its headers and in the system's own words, and nothing is applied."""
    await tell(http, behaviour="status", status=429, headers={"Retry-After": "7", "X-RateLimit-Remaining": "0"})
    answer = await http.post("/boards/x")
    assert (answer.status_code, counter.applied) == (429, 0)
    assert (answer.headers["Retry-After"], answer.headers["X-RateLimit-Remaining"]) == ("7", "0")
    assert answer.json()["message"].startswith("TF400733")


async def test_a_status_can_bring_its_own_body(http):
    """A body given as text or as JSON is answered as it is."""
    await tell(http, behaviour="status", status=502, body="<h1>Bad</h1>", headers={"content-type": "text/html"})
    await tell(http, behaviour="status", status=400, body={"message": "no"})
    first, second = await http.get("/boards/x"), await http.get("/boards/x")
    assert (first.text, first.headers["Content-Type"]) == ("<h1>Bad</h1>", "text/html; charset=utf-8")
    assert second.json() == {"message": "no"}


@pytest.mark.parametrize("status", [203, 401, 403, 409, 429, 500, 502, 503, 504, 599])
async def test_each_status_has_words_of_each_system(http, status):
    """Every status has a body of the shape that the system's clients read."""
    await tell(http, behaviour="status", status=status)
    await tell(http, system="graph", behaviour="status", status=status)
    boards, graph = await http.get("/boards/x"), await http.get("/graph/x")
    assert boards.status_code == graph.status_code == status
    is_page = boards.headers["Content-Type"].startswith("text/html")
    assert is_page == (status in (203, 502, 504))
    assert is_page or boards.json()["typeKey"]
    assert graph.json()["error"]["code"]


@pytest.mark.parametrize(("behaviour", "applied"), [("refuse", 0), ("drop-before", 0), ("drop-after", 1)])
async def test_a_cut_connection_is_no_answer(http, counter, behaviour, applied):
    """The connection ends without an answer, with or without the effect, and the next request is well."""
    await tell(http, behaviour=behaviour)
    with pytest.raises(httpx.TransportError):
        await http.post("/boards/x", json=1)
    assert counter.applied == applied
    assert (await http.post("/boards/x")).status_code == 200
    first, second = (await http.get("/sandbox/requests")).json()["requests"]
    assert (first["fault"], first["status"], second["fault"], second["status"]) == (behaviour, None, None, 200)


async def test_an_effect_can_be_answered_with_an_error(http, counter):
    """The request is applied, and the answer says that it failed."""
    await tell(http, behaviour="apply-then-status", status=503)
    assert (await http.post("/boards/x")).status_code == 503
    assert counter.applied == 1


async def test_a_delayed_request_is_applied_and_answered(http, counter):
    """A delay changes nothing but the time."""
    await tell(http, behaviour="delay", seconds=0.01)
    assert (await http.post("/boards/x")).status_code == 200
    assert counter.applied == 1


async def test_a_client_that_gave_up_has_its_effect_all_the_same(server, http, counter, loop_clock):
    """A request that is delayed beyond its client's patience is applied when its time comes."""
    await tell(http, behaviour="delay", seconds=2 * LIMIT)
    delayed = asyncio.create_task(http.post("/boards/x"))
    await until(server.requests.listing)
    loop_clock.move(PATIENCE)
    with pytest.raises(httpx.ReadTimeout):
        await delayed
    assert counter.applied == 0
    loop_clock.move(PATIENCE)
    await until(lambda: counter.applied == 1)


async def test_a_hanging_request_is_let_go_when_the_faults_are_cleared(server, http, counter):
    """A request hangs without effect until the faults are cleared, and then gets no answer."""
    await tell(http, behaviour="hang")
    hanging = asyncio.create_task(http.post("/boards/x"))
    await until(server.requests.listing)
    assert not hanging.done()
    assert (await http.delete("/sandbox/faults")).status_code == 204
    with pytest.raises(httpx.TransportError):
        await hanging
    assert counter.applied == 0


async def test_a_hanging_request_does_not_hold_up_the_end(server, http):
    """A sandbox that closes lets go of what hangs."""
    await tell(http, behaviour="hang")
    hanging = asyncio.create_task(http.post("/boards/x"))
    await until(server.requests.listing)
    async with asyncio.timeout(LIMIT):
        await server.close()
    with pytest.raises(httpx.TransportError):
        await hanging


async def test_a_fault_happens_as_often_as_told(http):
    """Two times is two times, and the third request is well."""
    await tell(http, behaviour="status", status=503, times=2)
    assert [(await http.get("/boards/x")).status_code for _ in range(3)] == [503, 503, 200]


async def test_a_fault_without_end_happens_until_it_is_cleared(http):
    """Null times is an outage that ends when it is told to."""
    await tell(http, behaviour="status", status=503, times=None)
    assert [(await http.get("/boards/x")).status_code for _ in range(3)] == [503, 503, 503]
    await http.delete("/sandbox/faults")
    assert (await http.get("/boards/x")).status_code == 200


async def test_one_system_can_behave_again_alone(server, http, queue):
    """Cleared for one system, its faults end and its hanging requests are let go; the others' stay."""
    await tell(http, behaviour="hang")
    await tell(http, system="graph", behaviour="status", status=503, times=None)
    await tell(http, system="queue", behaviour="drop")
    hanging = asyncio.create_task(http.post("/boards/x"))
    await until(server.requests.listing)
    assert (await http.delete("/sandbox/faults", params={"system": "graph"})).status_code == 204
    assert (await http.get("/graph/x")).status_code == 200
    assert (hanging.done(), queue.faults.told) == (False, {"drop": None})
    await http.delete("/sandbox/faults", params={"system": "boards"})
    with pytest.raises(httpx.TransportError):
        await hanging
    await http.delete("/sandbox/faults", params={"system": "queue"})
    assert queue.faults.told == {}


async def test_a_system_that_is_not_there_cannot_behave_again(http):
    """A name that no stand-in has is refused, and clears nothing."""
    await tell(http, behaviour="refuse")
    answer = await http.delete("/sandbox/faults", params={"system": "payroll"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "system")
    assert len((await http.get("/sandbox/faults")).json()["faults"]) == 1


async def test_a_fault_that_is_told_or_cleared_is_news(server, http):
    """Whoever watches the sandbox hears of it, since the page shows the faults."""
    before = server.changes.number
    await tell(http, behaviour="refuse")
    told = server.changes.number
    await http.delete("/sandbox/faults")
    assert before < told < server.changes.number


async def test_a_fault_happens_to_the_requests_it_names(http):
    """The system, the method and the path must all fit; the path is matched decoded, with its query."""
    await tell(http, behaviour="status", status=503, method="POST", path=r"/\$issue\?.*dry=no")
    assert (await http.get("/boards/$Issue?dry=no")).status_code == 200
    assert (await http.post("/graph/$Issue?dry=no")).status_code == 200
    assert (await http.post("/boards/$Task?dry=no")).status_code == 200
    assert (await http.post("/boards/%24Issue?x=1&dry=no")).status_code == 503


async def test_faults_happen_in_the_order_they_were_told(http):
    """A request that fits two takes the older one."""
    await tell(http, behaviour="status", status=500)
    await tell(http, behaviour="status", status=502)
    assert [(await http.get("/boards/x")).status_code for _ in range(3)] == [500, 502, 200]


async def test_the_faults_in_force_are_listed(http):
    """The list shows each fault and how often it is still to happen."""
    await tell(http, behaviour="status", status=503, times=3, path="x")
    await http.get("/boards/x")
    [listed] = (await http.get("/sandbox/faults")).json()["faults"]
    assert (listed["behaviour"], listed["path"], listed["times_left"]) == ("status", "x", 2)


async def test_a_lag_is_a_state_until_it_is_cleared(http):
    """A lag happens to no request; it is there for the stand-in to see."""
    await tell(http, behaviour="lag", seconds=30)
    assert [(await http.get("/boards/x")).json()["lag"] for _ in range(2)] == [30, 30]
    assert (await http.get("/graph/x")).json()["lag"] == 0
    await http.delete("/sandbox/faults")
    assert (await http.get("/boards/x")).json()["lag"] == 0


async def test_a_fault_is_for_a_system_that_is_served():
    """The systems are those of the stand-ins that are there; the sentence names them."""
    faults = Faults([GRAPH])
    with pytest.raises(BadFault, match="one of graph, queue; not 'boards'"):
        faults.add({"system": "boards", "behaviour": "refuse"})


async def test_a_throttle_is_a_state_of_graph_only():
    """Graph's limits are switched on as a state; no other stand-in has them."""
    faults = Faults([BOARDS, GRAPH])
    faults.add({"system": "graph", "behaviour": "throttle"})
    assert (faults.throttled("graph"), faults.throttled("boards")) == (True, False)
    with pytest.raises(BadFault):
        faults.add({"system": "boards", "behaviour": "throttle"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("system", "mail"),
        ("system", ["boards"]),
        ("behaviour", "explode"),
        ("behaviour", None),
        ("method", "P0ST"),
        ("method", 7),
        ("path", "("),
        ("path", "x" * 201),
        ("path", "(a+)+"),
        ("path", "a*a*a*a*b"),
        ("times", 0),
        ("times", 1.5),
        ("times", True),
        ("status", 99),
        ("status", "503"),
        ("headers", {"Bad Name": "x"}),
        ("headers", {"Retry-After": "1\r\nX: y"}),
        ("headers", {"Content-Length": "1"}),
        ("headers", ["Retry-After"]),
        ("body", "x" * 70_000),
        ("seconds", -1),
        ("seconds", "5"),
        ("seconds", 1e9),
        ("unknown", 1),
    ],
)
async def test_a_bad_definition_is_refused_and_names_its_field(http, field, value):
    """What makes no sense is a 400 with the field's name and a sentence."""
    assert await refused(http, **{field: value}) == field


async def test_a_definition_that_lacks_what_its_behaviour_needs_is_refused(http):
    """A status needs a status, a delay and a lag need seconds."""
    assert await refused(http, behaviour="status") == "status"
    assert await refused(http, behaviour="delay") == "seconds"
    assert await refused(http, behaviour="lag") == "seconds"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"7", b"[" * 100_000, b"\xff"])
async def test_a_definition_that_is_no_object_is_refused(http, body):
    """Not JSON, or not an object: 400, never a crash."""
    answer = await http.post("/sandbox/faults", content=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "body")


async def test_the_number_of_faults_is_bounded():
    """A client that tells faults in a loop is stopped."""
    faults = Faults([BOARDS, GRAPH])
    for seconds in range(FAULTS_LIMIT):
        faults.add({"system": "boards", "behaviour": "delay", "seconds": seconds})
    with pytest.raises(BadFault, match="already"):
        faults.add({"system": "boards", "behaviour": "refuse"})


async def test_the_queues_faults_go_to_the_queue(http, queue):
    """A fault of the queue is told to its stand-in, listed with the others, and cleared with them."""
    await tell(http, system="queue", behaviour="drop", times=2)
    listed = (await http.get("/sandbox/faults")).json()["faults"]
    assert queue.faults.told == {"drop": 2}
    assert listed == [{"system": "queue", "behaviour": "drop", "times_left": 2}]
    assert await refused(http, system="queue", behaviour="explode") == "behaviour"
    assert await refused(http, system="queue", behaviour="drop", path="x") == "path"
    await http.delete("/sandbox/faults")
    assert queue.faults.told == {}
    assert (await http.get("/sandbox/state")).json()["queue"] == {"incidents": {"active": 3}}


async def test_a_sandbox_without_a_queue_says_so(counter):
    """A fault for a queue that is somewhere else is refused."""
    server = await SandboxServer.start([counter])
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        assert await refused(http, system="queue", behaviour="drop") == "system"
    await server.close()


async def test_what_a_lost_answer_changed_is_kept(tmp_path, counter):
    """An effect whose answer was dropped survives a restart like any other."""
    server = await SandboxServer.start([counter], data=tmp_path)
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        await tell(http, behaviour="drop-after")
        with pytest.raises(httpx.TransportError):
            await http.post("/boards/x")
    await server.close()
    assert json.loads((tmp_path / "boards.json").read_text()) == {"applied": 1}
