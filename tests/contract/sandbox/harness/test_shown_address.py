"""Behind a published port, the sandbox's links for people lead where a browser can go."""

import pytest

from worker.sandbox.boards import Boards
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams
from worker.sandbox.world import DEFAULT_WORLD

PUBLIC = "http://sandbox.example:8081"
TEAM = f"/graph/v1.0/teams/{DEFAULT_WORLD.team_id}"


@pytest.fixture
async def server():
    server = await SandboxServer.start([Boards(DEFAULT_WORLD), Teams(DEFAULT_WORLD)], public_url=PUBLIC)
    yield server
    await server.close()


async def test_a_work_item_is_shown_to_people_at_the_public_address(server, http):
    """The page is under the public address; what a program follows stays where the program asked."""
    patch = [{"op": "add", "path": "/fields/System.Title", "value": "Checkout is down"}]
    made = await http.post(
        f"/boards/{DEFAULT_WORLD.project}/_apis/wit/workItems/$Issue?api-version=7.1",
        json=patch,
        headers={"Content-Type": "application/json-patch+json"},
    )
    links = made.json()["_links"]
    assert links["html"]["href"].startswith(f"{PUBLIC}/boards/")
    assert links["self"]["href"].startswith(f"{server.url}/boards/")


async def test_a_channel_is_shown_to_people_at_the_public_address(server, http):
    """The address that Graph hands out for a channel opens the sandbox's page there."""
    made = await http.post(f"{TEAM}/channels", json={"displayName": "inc-1", "description": "x"})
    url = made.json()["webUrl"]
    assert url.startswith(f"{PUBLIC}/graph/l/channel/")
    opened = await http.get(url.replace(PUBLIC, server.url))
    assert opened.status_code == 302
    assert opened.headers["Location"].startswith("/#channel-")


def test_people_are_told_the_public_address(server):
    """What the sandbox prints for people is the address that works for them."""
    assert server.shown_url == PUBLIC
