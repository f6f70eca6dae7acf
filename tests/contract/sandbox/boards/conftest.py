"""One fresh organisation for each test, and the SDK's client pointed at it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from msrest.authentication import BasicAuthentication

# isort: split
from worker.clients.boards import cache

# isort: split
from azure.devops.v7_1.work_item_tracking import WorkItemTrackingClient
from azure.devops.v7_1.work_item_tracking.models import JsonPatchOperation
from patience import LIMIT

from worker.sandbox.boards import Boards
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.world import DEFAULT_WORLD

# What the SDK kept on the disk of another run's addresses is not true of ours, which may have the same ports.
cache.forget()

SPECS = Path(__file__).parents[2] / "specs" / "azure-devops-wit-7.1.json"
START = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, time: timedelta) -> None:
        self.now += time


@dataclass
class Organisation:
    """The stand-in as a test meets it: through the SDK, and over plain HTTP."""

    server: SandboxServer
    http: httpx.AsyncClient
    clock: Clock
    clients: list[WorkItemTrackingClient] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.server.url}/boards"

    def client(self, user: str = "", secret: str = "a-token") -> WorkItemTrackingClient:
        client = WorkItemTrackingClient(self.url, BasicAuthentication(user, secret))
        client.config.retry_policy.retries = 0
        self.clients.append(client)
        return client

    async def call(self, name: str, *args: Any, user: str = "", **kwargs: Any) -> Any:
        """Call a method of the SDK's client, which is synchronous, as the client of this person."""
        return await asyncio.to_thread(partial(getattr(self.client(user), name), *args, **kwargs))

    async def create(self, title: str = "Checkout is down", *operations: Any, kind: str = "Issue") -> Any:
        document = [add("/fields/System.Title", title), *operations]
        return await self.call("create_work_item", document, DEFAULT_WORLD.project, kind)

    async def update(self, number: int, *operations: Any, user: str = "") -> Any:
        return await self.call("update_work_item", list(operations), number, user=user)

    async def post(self, path: str, body: Any, content_type: str = "application/json-patch+json") -> httpx.Response:
        return await self.send("POST", path, body, content_type)

    async def patch(self, number: int, *operations: dict[str, Any]) -> httpx.Response:
        return await self.send("PATCH", f"/_apis/wit/workitems/{number}", list(operations))

    async def send(
        self, method: str, path: str, body: Any, content_type: str = "application/json-patch+json"
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.request(
            method, f"{self.url}{path}", content=content, headers={"Content-Type": content_type}
        )

    async def control(self, path: str, method: str = "POST", **body: Any) -> httpx.Response:
        """Do what people do in Boards themselves, by the sandbox."""
        return await self.http.request(method, f"{self.server.url}/sandbox/boards/{path}", json=body or None)

    async def as_person(self, number: int, **body: Any) -> dict[str, Any]:
        answer = await self.control(f"work-items/{number}", **body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["work_item"])

    async def as_state(self, number: int, state: str) -> Any:
        return await self.update(number, add("/fields/System.State", state))

    async def arrange(self, path: str, **body: Any) -> None:
        answer = await self.control(path, **body)
        assert answer.status_code == 200, answer.text

    async def fault(self, **definition: Any) -> None:
        answer = await self.http.post(f"{self.server.url}/sandbox/faults", json=definition)
        assert answer.status_code == 201, answer.text


def add(path: str, value: Any) -> JsonPatchOperation:
    return JsonPatchOperation(op="add", path=path, value=value)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def boards(clock: Clock) -> Boards:
    return Boards(DEFAULT_WORLD, clock=clock)


@pytest.fixture
async def organisation(boards: Boards, clock: Clock) -> AsyncIterator[Organisation]:
    server = await SandboxServer.start([boards])
    # Plain http only; reading the machine's certificates would be most of a test's time.
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        yield Organisation(server, http, clock)
    await server.close()


@pytest.fixture(scope="session")
def conforms() -> Callable[[str, Any], None]:
    """Check an answer against the published definition of that name, and that it has nothing beside it."""
    definitions = _read_as_json_schema(json.loads(SPECS.read_text(encoding="utf-8"))["definitions"])

    def check(name: str, answer: Any) -> None:
        schema = {"$ref": f"#/definitions/{name}", "unevaluatedProperties": False, "definitions": definitions}
        Draft202012Validator(schema).validate(answer)

    return check


def _read_as_json_schema(definition: Any) -> Any:
    """Swagger's bare `object` is any value at all, as the published examples show."""
    if isinstance(definition, list):
        return [_read_as_json_schema(item) for item in definition]
    if not isinstance(definition, dict):
        return definition
    if definition.keys() <= {"type", "description"} and definition.get("type") == "object":
        return {}
    return {name: _read_as_json_schema(value) for name, value in definition.items()}
