"""Where an incident lives, and that everything of it is made there."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from cards_read import buttons, card_of, facts
from launched_house import launched

from handlers.launch.create_work_item import WorkItem
from handlers.launch.route import Route, Routed
from handlers.launch.work_item_description import title
from handlers.summary import summary_playbook
from worker.clients.boards.items import set_field
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest
from worker.domain.errors import Unreachable
from worker.domain.event import Event
from worker.engine.step import Done
from worker.engine.sweep import RepairOutcome
from worker.oncall.definitions import Definitions, ServiceRecord
from worker.sandbox.world import DEFAULT_WORLD

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OTHER = DEFAULT_WORLD.other_team_id
SHOP = ServiceRecord(
    "Checkout",
    teams=(OTHER,),
    project="Storefront",
    area_path=r"Storefront\Web",
    work_item_type="Bug",
    language="pt-BR",
    runbook="https://wiki.example/checkout",
    owner="Shop team",
    words=("basket",),
)


class Reader:
    """Definitions that come, or do not."""

    def __init__(self, *services, fails=None, hangs=False):
        self.services = {each.name: each for each in services}
        self.fails = fails
        self.hangs = hangs

    async def definitions(self):
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        return Definitions(services=self.services)


async def routed(reader, incident, **event):
    given = incident.model_copy(update={"event": Event(title="Basket is empty", **event)})
    return await Route(reader).run(given, Done())


async def test_what_the_catalogue_says_of_the_service_is_the_route(incident):
    """By its name in any spelling, or by a word where the alert names none."""
    for event in ({"service": "CHECKOUT"}, {}):
        found = await routed(Reader(SHOP), incident, **event)
        assert (found.service, found.teams, found.project, found.note) == ("Checkout", (OTHER,), "Storefront", "")
        assert (found.area_path, found.work_item_type, found.language) == (r"Storefront\Web", "Bug", "pt-BR")
        assert (found.runbook, found.owner) == (SHOP.runbook, SHOP.owner)


async def test_without_a_row_the_settings_are_the_route(incident):
    """Nothing of it is anything else than they say."""
    assert await routed(Reader(SHOP), incident, service="another") == Routed()


async def test_several_that_could_be_meant_are_said(incident):
    """And none of them is the route."""
    twin = ServiceRecord("Shop", words=("basket",))
    found = await routed(Reader(SHOP, twin), incident)
    assert found.note.startswith("Several services of the catalogue")
    assert found.model_copy(update={"note": ""}) == Routed()


async def test_a_catalogue_that_cannot_be_read_stops_no_launch(incident, loop_clock):
    """It goes by the settings then, which is said; a catalogue that hangs is waited for no longer than some seconds."""
    found = await routed(Reader(fails=Unreachable("The table is away.")), incident)
    assert "The table is away." in found.note
    hanging = asyncio.create_task(routed(Reader(hangs=True), incident))
    await asyncio.sleep(0)
    loop_clock.move(timedelta(seconds=5))
    assert "within 5 s" in (await hanging).note


@pytest.fixture(params=["bot", "delegated"])
async def house(settings, request):
    async with launched(settings, request.param, severity=3, services=[SHOP]) as house:
        yield house


async def test_all_of_a_launch_is_made_by_the_route(house):
    """Its item, its tasks, its channel and its card; the settings' team and project stay empty."""
    [bug], [task] = house.items("Bug"), house.items("Task")
    assert {item["fields"]["System.TeamProject"] for item in (bug, task)} == {"Storefront"}
    assert {item["fields"]["System.AreaPath"] for item in (bug, task)} == {r"Storefront\Web"}
    assert [each.name for each in house.team.channels] == ["General"]
    [channel] = list(house.team.teams[1].channels)[1:]
    [message] = house.team.teams[1].messages.of_channel(channel.id)
    card = card_of(message.to_json())
    assert card["lang"] == "pt"
    assert facts(card)["Owner"] == "Shop team"
    assert facts(card)["Service"] == "Checkout"
    assert buttons(card)["Open the runbook"] == SHOP.runbook


async def test_what_alerts_come_to_is_told_where_it_lives(house):
    """The comment in its project, the severity and the end as its type has them, the message in its team."""
    history = await house.stores.incidents.history(house.incident.id)
    done = house.sweeper._done(history)
    summary = AlertSummary(
        alerts=3, faults=1, firing=0, first_at=NOON, last_at=NOON, severity=1, resolved_at=NOON, worst="Checkout"
    )
    digest = Digest(summary=summary, reopen=timedelta(minutes=10), resolved_state="Done")
    for step in summary_playbook(digest, {}, boards=house.boards, poster=house.poster):
        made = await step.run(house.incident, done)
        if step.name in {"comment-summary", "post-summary"}:
            assert (await step.find(house.incident, done)).id == made.id
    [bug] = house.items("Bug")
    assert bug["fields"]["Microsoft.VSTS.Common.Severity"] == "1 - Critical"
    assert bug["fields"]["System.State"] == "Closed"
    assert any("3 alerts" in comment["text"] for comment in bug["comments"])
    [channel] = list(house.team.teams[1].channels)[1:]
    assert len(house.team.teams[1].messages.of_channel(channel.id)) == 2


async def test_what_stands_there_twice_is_repaired(house):
    """A second item is closed by the states of its type; a second channel in another of the teams is told."""
    there = house.boards.at("Storefront", "Bug")
    kept = WorkItem.model_validate(await house.result("create-work-item"))
    twins = [await each.create((set_field("System.Title", title(house.incident)),)) for each in (there, house.boards)]
    second = await house.teams.create_channel(
        "inc-second", house.team.teams[1].channels.get((await house.channel()).id).description
    )
    swept = await house.sweep()
    assert {(each.id, each.kept, each.outcome) for each in swept.findings} == {
        *((str(twin.id), str(kept.id), RepairOutcome.REPAIRED) for twin in twins),
        (second.id, (await house.channel()).id, RepairOutcome.LEFT),
    }
    assert [(await there.get(twin.id)).state for twin in twins] == ["Closed", "Done"]
