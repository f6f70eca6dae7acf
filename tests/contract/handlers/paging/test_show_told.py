"""The steps that let the announcement say that nobody could be told, and take it back."""

from datetime import timedelta

import pytest
from cards_read import card_of, shown
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.paging.show_told import ShowTold, ShowUntold
from worker.domain.errors import Unknown
from worker.domain.page import Page
from worker.engine.step import Done

MISSED = Page(person="e", name="Edda", by="mention", told=False, answer="not in the team", why="You are on call.")
TOLD = MISSED.model_copy(update={"told": True, "by": "sms"})


@pytest.fixture
async def launched(poster, incident, own_channel, told):
    """The results of a launch whose announcement stands, and these pages."""
    begun = {CreateChannel: own_channel, FindOnCall: people(4), CreateWorkItem: WORK_ITEM}
    announced = await Announce(poster, patience=timedelta()).run(incident, Done(begun))
    placed = Placed(**announced.model_dump(), channel=own_channel, elsewhere=False)
    return lambda *pages, **more: Done(
        {**begun, Announce: announced, AnnounceElsewhere: placed, **more}, pages=told(*pages)
    )


async def test_that_nobody_was_told_stands_on_the_card_until_somebody_is(team, poster, incident, launched):
    """In the same message, which says it no more once it is not so."""
    missed = launched(MISSED)
    untold = await ShowUntold(poster).run(incident, missed)
    assert "NOBODY HAS BEEN TOLD (Edda: not in the team)" in shown(card_of(team.messages()[0]))
    later = Done({**launched(), ShowUntold: untold}, pages=launched(MISSED, TOLD).pages)
    taken_back = await ShowTold(poster).run(incident, later)
    (message,) = team.messages()
    assert "NOBODY HAS BEEN TOLD" not in shown(card_of(message))
    assert taken_back.said == "that Edda was told"


async def test_after_a_lost_answer_each_change_is_found(team, poster, incident, launched):
    """By the mark that is there, or is there no more."""
    missed = launched(MISSED)
    assert await ShowUntold(poster).find(incident, missed) is None
    team.disturb(system="bot", method="PUT", behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await ShowUntold(poster).run(incident, missed)
    untold = await ShowUntold(poster).find(incident, missed)
    later = Done({**launched(), ShowUntold: untold}, pages=launched(MISSED, TOLD).pages)
    assert await ShowTold(poster).find(incident, later) is None
    await ShowTold(poster).run(incident, later)
    assert await ShowTold(poster).find(incident, later)


async def test_where_somebody_was_told_there_is_nothing_to_say_or_take_back(team, poster, incident, launched):
    """Without a request."""
    requests = len(team.server.requests.listing())
    done = launched(MISSED, TOLD)
    nothing = ShowUntold(poster).without_effect(incident, done)
    assert nothing.said == ""
    assert ShowTold(poster).without_effect(incident, Done({**done, ShowUntold: nothing}, pages=done.pages)).said == ""
    assert ShowUntold(poster).without_effect(incident, launched(MISSED)) is None
    assert len(team.server.requests.listing()) == requests
