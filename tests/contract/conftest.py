"""What the contract tests of clients and steps share: Boards and a team behind real servers, and who speaks to them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from loop_clock import moved_clock
from msrest.authentication import Authentication
from patience import LIMIT, PATIENCE

from worker.clients.boards.client import Boards
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.sandbox.boards import Boards as BoardsStandIn
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams as StandIn
from worker.sandbox.teams.bot import Bot
from worker.sandbox.teams.callers import DELEGATED_TOKEN
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings


def pytest_configure(config: pytest.Config) -> None:
    """Let the Graph SDK be imported: it deprecates its own generated classes where it defines them."""
    for module in ("msgraph", "kiota_abstractions"):
        config.addinivalue_line("filterwarnings", f"ignore::DeprecationWarning:{module}")


@dataclass
class Team:
    """The stand-ins for Graph and the bot, as a test looks at them and disturbs them."""

    server: SandboxServer
    stand_in: StandIn
    bot: Bot

    def settings(self, **others: Any) -> Settings:
        chosen = {
            "graph_url": f"{self.server.url}/graph/v1.0",
            "teams_team_id": DEFAULT_WORLD.team_id,
            "bot_service_url": f"{self.server.url}/bot",
            "bot_app_id": DEFAULT_WORLD.bot_app_id,
            "tenant_id": DEFAULT_WORLD.tenant_id,
            "credential": "anonymous",
            "call_timeout_seconds": PATIENCE,
            "lookup_lag_seconds": 1,
        }
        return Settings.read(_env_file=None, **{**chosen, **others})

    def disturb(self, **fault: Any) -> None:
        self.server.faults.add({"system": "graph", **fault})

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [each for each in self.server.requests.listing() if each["method"] == method]

    def channels(self) -> list[dict[str, Any]]:
        """All but the team's General channel, deleted ones included."""
        return [each for each in self.stand_in.state()["channels"] if each["displayName"] != "General"]

    def messages(self) -> list[dict[str, Any]]:
        return [message for channel in self.channels() for message in channel["messages"]]

    async def call(self, method: str, path: str, **body: Any) -> None:
        """Do something in the team as a person would, without the client under test."""
        url = f"{self.server.url}/graph/v1.0/teams/{DEFAULT_WORLD.team_id}{path}"
        headers = {"Authorization": f"Bearer {DELEGATED_TOKEN}"}
        async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
            answer = await http.request(method, url, json=body or None, headers=headers)
        answer.raise_for_status()


@pytest.fixture
async def loop_clock():
    """For time-outs that are to end when something has been seen, and not while a busy machine is on its way there."""
    with moved_clock() as clock:
        yield clock


@pytest.fixture
async def team() -> AsyncIterator[Team]:
    stand_in = StandIn(DEFAULT_WORLD, operation_lasts=timedelta())
    bot = Bot(DEFAULT_WORLD, stand_in)
    server = await SandboxServer.start([stand_in, bot])
    yield Team(server, stand_in, bot)
    await server.close()


@pytest.fixture
def stand_in() -> BoardsStandIn:
    return BoardsStandIn(DEFAULT_WORLD)


@pytest.fixture
async def sandbox(stand_in) -> AsyncIterator[SandboxServer]:
    server = await SandboxServer.start([stand_in])
    yield server
    await server.close()


@pytest.fixture
def administer(sandbox):
    """Change a project's process as its administrators do."""

    async def arranged(path: str, **body: Any) -> None:
        async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
            answer = await http.post(f"{sandbox.url}/sandbox/boards/{path}", json=body)
        answer.raise_for_status()

    return arranged


@pytest.fixture
def connect(sandbox):
    """Makes a client of the sandbox's organisation; the settings may be others."""

    def connected(**settings: Any) -> Boards:
        chosen = {"project": "Incidents", "work_item_type": "Issue", "time_out": PATIENCE, **settings}
        return Boards(f"{sandbox.url}/boards", **{"authentication": Authentication(), **chosen})

    return connected


@pytest.fixture
async def boards(connect) -> AsyncIterator[Boards]:
    async with connect() as client:
        yield client


@pytest.fixture
def incident() -> Incident:
    event = Event(title="Checkout is down", severity=1, service="checkout")
    return Incident(key="the-key", event=event, received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
