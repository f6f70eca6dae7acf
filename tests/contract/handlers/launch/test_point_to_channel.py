"""The step that lets what was announced elsewhere point to the incident's own channel."""

from datetime import timedelta

import pytest
from cards_read import buttons, card_of, shown
from launch_results import WORK_ITEM, people

from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.launch.point_to_channel import PointToChannel
from worker.domain.errors import Unknown
from worker.engine.step import Done


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
async def done(poster, places, incident, own_channel):
    """The channel has come after all, as have people and work item."""
    placed = await AnnounceElsewhere(poster, places("first-channel"), patience=timedelta()).run(incident, Done())
    came = {CreateChannel: own_channel, FindOnCall: people(0), CreateWorkItem: WORK_ITEM}
    return Done({AnnounceElsewhere: placed, **came})


@pytest.fixture
def elsewhere(done, said):
    return lambda: said(done[AnnounceElsewhere].channel.id)


async def test_the_message_elsewhere_leads_to_the_channel(poster, incident, done, own_channel, elsewhere):
    """In the same message, before all else; and it says what has come since."""
    pointed = await PointToChannel(poster).run(incident, done)
    (message,) = elsewhere()
    assert list(buttons(card_of(message)).values()) == [own_channel.url, WORK_ITEM.url]
    assert "Amara Okafor" in shown(card_of(message))
    assert (pointed.place, pointed.url) == (done[AnnounceElsewhere].channel.name, own_channel.url)


async def test_after_a_lost_answer_the_change_is_found(team, poster, incident, done, elsewhere, an_update):
    """By the channel's address in the card; before there is nothing to find."""
    step = PointToChannel(poster)
    assert step.without_effect(incident, done) is None
    assert await step.find(incident, done) is None
    team.disturb(**an_update, behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await step.run(incident, done)
    assert await step.find(incident, done)
    assert len(elsewhere()) == 1


async def test_a_message_without_an_id_is_found_before_it_is_changed(poster, incident, done, own_channel, elsewhere):
    """Teams had told no id of it."""
    nameless = done[AnnounceElsewhere].model_copy(update={"id": ""})
    await PointToChannel(poster).run(incident, Done({**done, AnnounceElsewhere: nameless}))
    (message,) = elsewhere()
    assert own_channel.url in buttons(card_of(message)).values()


async def test_a_deleted_message_needs_no_pointer(team, poster, incident, done, elsewhere):
    """Nobody reads it there any more; nothing is posted in its place."""
    placed, messages = done[AnnounceElsewhere], team.stand_in.messages
    messages.delete(messages.get(placed.channel.id, placed.id), team.stand_in.clock())
    assert (await PointToChannel(poster).run(incident, done)).place == placed.channel.name
    nameless = Done({**done, AnnounceElsewhere: placed.model_copy(update={"id": ""})})
    assert await PointToChannel(poster).run(incident, nameless)
    assert len(elsewhere()) == 1


async def test_a_message_that_may_not_be_changed_stays_as_it_is(team, poster, incident, done, elsewhere, an_update):
    """The channel has its own announcement, and the launch is none the worse."""
    team.disturb(**an_update, behaviour="status", status=403)
    assert await PointToChannel(poster).run(incident, done)
    assert buttons(card_of(elsewhere()[0])) == {}


async def test_what_stands_in_the_channel_itself_points_nowhere(team, poster, incident, own_channel):
    """Without a request."""
    placed = Placed(id="17", url="", channel=own_channel, elsewhere=False)
    before = len(team.server.requests.listing())
    done = Done({AnnounceElsewhere: placed, CreateChannel: own_channel})
    assert PointToChannel(poster).without_effect(incident, done) is not None
    assert len(team.server.requests.listing()) == before
