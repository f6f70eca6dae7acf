"""The way by a webhook, against a pager that verifies what is signed."""

from datetime import UTC, datetime, timedelta

import pytest
from launch_results import WORK_ITEM, people

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.page import PagePeople
from worker.clients.pager.webhook import open_pager_webhooks
from worker.domain.errors import Throttled
from worker.engine.step import Done
from worker.sandbox.pager.signature import SECRET
from worker.sandbox.pager.stand_in import RETIRED
from worker.sandbox.world import DEFAULT_WORLD
from worker.settings import Settings

AMARA = DEFAULT_WORLD.people[0]


@pytest.fixture
def webhook(open_ways, incident):
    """The part that calls the pager for the first of those on call; another one may be given."""

    def part(on_call, **webhooks):
        ways = open_ways("webhook:pager", **({"webhooks": webhooks} if webhooks else {}))
        return PagePeople(ways).parts(incident, Done({FindOnCall: on_call}))[0]

    return part


@pytest.fixture
async def connect(phones):
    """A webhook of the stand-in's with an address or a secret of one's own."""

    def settings(path="pager", secret=SECRET):
        return Settings.read(
            _env_file=None,
            paging_webhooks=f"pager={phones.server.url}/pager/{path}",
            paging_webhook_secrets=f"pager={secret}",
        )

    return lambda **others: open_pager_webhooks(settings(**others))


async def test_the_pager_is_told_who_what_and_why(incident, phones, webhook, own_channel):
    """Signed, as JSON with names; the stand-in has verified it."""
    done = Done({CreateChannel: own_channel, CreateWorkItem: WORK_ITEM})
    page = await webhook(people(0)).run(incident, done)
    (call,) = phones.pager.calls
    assert call["body"]["incident"]["id"] == incident.id
    assert call["body"]["person"] == {"name": AMARA.name, "address": AMARA.email}
    assert call["body"]["reason"] == page.why == "You are on call for 'checkout'."
    assert call["body"]["links"] == {"channel": own_channel.url, "work_item": WORK_ITEM.url}
    assert (page.by, page.told, page.answer) == ("webhook:pager", True, "202 accepted")


async def test_the_same_page_is_called_once_however_often(incident, phones, webhook):
    """Its key is that of the incident and the person, whatever the time and whatever has come since."""
    now = datetime.now(UTC)
    await webhook(people(0)).send(incident, Done(), now)
    again = await webhook(people(0)).send(incident, Done({CreateWorkItem: WORK_ITEM}), now + timedelta(hours=1))
    await webhook(people(1)).send(incident, Done(), now)
    assert again.told
    assert [call["body"]["person"]["address"] for call in phones.pager.calls] == [
        AMARA.email,
        DEFAULT_WORLD.people[1].email,
    ]


async def test_a_call_whose_answer_was_lost_is_made_again_under_its_key(incident, phones, webhook):
    """The pager has it once."""
    phones.disturb(system="pager", behaviour="drop-after")
    assert (await webhook(people(0)).run(incident, Done())).told
    assert len(phones.pager.calls) == 1


async def test_a_pager_that_is_no_more_tells_nobody(incident, phones, webhook, connect):
    """Its answer stands in the incident, and the setting to mend."""
    async with connect(path=RETIRED) as webhooks:
        page = await webhook(people(0), **webhooks).run(incident, Done())
    assert not page.told
    assert "410" in page.answer
    assert "TOCSIN_PAGING_WEBHOOKS" in page.answer


async def test_a_wrong_secret_tells_nobody(incident, phones, webhook, connect):
    """The pager keeps nothing of it."""
    async with connect(secret="whsec_" + "QUJD" * 8) as webhooks:
        page = await webhook(people(0), **webhooks).run(incident, Done())
    assert not page.told
    assert "TOCSIN_PAGING_WEBHOOK_SECRETS" in page.answer
    assert phones.pager.calls == []


async def test_a_pager_that_asks_for_patience_is_tried_again(incident, phones, webhook):
    """It is no answer about the person."""
    phones.disturb(system="pager", behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled):
        await webhook(people(0)).run(incident, Done())
