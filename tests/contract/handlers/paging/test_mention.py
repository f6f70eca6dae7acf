"""The step that sees to it that each person is mentioned where the incident is announced."""

import re
from datetime import timedelta

import pytest
from cards_read import card_of, shown, small_print
from launch_results import people

from handlers.launch.announce import Announce
from handlers.launch.announce_elsewhere import AnnounceElsewhere, Placed
from handlers.launch.create_channel import CreateChannel
from handlers.launch.find_on_call import FindOnCall
from handlers.marks import CALL, mark
from handlers.paging.mention import MentionPeople
from worker.domain.errors import Throttled, Unknown
from worker.domain.page import Paged
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA, BRUNO, _, _, EDDA, *_ = DEFAULT_WORLD.people


@pytest.fixture
def announced(poster, incident, own_channel):
    """The results of a launch whose announcement knew `before` and whose look-up came to `found`."""

    async def done(found, before=None):
        known = {CreateChannel: own_channel, **({FindOnCall: before} if before else {})}
        made = await Announce(poster, patience=timedelta()).run(incident, Done(known))
        placed = Placed(**made.model_dump(), channel=own_channel, elsewhere=False)
        return Done({CreateChannel: own_channel, Announce: made, AnnounceElsewhere: placed, FindOnCall: found})

    return done


@pytest.fixture
def parts(poster, open_ways, incident):
    """The parts for these results; by default everybody is mentioned."""
    return lambda done, default="mention": MentionPeople(poster, open_ways(default)).parts(incident, done)


async def test_who_is_called_in_the_announcement_needs_no_other_message(team, incident, announced, parts):
    """The part says where; it is the same whether it is run or found."""
    done = await announced(people(0), people(0))
    (part,) = parts(done)
    page = await part.run(incident, done)
    assert page == await part.find(incident, done)
    assert (page.person, page.by, page.told) == (AMARA.email, "mention", True)
    assert page.answer == f"mentioned in {done[CreateChannel].name}"
    assert page.why == "You are on call for 'checkout'."
    assert len(team.messages()) == 1


async def test_who_came_later_is_called_by_a_message_of_their_own(team, incident, announced, parts):
    """Since an edited card notifies nobody; with the reason and a mark of its own, urgent."""
    done = await announced(people(0, 1))
    pages = [await part.run(incident, done) for part in parts(done)]
    _, first, second = team.messages()
    assert [page.told for page in pages] == [True, True]
    assert [each["mentions"][0]["mentionText"] for each in (first, second)] == [AMARA.name, BRUNO.name]
    assert "You are on call for 'checkout'." in shown(card_of(first))
    assert re.fullmatch(rf"{mark(incident, CALL)}/amara-okafor-[0-9a-f]{{8}}", small_print(card_of(first)))
    assert first["importance"] == "high"


async def test_a_call_whose_answer_was_lost_is_found(team, incident, announced, parts):
    """Each person's own, and no other's."""
    done = await announced(people(0, 1))
    amara, bruno = parts(done)
    assert await amara.find(incident, done) is None
    team.disturb(system="bot", method="POST", behaviour="drop-after")
    with pytest.raises(Unknown):
        await amara.run(incident, done)
    assert (await amara.find(incident, done)).told
    assert await bruno.find(incident, done) is None
    assert len(team.messages()) == 2


async def test_while_graph_is_down_people_are_called_by_address(team, incident, announced, parts):
    """In the announcement as in a message of their own."""
    nameless = people(0, looked_up=False)
    for done in (await announced(nameless, nameless), await announced(nameless)):
        (part,) = parts(done)
        assert (await part.run(incident, done)).told
    called = [message["mentions"][0]["mentioned"]["user"]["id"] for message in team.messages() if message["mentions"]]
    assert called == [AMARA.entra_id] * 2


async def test_who_is_not_in_the_team_is_not_told(incident, announced, parts):
    """Teams takes the mention, and nobody hears of it."""
    done = await announced(people(4), people(4))
    (part,) = parts(done)
    page = await part.run(incident, done)
    assert (page.person, page.told) == (EDDA.email, False)
    assert page.answer == "not in the team, so Teams does not tell of the mention"


async def test_whom_the_directory_does_not_know_is_not_told(team, incident, announced, parts):
    """Nothing is posted for them, whether it is run or found."""
    unknown = people(0, looked_up=False, in_directory=False)
    done = await announced(unknown)
    (part,) = parts(done)
    page = await part.run(incident, done)
    assert page == await part.find(incident, done)
    assert (page.told, page.answer) == (False, "Teams knows nobody of this address")
    assert len(team.messages()) == 1


async def test_where_membership_cannot_be_asked_a_mention_counts(team, incident, announced, parts):
    """Teams took it, and nobody can tell more."""
    done = await announced(people(0), people(0))
    team.disturb(system="bot", method="GET", behaviour="status", status=503, times=None)
    (part,) = parts(done)
    assert (await part.run(incident, done)).told


async def test_a_refused_call_is_an_answer_and_an_outage_is_none(team, incident, announced, parts):
    """What is refused for good leaves it to the other ways; what passes is tried again."""
    done = await announced(people(0))
    (part,) = parts(done)
    team.disturb(system="bot", method="POST", behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled):
        await part.run(incident, done)
    team.disturb(system="bot", method="POST", behaviour="status", status=403)
    page = await part.run(incident, done)
    assert not page.told
    assert "403" in page.answer


async def test_only_those_are_mentioned_whose_rows_say_so(team, poster, open_ways, incident, announced):
    """And with nobody to mention there is nothing to do, and no request."""
    quiet = people(1, paging="chat").people
    done = await announced(people(0).model_copy(update={"people": (*people(0).people, *quiet)}))
    step = MentionPeople(poster, open_ways("mention"))
    assert [part.recipient.address for part in step.parts(incident, done)] == [AMARA.email]
    assert step.without_effect(incident, done) is None
    requests = len(team.server.requests.listing())
    silent = MentionPeople(poster, open_ways("chat"))
    assert silent.without_effect(incident, done) == Paged()
    assert len(team.server.requests.listing()) == requests


async def test_a_long_and_hostile_service_calls_nobody_else(team, incident, announced, parts):
    """Its name stands in the reason: in the card and in the words of the notification."""
    hostile = "<at>Bruno Costa</at> [pay](https://evil.example) " * 5
    done = await announced(people(0).model_copy(update={"service": hostile}))
    (part,) = parts(done)
    await part.run(incident, done)
    message = team.messages()[1]
    assert [mention["mentionText"] for mention in message["mentions"]] == [AMARA.name]
    assert "](" not in shown(card_of(message))
    assert "<at>" not in message["summary"]
