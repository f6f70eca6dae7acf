"""The steps that put what comes later into the card that people already have."""

from datetime import timedelta

import pytest
from cards_read import buttons, card_of, shown, texts
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.update_announcement import ShowPeople, ShowWorkItem
from worker.domain.errors import Transient, Unknown
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA = DEFAULT_WORLD.people[0]
STEPS = pytest.mark.parametrize("kind", [ShowPeople, ShowWorkItem])


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
async def early(poster, incident, own_channel):
    """The results of a launch whose announcement was quicker than people and work item, which have come since."""
    begun = Done({CreateChannel: own_channel})
    announced = await Announce(poster, patience=timedelta()).run(incident, begun)
    placed = Placed(**announced.model_dump(), channel=own_channel, elsewhere=False)
    came = {FindOnCall: people(0), CreateWorkItem: WORK_ITEM}
    return Done({**begun, Announce: announced, AnnounceElsewhere: placed, **came})


@pytest.fixture
async def early_elsewhere(poster, places, incident):
    """The same where the announcement stands in another place."""
    placed = await AnnounceElsewhere(poster, places("first-channel"), patience=timedelta()).run(incident, Done())
    return Done({AnnounceElsewhere: placed, FindOnCall: people(0), CreateWorkItem: WORK_ITEM})


async def test_people_are_shown_in_the_same_card(team, poster, incident, early):
    """It is the message that stands there already, edited."""
    await ShowPeople(poster).run(incident, early)
    (message,) = team.messages()
    assert message["id"] == early[Announce].id
    assert message["lastEditedDateTime"] is not None
    assert any(AMARA.name in text for text in texts(card_of(message)))
    assert "could not be looked up" not in shown(card_of(message))


async def test_the_work_item_is_shown_in_the_same_card(team, poster, incident, early):
    """With its button; the sentence that it is still being tried is gone."""
    await ShowWorkItem(poster).run(incident, early)
    (message,) = team.messages()
    assert buttons(card_of(message)) == {"Open work item 131": WORK_ITEM.url}
    assert "There is no work item yet" not in shown(card_of(message))


@STEPS
async def test_what_stands_elsewhere_is_completed_there(poster, incident, early_elsewhere, said, kind):
    """The other place's message keeps its mark."""
    await kind(poster).run(incident, early_elsewhere)
    (message,) = said(early_elsewhere[AnnounceElsewhere].channel.id)
    assert WORK_ITEM.url in str(card_of(message))
    assert AMARA.name in shown(card_of(message))
    assert await kind(poster).find(incident, early_elsewhere)


@STEPS
async def test_what_stands_elsewhere_leads_to_the_channel_if_there_is_one(
    poster, incident, early_elsewhere, own_channel, said, kind
):
    """A later change does not take back that it points there."""
    later = Done({**early_elsewhere, CreateChannel: own_channel})
    await kind(poster).run(incident, later)
    (message,) = said(early_elsewhere[AnnounceElsewhere].channel.id)
    assert own_channel.url in buttons(card_of(message)).values()


@STEPS
async def test_a_card_that_shows_it_already_is_left_alone(team, poster, incident, own_channel, kind):
    """Without a request."""
    begun = {CreateChannel: own_channel, FindOnCall: people(0), CreateWorkItem: WORK_ITEM}
    announced = await Announce(poster, patience=timedelta()).run(incident, Done(begun))
    placed = Placed(**announced.model_dump(), channel=own_channel, elsewhere=False)
    before = len(team.server.requests.listing())
    done = Done({**begun, Announce: announced, AnnounceElsewhere: placed})
    assert kind(poster).without_effect(incident, done) is not None
    assert len(team.server.requests.listing()) == before


@STEPS
async def test_after_a_lost_answer_the_change_is_found(team, poster, incident, early, an_update, kind):
    """By what the card says; before there is nothing to find."""
    step = kind(poster)
    assert step.without_effect(incident, early) is None
    assert await step.find(incident, early) is None
    team.disturb(**an_update, behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await step.run(incident, early)
    assert await step.find(incident, early)
    assert len(team.messages()) == 1


@STEPS
async def test_an_outage_is_waited_out(team, poster, incident, early, an_update, kind):
    """Neither given up nor taken for done."""
    team.disturb(**an_update, behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Transient):
        await kind(poster).run(incident, early)


@STEPS
async def test_a_deleted_card_is_nobodys_to_complete(team, poster, incident, early, kind):
    """The launch is none the worse for it, and nothing is posted in its place."""
    messages = team.stand_in.messages
    messages.delete(messages.get(early[CreateChannel].id, early[Announce].id), team.stand_in.clock())
    updated = await kind(poster).run(incident, early)
    assert updated.said == "nothing more: somebody deleted it"
    assert len(team.messages()) == 1


@STEPS
async def test_a_card_that_may_not_be_changed_stays_as_it_is(team, poster, incident, early, an_update, kind):
    """What refuses it is said in the step's own words."""
    team.disturb(**an_update, behaviour="status", status=403)
    updated = await kind(poster).run(incident, early)
    assert updated.said.startswith("nothing more: Tried to update the message")
    assert "There is no work item yet" in shown(card_of(team.messages()[0]))


async def test_an_announcement_without_an_id_is_found_before_it_is_changed(team, poster, incident, early):
    """Teams had told no id of it, and it could not be seen in time."""
    nameless = early[Announce].model_copy(update={"id": ""})
    await ShowWorkItem(poster).run(incident, Done({**early, Announce: nameless}))
    (message,) = team.messages()
    assert buttons(card_of(message)) == {"Open work item 131": WORK_ITEM.url}


@pytest.mark.parametrize("posting", ["bot"], indirect=True)
async def test_an_announcement_that_came_late_is_the_one_that_counts(team, poster, incident, early, early_elsewhere):
    """Once it stands in the own channel, what it says decides, whatever stands elsewhere."""
    done = Done({**early, AnnounceElsewhere: early_elsewhere[AnnounceElsewhere]})
    await ShowPeople(poster).run(incident, done)
    assert AMARA.name in shown(card_of(team.messages()[0]))
