"""The step that says in a place where people look that a launch is in trouble."""

import pytest
from cards_read import card_of, texts

from handlers.launch.create_channel import CreateChannel
from handlers.trouble.post_report import PostReport, Reported
from worker.domain.errors import Rejected, Unknown
from worker.domain.launch_report import Report, Trouble
from worker.engine.step import Done

SENTENCE = "wrong-setting. There is no work item type 'Incident': set TOCSIN_BOARDS_WORK_ITEM_TYPE."
GIVEN_UP = Report(Trouble.GIVEN_UP, SENTENCE)


@pytest.fixture
def step(poster, places):
    return lambda report=GIVEN_UP, where="first-channel": PostReport(poster, places(where), report)


@pytest.fixture
async def first(teams):
    return await teams.primary_channel()


async def test_it_stands_in_the_fallback_place(incident, step, first, said):
    """With the sentence of the dead letter and the command that mends it."""
    reported = await step().run(incident, Done())
    (message,) = said(first.id)
    _, sentence, command, _ = texts(card_of(message))
    assert sentence == SENTENCE
    assert command.endswith(f"tocsin dead-letters replay --incident {incident.id} --yes")
    assert (reported.id, reported.channel, reported.trouble) == (message["id"], first, Trouble.GIVEN_UP)


async def test_after_a_lost_answer_it_is_found_with_what_it_says(team, incident, step, first, said):
    """Once for each incident, whatever there is to say by now."""
    waits = Report(Trouble.WAITS, "Boards is down.")
    assert await step(waits).find(incident, Done()) is None
    team.disturb(system="bot", method="POST", behaviour="drop-after")
    with pytest.raises(Unknown):
        await step(waits).run(incident, Done())
    found = await step(GIVEN_UP).find(incident, Done())
    assert (found.channel, found.trouble) == (first, Trouble.WAITS)
    assert [message["id"] for message in said(first.id)] == [found.id]


async def test_the_own_channel_takes_it_where_no_other_does(team, incident, step, own_channel, said):
    """It is the last place of all."""
    done = Done({CreateChannel: own_channel})
    assert (await step(where="chats").run(incident, done)).channel == own_channel
    team.disturb(system="bot", method="POST", behaviour="status", status=403)
    assert (await step().run(incident, done)).channel == own_channel
    assert len(said(own_channel.id)) == 2


async def test_where_nobody_takes_it_that_is_said(team, incident, step):
    """With what each place answered."""
    team.disturb(system="bot", method="POST", behaviour="status", status=403, times=None)
    with pytest.raises(Rejected, match=r"No place takes the report\. Tried to post"):
        await step().run(incident, Done())


async def test_a_place_that_cannot_be_looked_up_is_passed_by(team, incident, step, own_channel):
    """A report is not kept back for it."""
    team.disturb(path="/primaryChannel", behaviour="status", status=503, times=None)
    reported = await step().run(incident, Done({CreateChannel: own_channel}))
    assert reported.channel == own_channel


async def test_where_all_is_well_nothing_is_said(team, incident, step):
    """Without a request."""
    assert step(Report(Trouble.OVER)).without_effect(incident, Done()) == Reported()
    assert step().without_effect(incident, Done()) is None
    assert team.server.requests.listing() == []
