"""What the contract tests of Teams and its bot share: a served team, the real SDK, and Graph's own types."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from kiota_abstractions.authentication import AccessTokenProvider, AllowedHostsValidator
from kiota_abstractions.authentication.base_bearer_token_authentication_provider import (
    BaseBearerTokenAuthenticationProvider,
)
from kiota_http.middleware.options import RetryHandlerOption
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core import GraphClientFactory
from patience import LIMIT

from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams
from worker.sandbox.teams.bot import Bot
from worker.sandbox.teams.callers import DELEGATED_TOKEN
from worker.sandbox.teams.team import OPERATION_LASTS
from worker.sandbox.world import DEFAULT_WORLD, World

SPECS = Path(__file__).parents[2] / "specs"
# Plain http only; reading the machine's certificates would be most of a test's time, hence no verification below.


@dataclass
class SetClock:
    """A clock that stands still until a test moves it."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Served:
    """One team behind a real server, with the SDK as an application and as a person, and plain HTTP."""

    server: SandboxServer
    world: World
    teams: Teams
    bot: Bot
    clock: SetClock
    http: httpx.AsyncClient
    stack: AsyncExitStack = field(repr=False)

    @property
    def team_path(self) -> str:
        return f"/graph/v1.0/teams/{self.world.team_id}"

    @property
    def person(self) -> dict[str, str]:
        """What a request of the signed-in person's carries."""
        return {"Authorization": f"Bearer {DELEGATED_TOKEN}"}

    async def graph(self, token: str = "an-application") -> GraphServiceClient:
        options = {RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0)}
        # The SDK wraps the client's transport in one that closes nothing, so it is closed here.
        transport = httpx.AsyncHTTPTransport(verify=False)
        self.stack.push_async_callback(transport.aclose)
        client = httpx.AsyncClient(timeout=LIMIT, transport=transport)
        http = GraphClientFactory.create_with_default_middleware(client=client, options=options)
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(_Token(token)), http)
        adapter.base_url = f"{self.server.url}/graph/v1.0"
        return GraphServiceClient(request_adapter=adapter)

    async def channel(self, name: str = "inc-2041-checkout") -> str:
        made = await self.http.post(f"{self.team_path}/channels", json={"displayName": name})
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def archive(self, channel: str, team_path: str | None = None) -> None:
        """Archive the channel, and wait until that is done."""
        accepted = await self.http.post(f"{team_path or self.team_path}/channels/{channel}/archive")
        assert accepted.status_code == 202, accepted.text
        self.clock.move(OPERATION_LASTS)

    async def act(self, act: str, **wish: Any) -> httpx.Response:
        """Let people do something in the sandbox."""
        return await self.http.post(f"/sandbox/teams/{act}", json=wish)

    async def bot_says(self, channel: str, text: str = "I am the bot") -> str:
        """The id of the thread that the bot begins."""
        conversation = {
            "isGroup": True,
            "bot": {"id": f"28:{self.world.bot_app_id}"},
            "channelData": {"channel": {"id": channel}},
            "activity": {"type": "message", "text": text},
        }
        started = await self.http.post("/bot/v3/conversations", json=conversation)
        assert started.status_code == 201, started.text
        return str(started.json()["activityId"])

    async def say(self, channel: str, **message: Any) -> httpx.Response:
        """Post as a person, without the SDK in between."""
        path = f"{self.team_path}/channels/{channel}/messages"
        return await self.http.post(path, json=message, headers=self.person)


class _Token(AccessTokenProvider):
    def __init__(self, token: str) -> None:
        self._token = token

    async def get_authorization_token(self, uri: str, additional_authentication_context: Any = None) -> str:
        return self._token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


@asynccontextmanager
async def serving(data: Path | None = None, clock: SetClock | None = None) -> AsyncIterator[Served]:
    clock = clock or SetClock()
    teams = Teams(DEFAULT_WORLD, clock=clock)
    bot = Bot(DEFAULT_WORLD, teams)
    async with AsyncExitStack() as stack:
        server = await SandboxServer.start([teams, bot], data=data)
        stack.push_async_callback(server.close)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT))
        yield Served(server, DEFAULT_WORLD, teams, bot, clock, http, stack)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.fixture
def restartable(tmp_path: Path) -> Callable[[], Any]:
    """Each call serves the team anew from the same folder, with the clock going on."""
    clock = SetClock()
    return lambda: serving(tmp_path, clock)


@pytest.fixture
async def app(served: Served) -> GraphServiceClient:
    """Graph as an application sees it, without a person."""
    return await served.graph()


@pytest.fixture
async def person(served: Served) -> GraphServiceClient:
    """Graph as a signed-in person's delegated token sees it."""
    return await served.graph(DELEGATED_TOKEN)


@pytest.fixture(scope="session")
def conforms() -> Callable[[Any, str], None]:
    """Asserts that a JSON value is of one of Graph's own types: no unknown property, none of a wrong kind."""
    definitions = _definitions(json.loads((SPECS / "graph-teams-types.json").read_text()))

    def check(value: Any, name: str) -> None:
        schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
        jsonschema.Draft202012Validator(schema).validate(value)

    return check


_SIMPLE = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Int32": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Edm.DateTimeOffset": {
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
    },
}


def _definitions(types: list[dict[str, Any]]) -> dict[str, Any]:
    by_name = {one["name"]: one for one in types}
    return {name: _definition(one, by_name) for name, one in by_name.items()}


def _definition(one: dict[str, Any], by_name: dict[str, Any]) -> dict[str, Any]:
    if one["kind"] == "EnumType":
        return {"enum": one["members"]}
    properties = _properties(one, by_name)
    closed = {
        "type": "object",
        "properties": {name: _property(kind, by_name) for name, kind in properties.items()},
        "patternProperties": {r"@odata\.": {}},
    }
    # An identity may be of a derived type, which this excerpt does not hold.
    return closed if one["name"] == "identity" else closed | {"additionalProperties": False}


def _properties(one: dict[str, Any], by_name: dict[str, Any]) -> dict[str, Any]:
    parent = by_name.get((one["base"] or "").removeprefix("graph."))
    return (_properties(parent, by_name) if parent else {}) | one["properties"]


def _property(kind: dict[str, Any], by_name: dict[str, Any]) -> dict[str, Any]:
    schema = _schema_of(kind["type"], by_name)
    return {"anyOf": [schema, {"type": "null"}]} if kind["nullable"] else schema


def _schema_of(name: str, by_name: dict[str, Any]) -> dict[str, Any]:
    if name.startswith("Collection("):
        return {"type": "array", "items": _schema_of(name[len("Collection(") : -1], by_name)}
    if name in _SIMPLE:
        return _SIMPLE[name]
    known = name.removeprefix("graph.")
    return {"$ref": f"#/$defs/{known}"} if known in by_name else {}
