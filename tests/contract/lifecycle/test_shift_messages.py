"""A handover told over the wire, by workers of which one is killed in the midst of it: each person has it once."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cards_read import card_of, runs, texts
from patience import LIMIT

from handlers.notices import shift_playbook
from handlers.paging.ways import Ways
from worker.clients.posting.routes import open_posting
from worker.clients.teams.client import open_teams
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.paging_ways import read_paging_ways
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.grouping.alert_store import open_alert_store
from worker.grouping.open_incidents import OpenIncidents
from worker.lifecycle.shift_delivery import ShiftDelivery
from worker.lifecycle.shift_message_turns import tell_shifts_by_turns
from worker.lifecycle.shift_messages import ShiftMessages
from worker.oncall.reading.build import build
from worker.oncall.reading.given_definitions import GivenDefinitions
from worker.storage.stores import open_stores

EVERY = timedelta(seconds=1)


@pytest.fixture
async def worker(team, hasty_settings):
    """Makes workers with clients of their own, on one table and one team."""
    async with AsyncExitStack() as stack:
        opened = stack.enter_async_context
        handover = datetime.now(UTC).replace(second=0, microsecond=0)

        async def worker(name):
            settings = team.settings()
            stores = await opened(open_stores(hasty_settings, owner=name))
            await stores.table.prepare()
            teams = await opened(open_teams(settings, None))
            posting = await opened(open_posting(settings, teams, None))
            ways = Ways(teams, posting.chats, None, {}, default=read_paging_ways("mention"))
            timing = Timing(allowance=hasty_settings.step_allowance, lookup_lag=timedelta(seconds=1))
            delivery = ShiftDelivery(stores.notices, lambda compose: shift_playbook(compose, ways=ways), timing)
            incidents = OpenIncidents(stores, await opened(open_alert_store(hasty_settings)))
            messages = ShiftMessages(delivery, _handed_over_at(handover), incidents, timedelta())
            return SimpleNamespace(stores=stores, messages=messages)

        yield worker


def _handed_over_at(handover):
    week = {"name": "week", "starts": f"{handover - timedelta(weeks=1):%Y-%m-%dT%H:%M}", "every": "1 week"}
    layers = [{**week, "people": ["amara@contoso.example", "bruno@contoso.example"]}]
    given = {"schedules": {"checkout": {"time_zone": "UTC", "layers": layers}}}
    definitions = build(GivenDefinitions.model_validate(given))

    async def read():
        return definitions

    return read


async def raise_incident(stores):
    event = Event(title="Checkout is down", severity=Severity.HIGH, service="Checkout")
    incident = Incident(key="the-key", event=event, received_at=datetime.now(UTC))
    lease = await stores.incidents.lease(incident, [])
    await stores.listing.add(incident)
    await stores.incidents.commit(lease, [], Closing(LaunchState.LAUNCHED))
    return incident.id


async def until(condition):
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.02)


async def test_a_killed_worker_leaves_each_person_with_one_message(team, worker):
    """Both had theirs when it was killed, and nobody knew it; the other worker finds them and says nothing twice."""
    first, second = await worker("one"), await worker("two")
    incident_id = await raise_incident(first.stores)
    team.disturb(system="bot", path="/activities$", behaviour="drop-after", times=2)

    def chats():
        return [chat["messages"] for chat in team.stand_in.state()["chats"] if chat["messages"]]

    telling = asyncio.create_task(first.messages.tell(datetime.now(UTC), EVERY, asyncio.Event()))
    await until(lambda: len(chats()) == 2)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    turns = tell_shifts_by_turns(second.messages, second.stores.turns, asyncio.Event(), every=EVERY)
    going_on = asyncio.create_task(turns)
    (notice,) = [each.notice for each in await second.stores.notices.since("")]

    async def told():
        return (await second.stores.notices.store.history(notice.id)).launched_at

    async with asyncio.timeout(LIMIT):
        while not await told():
            await asyncio.sleep(0.1)
    going_on.cancel()
    assert [len(messages) for messages in chats()] == [1, 1]
    cards = [card_of(message) for (message,) in chats()]
    assert {text for card in cards for text in texts(card) if text.startswith("You")} == {
        "You take over from amara@contoso.example.",
        "You hand over to bruno@contoso.example.",
    }
    assert all(f"HIGH: Checkout is down (Checkout), {incident_id}" in runs(card) for card in cards)
