"""What the tests of the steps share: the routes into the team, the ways to a person, and what stands where."""

from dataclasses import dataclass
from typing import Any

import pytest
from patience import LIMIT

from handlers.launch.create_channel import CreateChannel
from handlers.paging.ways import Ways
from worker.clients.pager.webhook import open_pager_webhooks
from worker.clients.posting.fallback import FallbackChannels
from worker.clients.posting.routes import open_posting
from worker.clients.sms.client import open_sms
from worker.clients.teams.client import open_teams
from worker.domain.page import Page, Paged
from worker.domain.paging_ways import read_paging_ways
from worker.domain.teams_fallback import read_fallback
from worker.engine.pages import Pages
from worker.engine.step import Done
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.pager import Pager
from worker.sandbox.sms import Sms
from worker.sandbox.world import DEFAULT_WORLD


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture
def posting():
    return "bot"


@pytest.fixture
async def routes(team, teams, posting):
    settings = team.settings(posting=posting, lookup_lag_seconds=LIMIT)
    async with open_posting(settings, teams, None) as opened:
        yield opened


@pytest.fixture
def poster(routes):
    return routes.poster


@pytest.fixture
def a_post(posting):
    """A message on its way into a channel, as a fault's definition."""
    where = {"system": "bot"} if posting == "bot" else {"system": "graph", "path": "/messages$"}
    return {"method": "POST", **where}


@pytest.fixture
def an_update(posting):
    where = {"system": "bot", "method": "PUT"}
    return where if posting == "bot" else {"system": "graph", "method": "PATCH", "path": r"/messages/\d+$"}


@pytest.fixture
async def own_channel(teams, incident):
    return await CreateChannel(teams).run(incident, Done())


@pytest.fixture
def places(teams):
    return lambda text: FallbackChannels(teams, read_fallback(text))


@pytest.fixture
def said(team):
    """The messages that stand in a channel of either team."""

    def there(channel_id: str) -> list[dict[str, Any]]:
        state = team.stand_in.state()
        teams = [state, *state["other_teams"]]
        channels = [channel for each in teams for channel in each["channels"]]
        return next(channel["messages"] for channel in channels if channel["id"] == channel_id)

    return there


@pytest.fixture
def chat_of(team):
    """What the bot has written to one person alone, by the number in the world."""

    def written(number: int) -> list[dict[str, Any]]:
        person = DEFAULT_WORLD.people[number].entra_id
        chats = team.stand_in.state()["chats"]
        return [message for chat in chats if chat["person"] == person for message in chat["messages"]]

    return written


@dataclass
class Phones:
    """The stand-ins for SMS and pagers, as a test looks at them and disturbs them."""

    server: SandboxServer
    sms: Sms
    pager: Pager

    def disturb(self, **fault: Any) -> None:
        self.server.faults.add(fault)


@pytest.fixture
async def phones():
    sms, pager = Sms(DEFAULT_WORLD), Pager()
    server = await SandboxServer.start([sms, pager])
    yield Phones(server, sms, pager)
    await server.close()


@pytest.fixture
async def open_ways(team, teams, routes, phones):
    """Every way there is to a person; `default` is for whoever's row says nothing."""
    settings = team.settings(**phones.server.settings())
    async with open_sms(settings, None) as sms, open_pager_webhooks(settings) as webhooks:

        def opened(default: str = "mention+chat+sms+webhook:pager", **others: Any) -> Ways:
            given = {"chats": routes.chats, "sms": sms, "webhooks": webhooks, **others}
            return Ways(teams=teams, default=read_paging_ways(default), **given)

        yield opened


@pytest.fixture
def told():
    """The pages so far, as the launch keeps them."""

    def noted(*pages: Page) -> Pages:
        kept = Pages()
        kept.note(Paged(pages=pages))
        return kept

    return noted
