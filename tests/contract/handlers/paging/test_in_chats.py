"""The step that writes to people one by one where no channel takes the announcement."""

from datetime import timedelta

import pytest
from launch_results import people

from handlers.launch.announce import Announce, Announced
from handlers.launch.announce_elsewhere import AnnounceElsewhere
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.in_chats import WriteToPeople
from worker.domain.page import Paged
from worker.engine.step import Done
from worker.oncall.on_call import OnCall

PATIENCE = timedelta(seconds=20)


@pytest.fixture
def step(open_ways):
    return lambda default="mention", *, wished=True: WriteToPeople(open_ways(default), wished=wished, patience=PATIENCE)


async def test_each_person_is_written_to_in_their_own_chat(incident, step, chat_of):
    """Those whom the directory does not know have none."""
    found = people(0, 1).people
    unknown = people(2, looked_up=False, in_directory=False).people
    done = Done({FindOnCall: OnCall(people=(*found, *unknown), service="checkout")})
    writing = step()
    assert writing.without_effect(incident, done) is None
    made = [await part.run(incident, done) for part in writing.parts(incident, done)]
    assert writing.gather(made).words == "Amara Okafor by chat, Bruno Costa by chat"
    assert [len(chat_of(number)) for number in (0, 1, 2)] == [1, 1, 0]


async def test_who_has_a_chat_by_their_own_wish_gets_no_second_one(incident, step):
    """That is another step's."""
    done = Done({FindOnCall: OnCall(people=(*people(0, paging="chat").people, *people(1).people))})
    assert [part.recipient.name for part in step().parts(incident, done)] == ["Bruno Costa"]


@pytest.mark.parametrize("announced", [Announce, AnnounceElsewhere])
async def test_what_stands_in_a_channel_is_not_written_to_each(team, incident, step, announced):
    """Wherever it stands; nothing is asked for."""
    done = Done({FindOnCall: people(0), announced: Announced(id="17", url="")})
    assert step().without_effect(incident, done) == Paged()
    assert team.server.requests.listing() == []


async def test_nobody_is_written_to_where_the_setting_does_not_wish_it(incident, step):
    """`chats` is one of the other places, named like the others."""
    assert step(wished=False).without_effect(incident, Done({FindOnCall: people(0)})) == Paged()
