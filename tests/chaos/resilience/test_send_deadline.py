"""A worker that stands still at the last moment before a write leaves: after the deadline, nothing is sent."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
import pytest_asyncio

from worker.clients.boards.client import Boards
from worker.clients.boards.items import set_field
from worker.clients.posting.poster import Announcement
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import Channel, open_teams
from worker.domain.errors import Transient
from worker.resilience.send_deadline import sending_before
from worker.sandbox.running.services import Place, open_http
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings

CHANNEL = Channel(id="19:gone@thread.tacv2", name="gone", url="http://localhost/gone", team_id=DEFAULT_WORLD.team_id)
ANNOUNCEMENT = Announcement(marker="announcement:1", summary="s", card={})


class Passes:
    """A deadline that is met at the first looks, and has passed at the next."""

    def __init__(self, looks):
        self.looks = looks

    def leaves_room_for(self, _time_out):
        self.looks -= 1
        return self.looks >= 0

    def slack(self, _time_out):
        """Nobody has to wait for a turn here."""
        return timedelta(hours=1)


@pytest_asyncio.fixture
async def http():
    async with open_http(Place()) as server:
        yield server


def settings_for(http):
    return Settings.read(
        _env_file=None,
        boards_url=f"{http.url}/boards",
        boards_project=DEFAULT_WORLD.project,
        graph_url=f"{http.url}/graph/v1.0",
        teams_team_id=DEFAULT_WORLD.team_id,
        bot_service_url=f"{http.url}/bot",
        bot_app_id=DEFAULT_WORLD.bot_app_id,
        tenant_id=DEFAULT_WORLD.tenant_id,
        credential="anonymous",
    )


async def create_work_item(settings, stack):
    boards = await stack.enter_async_context(Boards.from_settings(settings))
    await boards.create((set_field("System.Title", "Late"),))


async def create_channel(settings, stack):
    teams = await stack.enter_async_context(open_teams(settings, None))
    await teams.create_channel("late", "Late")


async def announce(settings, stack):
    teams = await stack.enter_async_context(open_teams(settings, None))
    poster = await stack.enter_async_context(open_poster(settings, teams, None))
    await poster.post(CHANNEL, ANNOUNCEMENT)


@pytest.mark.parametrize(
    ("write", "looks"),
    [(create_work_item, 0), (create_work_item, 1)]
    + [(write, looks) for write in (create_channel, announce) for looks in (0, 1, 2)],
)
async def test_a_write_whose_deadline_passes_while_it_leaves_is_not_made(http, write, looks):
    """However late the worker stood still, between its head and its body too, no request arrives whole."""
    async with AsyncExitStack() as stack:
        with pytest.raises(Transient, match="stood still"), sending_before(Passes(looks)):
            await write(settings_for(http), stack)
    whole = [each for each in http.requests.listing() if each["method"] == "POST" and each["body"]]
    assert not whole


@pytest.mark.parametrize("write", [create_work_item, create_channel])
async def test_a_write_within_its_deadline_is_made(http, write):
    """The looks at the clock let through what is in time."""
    async with AsyncExitStack() as stack:
        with sending_before(Passes(3)):
            await write(settings_for(http), stack)
    assert [each["status"] for each in http.requests.listing() if each["method"] == "POST"] in ([200], [201])
