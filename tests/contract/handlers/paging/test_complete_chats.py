"""The step that puts the addresses into chats that were written before there were any."""

import pytest
from cards_read import buttons, card_of
from launch_results import WORK_ITEM, people

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.complete_chats import CompleteChats, Completed
from handlers.paging.page import PagePeople
from worker.domain.errors import Unknown
from worker.engine.step import Done


@pytest.fixture
async def written(incident, open_ways, own_channel, told):
    """The chats of two people were quicker than channel and work item."""
    found = Done({FindOnCall: people(0, 1)})
    pages = [await part.run(incident, found) for part in PagePeople(open_ways("chat")).parts(incident, found)]
    return Done({CreateChannel: own_channel, CreateWorkItem: WORK_ITEM}, pages=told(*pages))


@pytest.fixture
def step(open_ways):
    return CompleteChats(open_ways("chat"))


async def test_each_chat_leads_to_channel_and_work_item(incident, step, written, own_channel, chat_of):
    """In the message that stands there."""
    made = [await part.run(incident, written) for part in step.parts(incident, written)]
    assert step.gather(made) == Completed(names=("Amara Okafor", "Bruno Costa"))
    for number in (0, 1):
        (message,) = chat_of(number)
        assert list(buttons(card_of(message)).values()) == [own_channel.url, WORK_ITEM.url]
        assert message["lastEditedDateTime"] is not None


async def test_after_a_lost_answer_the_change_is_found(team, incident, step, written):
    """By the channel's address in the chat."""
    first, _ = step.parts(incident, written)
    assert await first.find(incident, written) is None
    team.disturb(system="bot", method="PUT", behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await first.run(incident, written)
    assert (await first.find(incident, written)).names == ("Amara Okafor",)


async def test_a_message_without_an_id_is_looked_up(incident, step, written, own_channel, told, chat_of):
    """Teams had told none."""
    nameless = told(*(page.model_copy(update={"message": ""}) for page in written.pages))
    first, _ = step.parts(incident, Done(written, pages=nameless))
    await first.run(incident, written)
    assert own_channel.url in buttons(card_of(chat_of(0)[0])).values()


async def test_a_deleted_message_is_no_fault(team, incident, step, written, chat_of):
    """Nor is one that may not be changed; nothing is written anew."""
    team.disturb(system="bot", method="PUT", behaviour="status", status=404)
    team.disturb(system="bot", method="PUT", behaviour="status", status=403)
    made = [await part.run(incident, written) for part in step.parts(incident, written)]
    assert step.gather(made) == Completed()
    assert len(chat_of(0)) == len(chat_of(1)) == 1


async def test_where_nobody_was_written_to_there_is_nothing_to_do(incident, step, written, told):
    """Neither whom a chat did not reach nor whom another way told."""
    (first, _) = written.pages
    others = told(first.model_copy(update={"told": False}), first.model_copy(update={"by": "sms"}))
    assert step.without_effect(incident, Done(written, pages=others)) == Completed()
    assert step.without_effect(incident, written) is None
