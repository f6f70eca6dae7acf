"""What the tests of the sandbox's server need: a way to speak to it, and for the people's page a team behind it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from patience import LIMIT

from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams
from worker.sandbox.world import DEFAULT_WORLD


@dataclass(frozen=True)
class Served:
    """The server's own addresses, and the one of its team."""

    http: httpx.AsyncClient
    team_path: str


@pytest.fixture
async def http(server: SandboxServer) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the test's own `server`."""
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        yield http


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    server = await SandboxServer.start([Teams(DEFAULT_WORLD)])
    async with httpx.AsyncClient(base_url=server.url, verify=False, timeout=LIMIT) as http:
        yield Served(http, f"/graph/v1.0/teams/{DEFAULT_WORLD.team_id}")
    await server.close()
