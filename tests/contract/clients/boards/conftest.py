"""What the tests of the Boards client share: the stand-in behind a real server, and the client on the real SDK."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msrest.authentication import Authentication
from patience import PATIENCE

from worker.clients.boards.client import Boards
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.sandbox.boards import Boards as StandIn
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.world import DEFAULT_WORLD


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn(DEFAULT_WORLD)


@pytest.fixture
async def sandbox(stand_in) -> AsyncIterator[SandboxServer]:
    server = await SandboxServer.start([stand_in])
    yield server
    await server.close()


@pytest.fixture
def connect(sandbox):
    """Makes a client of the sandbox's organisation; the settings may be others."""

    def connected(**settings: Any) -> Boards:
        chosen = {"project": "Incidents", "work_item_type": "Issue", "time_out": PATIENCE, **settings}
        return Boards(f"{sandbox.url}/boards", authentication=Authentication(), **chosen)

    return connected


@pytest.fixture
async def boards(connect) -> AsyncIterator[Boards]:
    async with connect() as client:
        yield client


@pytest.fixture
def incident_of():
    def made(key: str, title: str = "Checkout is down") -> Incident:
        return Incident(key=key, event=Event(title=title), received_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))

    return made


@pytest.fixture
def incident(incident_of) -> Incident:
    return incident_of("the-key")


@pytest.fixture
def sent(sandbox):
    """The requests of one method that the server received, those cut off included."""

    def received(method: str) -> list[dict[str, Any]]:
        return [each for each in sandbox.requests.listing() if each["method"] == method]

    return received
