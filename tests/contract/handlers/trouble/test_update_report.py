"""The steps that let the report say what became of the launch since."""

import pytest
from cards_read import card_of, small_print, texts

from handlers.trouble.post_report import PostReport, Reported
from handlers.trouble.update_report import SayGivenUp, SayItIsOver
from worker.domain.errors import Unknown
from worker.domain.launch_report import Report, Trouble
from worker.engine.step import Done

GIVEN_UP = Report(Trouble.GIVEN_UP, "gave-up. Boards was down for four hours.")
OVER = Report(Trouble.OVER)


@pytest.fixture
async def waiting(poster, places, incident):
    """It has been said that the launch waits."""
    step = PostReport(poster, places("first-channel"), Report(Trouble.WAITS, "Boards is down."))
    return Done({PostReport: await step.run(incident, Done())})


@pytest.fixture
def report(waiting, said):
    """The one message that there is to be, as people see it."""

    def now():
        (message,) = said(waiting[PostReport].channel.id)
        return card_of(message)

    return now


async def test_what_waited_in_vain_is_said_in_the_same_message(poster, incident, waiting, report):
    """With the sentence and the command of then; and what succeeds after that is said there as well."""
    assert (await SayGivenUp(poster, GIVEN_UP).run(incident, waiting)).trouble is Trouble.GIVEN_UP
    assert any("given up" in text for text in texts(report()))
    assert "gave-up. Boards was down for four hours." in texts(report())
    assert any("dead-letters replay" in text for text in texts(report()))
    await SayItIsOver(poster, OVER).run(incident, waiting)
    assert any("is done now" in text for text in texts(report()))
    assert small_print(report()).endswith("/over")


async def test_a_change_in_doubt_is_made_again(team, poster, incident, waiting, report):
    """It comes to the same however often it is made."""
    team.disturb(system="bot", method="PUT", behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await SayItIsOver(poster, OVER).run(incident, waiting)
    assert await SayItIsOver(poster, OVER).find(incident, waiting)
    assert small_print(report()).endswith("/over")


async def test_a_report_without_an_id_is_found_before_it_is_amended(poster, incident, waiting, report):
    """Teams had told no id of it."""
    nameless = waiting[PostReport].model_copy(update={"id": ""})
    await SayItIsOver(poster, OVER).run(incident, Done({PostReport: nameless}))
    assert small_print(report()).endswith("/over")


async def test_a_deleted_report_is_nobodys_to_amend(team, poster, incident, waiting, said):
    """Nothing is posted in its place, whether its id is known or not."""
    reported, messages = waiting[PostReport], team.stand_in.messages
    messages.delete(messages.get(reported.channel.id, reported.id), team.stand_in.clock())
    nameless = Done({PostReport: reported.model_copy(update={"id": ""})})
    assert await SayItIsOver(poster, OVER).run(incident, waiting)
    assert await SayItIsOver(poster, OVER).run(incident, nameless)
    assert len(said(reported.channel.id)) == 1


@pytest.mark.parametrize("reported", [Reported(), "over already"])
async def test_where_nothing_was_reported_or_this_very_trouble_there_is_nothing_to_say(
    team, poster, incident, waiting, reported
):
    """Without a request."""
    if reported == "over already":
        reported = waiting[PostReport].model_copy(update={"trouble": Trouble.OVER})
    requests = len(team.server.requests.listing())
    step = SayItIsOver(poster, OVER)
    assert step.without_effect(incident, Done({PostReport: reported})) is not None
    assert step.without_effect(incident, waiting) is None
    assert len(team.server.requests.listing()) == requests
