"""The remote systems as they are looked at when a worker starts."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from handlers.paging.ways import Ways
from worker.app.clients import Clients
from worker.clients.boards.client import Boards
from worker.clients.pager.webhook import PagerWebhook
from worker.clients.posting.poster import Poster
from worker.clients.sms.client import Sms
from worker.clients.teams.client import Teams, open_teams
from worker.domain.errors import Forbidden, Unreachable
from worker.domain.paging_ways import read_paging_ways
from worker.oncall.definitions import Definitions, ServiceRecord
from worker.sandbox.world import DEFAULT_WORLD

CHECKED = ("boards", "teams", "posting", "sms", "webhook:pager", "fallback")


class Client:
    def __init__(self, failure=None):
        self.failure = failure
        self.looked_at = False

    async def check(self):
        self.looked_at = True
        if self.failure:
            raise self.failure

    prepare = check


class Catalogue:
    def __init__(self, *services, failure=None):
        self.services = {each.name: each for each in services}
        self.failure = failure

    async def definitions(self):
        if self.failure:
            raise self.failure
        return Definitions(services=self.services)


def clients_of(*, sms=None, webhooks=None, on_call=None, **systems):
    ways = Ways(systems["teams"], None, sms, webhooks or {}, default=read_paging_ways("mention"))
    systems["stakeholders"] = systems["places"]
    return Clients(**systems, ways=ways, on_call=on_call or Catalogue(), last_resort=(), patience=timedelta(seconds=5))


@pytest.mark.parametrize("kind", [Boards, Teams, Poster, Sms, PagerWebhook])
def test_every_client_can_be_looked_at(kind):
    """Each has a check to be asked at the start, so that none is missed there at night."""
    assert callable(getattr(kind, "check", None))


@pytest.mark.parametrize("failing", CHECKED)
async def test_every_system_is_looked_at_at_the_start_and_its_trouble_is_said(failing):
    """A system that refuses is named aloud, and keeps none of the others from being looked at."""
    clients = {name: Client(Forbidden("The key has ended.") if name == failing else None) for name in CHECKED}
    systems = {name: clients[name] for name in ("boards", "teams", "posting", "sms")}
    webhooks = {"pager": clients["webhook:pager"]}
    with capture_logs() as logged:
        await clients_of(**systems, webhooks=webhooks, places=clients["fallback"]).check()
    assert all(client.looked_at for client in clients.values())
    assert logged == [
        {"event": "worker.check_failed", "log_level": "error", "system": failing, "error": "The key has ended."}
    ]


async def test_a_way_that_is_not_configured_has_nothing_to_look_at():
    """Whoever sends no SMS is told nothing of it."""
    with capture_logs() as logged:
        await clients_of(boards=Client(), teams=Client(), posting=Client(), places=Client()).check()
    assert logged == []


async def test_each_place_of_the_catalogue_is_looked_at(boards, team):
    """A team or project that refuses is said by the name of what names it; so is a team that is nearly full."""
    other, nowhere = DEFAULT_WORLD.other_team_id, "f0f0f0f0-0000-4000-8000-00000000000f"
    for number in range(899):
        team.stand_in.teams[1].channels.create(f"old-{number}", None, by="test", now=team.stand_in.clock())
    catalogue = Catalogue(
        ServiceRecord("here"),
        ServiceRecord("there", teams=(other,), project="Storefront", area_path="Storefront/Web"),
        ServiceRecord("lost", teams=(nowhere, other.upper()), project="Nowhere"),
    )
    async with open_teams(team.settings(), None) as teams:
        clients = clients_of(boards=boards, teams=teams, posting=Client(), places=Client(), on_call=catalogue)
        with capture_logs() as logged:
            await clients.check()
    told = [(line["event"], line.get("system") or line.get("channels")) for line in logged]
    assert told == [
        ("worker.check_failed", "boards:lost"),
        ("teams.nearly_full", 900),
        ("worker.check_failed", f"teams:{nowhere}"),
    ]


async def test_a_catalogue_that_cannot_be_read_keeps_nothing_from_being_looked_at():
    """It is told by the launches, and where the tables are looked at."""
    places = Client()
    with capture_logs() as logged:
        systems = {"boards": Client(), "teams": Client(), "posting": Client(), "places": places}
        await clients_of(**systems, on_call=Catalogue(failure=Unreachable("Away."))).check()
    assert (places.looked_at, logged) == (True, [])
