"""The step that announces the incident, over both routes against the stand-ins."""

import json
from datetime import datetime, timedelta

import pytest
from cards_read import buttons, card_of, facts, runs, shown, texts
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.people_on_call import people_mark
from handlers.marks import ANNOUNCEMENT, mark
from worker.domain.errors import Gone, Transient, Unknown
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA, BRUNO, _, _, EDDA, *_ = DEFAULT_WORLD.people
PATIENCE = timedelta(seconds=5)


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def done_with(own_channel):
    """The results of the steps before; None is what has not come in time."""

    def made(on_call=None, item=WORK_ITEM):
        wanted = {FindOnCall: on_call, CreateWorkItem: item}
        return Done({CreateChannel: own_channel, **{step: made for step, made in wanted.items() if made}})

    return made


@pytest.fixture
def step(poster):
    return Announce(poster, patience=PATIENCE)


async def test_the_channel_learns_everything(team, step, incident, done_with):
    """One message, a card alone: title, severity, who is on call and mentioned, and a button to the work item."""
    announced = await step.run(incident, done_with(people(0, 1)))
    (message,) = team.messages()
    card = card_of(message)
    assert message["importance"] == "high"
    assert message["summary"] == "CRITICAL: Checkout is down"
    assert runs(card)[:2] == ["Checkout is down", "No one in EU can pay"]
    assert facts(card)["Severity"] == "1 (critical)"
    assert "(2026-03-02 09:05 UTC)" in facts(card)["Received"]
    assert [mention["mentionText"] for mention in message["mentions"]] == [AMARA.name, BRUNO.name]
    assert buttons(card) == {"Open work item 131": WORK_ITEM.url}
    assert (announced.id, announced.work_item) == (message["id"], 131)
    assert announced.mentioned == (AMARA.entra_id, BRUNO.entra_id)


async def test_it_goes_without_what_has_not_come_in_time(team, step, incident, done_with):
    """Neither people nor work item: the card says that both are still being tried, and the result tells the same."""
    announced = await step.run(incident, done_with(None, None))
    (message,) = team.messages()
    assert "could not be looked up yet" in shown(card_of(message))
    assert "There is no work item yet" in shown(card_of(message))
    assert buttons(card_of(message)) == {}
    assert (announced.people, announced.work_item, announced.mentioned) == ("", None, ())


def test_it_waits_for_people_and_work_item_and_needs_the_channel_alone(step):
    """No longer than it is given."""
    assert Announce.needs == (CreateChannel,)
    assert set(Announce.wants) == {FindOnCall, CreateWorkItem}
    assert step.patience == PATIENCE


async def test_it_is_found_by_a_later_attempt(team, step, incident, done_with, a_post):
    """After a lost answer the announcement is found, with what it says, and stands there once."""
    done = done_with(people(0))
    assert await step.find(incident, done) is None
    team.disturb(**a_post, behaviour="drop-after")
    with pytest.raises(Unknown):
        await step.run(incident, done)
    found = await step.find(incident, done)
    (message,) = team.messages()
    assert (found.id, found.work_item) == (message["id"], 131)
    assert found.people == people_mark(people(0))
    assert found.mentioned == (AMARA.entra_id,)


async def test_what_is_found_tells_what_the_card_says_and_not_what_is_known_since(team, step, incident, done_with):
    """People and work item that came after the card was posted are not on it, and are still to be shown."""
    await step.run(incident, done_with(None, None))
    found = await step.find(incident, done_with(people(0)))
    assert found.id == team.messages()[0]["id"]
    assert (found.people, found.work_item, found.mentioned) == ("", None, ())


async def test_a_persons_words_are_not_the_announcement(team, step, incident, done_with, own_channel):
    """Whoever quotes the mark in the channel has announced nothing."""
    await team.call(
        "POST", f"/channels/{own_channel.id}/messages", body={"content": f"{mark(incident, ANNOUNCEMENT)} burns"}
    )
    assert await step.find(incident, done_with()) is None


