"""The step that announces in another place while the incident's own channel cannot be had."""

from datetime import timedelta

import pytest
from cards_read import buttons, card_of, runs
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce, Announced
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from worker.domain.errors import Rejected, Transient, Unknown
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA, BRUNO, *_ = DEFAULT_WORLD.people
OTHER_TEAM = DEFAULT_WORLD.other_team_id
NO_TEAM = "d0000000-0000-4000-8000-00000000000f"
KNOWN = Done({FindOnCall: people(0), CreateWorkItem: WORK_ITEM})


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def step(poster, places):
    return lambda text: AnnounceElsewhere(poster, places(text), patience=timedelta(seconds=15))


@pytest.fixture
async def first(teams):
    return await teams.primary_channel()


async def test_the_teams_first_channel_takes_it(step, incident, first, said):
    """One message that says all there is to say, and calls who is on call."""
    placed = await step("first-channel, chats").run(incident, KNOWN)
    (message,) = said(first.id)
    assert (placed.id, placed.channel, placed.elsewhere) == (message["id"], first, True)
    assert runs(card_of(message))[0] == "Checkout is down"
    assert buttons(card_of(message)) == {"Open work item 131": WORK_ITEM.url}
    assert placed.mentioned == (AMARA.entra_id,)
    assert [each["mentionText"] for each in message["mentions"]] == [AMARA.name]


async def test_another_team_takes_it(step, incident, teams, said):
    """In its first channel, where everybody in it looks."""
    placed = await step(OTHER_TEAM).run(incident, KNOWN)
    assert placed.channel.team_id == OTHER_TEAM
    assert placed.channel == await teams.primary_channel(OTHER_TEAM)
    assert [message["id"] for message in said(placed.channel.id)] == [placed.id]


async def test_a_channel_takes_it_that_the_setting_names(step, incident, own_channel, said):
    """By its id, and nothing has to be looked up for it."""
    placed = await step(own_channel.id).run(incident, KNOWN)
    assert placed.channel.id == own_channel.id
    assert [message["id"] for message in said(own_channel.id)] == [placed.id]


async def test_the_places_are_tried_in_their_order(team, step, incident, teams, first, said, a_post):
    """The first that takes it has it alone; one that refuses, or is not there, is passed by."""
    team.disturb(**a_post, behaviour="status", status=403)
    placed = await step(f"{NO_TEAM}, {OTHER_TEAM}, first-channel").run(incident, KNOWN)
    assert placed.channel == first
    assert len(said(first.id)) == 1
    assert said((await teams.primary_channel(OTHER_TEAM)).id) == []


async def test_while_the_own_channel_may_still_come_a_refusal_is_no_end(team, step, incident, a_post):
    """It is tried again: the announcement is not lost, and other places may have been mended by then."""
    team.disturb(**a_post, behaviour="status", status=403, times=None)
    hopeful = Done(KNOWN, may_come=lambda step: step is Announce)
    with pytest.raises(Transient, match="No other place takes the announcement now"):
        await step("first-channel").run(incident, hopeful)


async def test_where_none_takes_it_and_none_will_it_is_refused(team, step, incident, a_post):
    """With what each of them said; nothing is left of it."""
    team.disturb(**a_post, behaviour="status", status=403, times=None)
    with pytest.raises(Rejected, match=r"No other place takes the announcement\. Tried to") as caught:
        await step(f"first-channel, {OTHER_TEAM}").run(incident, KNOWN)
    assert str(caught.value).count("Tried to") == 2


async def test_a_place_that_is_down_is_worth_another_attempt(team, step, incident):
    """Even where the own channel will never come."""
    team.disturb(path="/primaryChannel", behaviour="status", status=503, times=None)
    with pytest.raises(Transient):
        await step("first-channel").run(incident, KNOWN)


async def test_without_any_place_it_says_which_setting_names_them(step, incident):
    """People's own chats are another step's."""
    with pytest.raises(Rejected, match="TOCSIN_TEAMS_FALLBACK names no channel"):
        await step("chats").run(incident, KNOWN)


async def test_after_a_lost_answer_it_is_found_where_it_is(team, step, incident, said, a_post):
    """In whichever of the places; meanwhile no other one is tried."""
    announcing = step(f"{OTHER_TEAM}, first-channel")
    assert await announcing.find(incident, KNOWN) is None
    team.disturb(**a_post, behaviour="drop-after")
    with pytest.raises(Unknown):
        await announcing.run(incident, KNOWN)
    found = await announcing.find(incident, KNOWN)
    assert found.channel.team_id == OTHER_TEAM
    assert (found.elsewhere, found.work_item, found.mentioned) == (True, 131, (AMARA.entra_id,))
    assert [message["id"] for message in said(found.channel.id)] == [found.id]


async def test_it_is_found_behind_a_place_that_is_not_there(team, step, incident, first, a_post):
    """A team that the setting names and nobody sees keeps nothing from being found in the next place."""
    announcing = step(f"{NO_TEAM}, first-channel")
    team.disturb(**a_post, behaviour="drop-after")
    with pytest.raises(Unknown):
        await announcing.run(incident, KNOWN)
    assert (await announcing.find(incident, KNOWN)).channel == first


async def test_it_is_found_behind_a_place_where_nobody_may_look(team, step, incident, first, a_post):
    """And only where it is nowhere else is that a fault to be told of."""
    announcing = step(f"{OTHER_TEAM}, first-channel")
    forbidden = {"method": "GET", "path": f"{OTHER_TEAM}/channels/.*/messages", "behaviour": "status", "status": 403}
    team.disturb(**a_post, behaviour="status", status=403)
    team.disturb(**a_post, behaviour="drop-after")
    with pytest.raises(Unknown):
        await announcing.run(incident, KNOWN)
    team.disturb(**forbidden, times=None)
    assert (await announcing.find(incident, KNOWN)).channel == first
    with pytest.raises(Exception, match=r"ChannelMessage\.Read"):
        await step(OTHER_TEAM).find(incident, KNOWN)


async def test_what_stands_in_the_own_channel_is_not_announced_elsewhere(team, step, incident, own_channel):
    """Later steps build on where it is; nothing is asked for."""
    announced = Announced(id="17", url="https://teams.example/17", work_item=131, mentioned=("e-1",))
    before = len(team.server.requests.listing())
    done = Done({Announce: announced, CreateChannel: own_channel})
    placed = step("first-channel").without_effect(incident, done)
    assert (placed.id, placed.channel, placed.elsewhere, placed.mentioned) == ("17", own_channel, False, ("e-1",))
    assert len(team.server.requests.listing()) == before
    assert step("first-channel").has_enough(done)
    assert step("first-channel").without_effect(incident, KNOWN) is None
    assert not step("first-channel").has_enough(KNOWN)
