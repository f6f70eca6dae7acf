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
from worker.clients.teams.client import Teams
from worker.domain.errors import Forbidden
from worker.domain.paging_ways import read_paging_ways

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


def clients_of(*, sms=None, webhooks=None, **systems):
    ways = Ways(systems["teams"], None, sms, webhooks or {}, default=read_paging_ways("mention"))
    return Clients(**systems, ways=ways, on_call=None, last_resort=(), patience=timedelta(seconds=5))


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