async def test_a_person_outside_the_team_does_not_cost_the_announcement(team, step, incident, done_with):
    """One message, the names in it; where Teams refuses the mention, the result says that nobody was mentioned."""
    announced = await step.run(incident, done_with(people(0, 4)))
    (message,) = team.messages()
    assert EDDA.name in shown(card_of(message))
    called = {mention["mentionText"] for mention in message["mentions"]}
    assert called <= {AMARA.name}
    assert (announced.mentioned == ()) is (called == set())


async def test_a_channel_only_just_made_is_tried_again(team, poster, incident, done_with, own_channel):
    """Teams may not show a new channel everywhere at once: shortly after its making a 404 passes."""
    await team.call("DELETE", f"/channels/{own_channel.id}")
    young = Announce(poster, patience=PATIENCE, now=lambda: own_channel.created_at + timedelta(seconds=5))
    with pytest.raises(Transient) as caught:
        await young.run(incident, done_with())
    assert caught.value.retry_after < timedelta(minutes=1)


async def test_a_channel_that_was_deleted_is_gone(team, poster, incident, done_with, own_channel):
    """Later a 404 means that people deleted the channel."""
    await team.call("DELETE", f"/channels/{own_channel.id}")
    old = Announce(poster, patience=PATIENCE, now=lambda: own_channel.created_at + timedelta(minutes=5))
    with pytest.raises(Gone):
        await old.run(incident, done_with())


async def test_alert_text_makes_no_link_no_mention_and_no_script(team, step, incident, done_with):
    """Whatever an alert says, it arrives as words."""
    hostile = '[click](https://evil.example) <at>Amara Okafor</at> <script>alert(1)</script> **x** "quoted" & \\'
    event = incident.event.model_copy(
        update={"title": hostile, "impact": hostile, "service": hostile, "source": hostile, "resources": (hostile,)}
    )
    attacked = incident.model_copy(update={"event": event})
    await step.run(attacked, done_with(people(1)))
    (message,) = team.messages()
    assert [mention["mentionText"] for mention in message["mentions"]] == [BRUNO.name]
    assert "<script" not in message["body"]["content"]
    card = card_of(message)
    assert "](" not in " ".join([*texts(card), *facts(card).values()])
    assert "<at>Amara" not in json.dumps(card)


async def test_the_largest_incident_still_fits(team, step, incident, done_with):
    """An incident with everything at its limit is announced: words give way, the work item's address stays."""
    long = {"title": "\N{FIRE}" * 500, "impact": "é" * 32_000, "description": "\\" * 32_000, "service": "s" * 256}
    links = [{"href": f"https://wiki.example/{'x' * 2_000}{n}", "text": "t" * 256} for n in range(50)]
    event = type(incident.event)(
        **long,
        links=links,
        severity=1,
        resources=["r" * 256] * 50,
        occurred_at=datetime.fromisoformat("2026-03-02T09:00Z"),
    )
    await step.run(incident.model_copy(update={"event": event}), done_with(people(0, 1, 2, 3)))
    assert WORK_ITEM.url in buttons(card_of(team.messages()[0])).values()


@pytest.mark.parametrize("posting", ["bot"], indirect=True)
async def test_a_success_without_an_id_is_looked_up_and_never_posted_again(team, step, incident, done_with):
    """Teams took it and told no id: the result has the one that is found in the channel."""
    team.disturb(system="bot", behaviour="apply-then-status", status=202, body="{}")
    announced = await step.run(incident, done_with(people(0)))
    assert [message["id"] for message in team.messages()] == [announced.id]
    assert announced.mentioned == (AMARA.entra_id,)


@pytest.mark.parametrize("posting", ["bot"], indirect=True)
async def test_people_are_mentioned_by_address_while_graph_is_down(team, step, incident, done_with):
    """The bot can; whom the directory does not know it does not call."""
    on_call = people(0, 1, looked_up=False)
    unknown = on_call.people[1].model_copy(update={"in_directory": False})
    announced = await step.run(incident, done_with(on_call.model_copy(update={"people": (on_call.people[0], unknown)})))
    (mention,) = team.messages()[0]["mentions"]
    assert mention["mentioned"]["user"]["id"] == AMARA.entra_id
    assert announced.mentioned == (AMARA.email,)
