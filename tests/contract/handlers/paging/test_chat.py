"""The way by a chat of the bot with one person."""

import pytest
from cards_read import buttons, card_of, runs
from launch_results import people

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.page import PagePeople
from worker.domain.errors import Transient, Unknown
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA = DEFAULT_WORLD.people[0]


@pytest.fixture
def chat(open_ways, incident):
    """The part that writes to the first of those on call."""
    ways = open_ways("chat", acknowledge=lambda incident, person: f"https://tocsin.example/{incident.id}/{person}")
    return lambda on_call: PagePeople(ways).parts(incident, Done({FindOnCall: on_call}))[0]


async def test_a_person_is_written_to(incident, chat, chat_of):
    """One card in their own chat, with the button by which they take it."""
    page = await chat(people(0)).run(incident, Done())
    (message,) = chat_of(0)
    assert (page.person, page.by, page.told, page.answer) == (AMARA.email, "chat", True, "written to")
    assert page.message == message["id"]
    assert runs(card_of(message))[0] == "Checkout is down"
    assert buttons(card_of(message)) == {"I have it": f"https://tocsin.example/{incident.id}/{AMARA.email}"}


async def test_a_person_without_an_object_id_is_looked_up(incident, chat, chat_of):
    """By the address in the roster."""
    assert (await chat(people(0, looked_up=False)).run(incident, Done())).told
    assert len(chat_of(0)) == 1


async def test_a_lost_answer_is_found_through_graph(team, incident, chat, chat_of):
    """It is written once, and the later attempt knows its id."""
    part = chat(people(0))
    assert await part.find(incident, Done()) is None
    team.disturb(system="bot", path="/activities$", behaviour="drop-after")
    with pytest.raises(Unknown):
        await part.run(incident, Done())
    found = await part.find(incident, Done())
    assert (found.told, found.message) == (True, chat_of(0)[0]["id"])
    assert len(chat_of(0)) == 1


async def test_where_graph_refuses_to_look_there_is_nothing_to_find(team, incident, chat, chat_of):
    """Without the permission it is written again: told twice is the lesser evil."""
    part = chat(people(0))
    team.disturb(system="bot", path="/activities$", behaviour="drop-after")
    with pytest.raises(Unknown):
        await part.run(incident, Done())
    team.disturb(path="/chats/", behaviour="status", status=403, times=None)
    assert await part.find(incident, Done()) is None
    assert (await part.run(incident, Done())).told
    assert len(chat_of(0)) == 2


async def test_while_graph_is_down_the_look_waits(team, incident, chat):
    """Whether something stands there shows later; until then nobody writes it twice."""
    part = chat(people(0))
    team.disturb(path="/chats/", behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Transient):
        await part.find(incident, Done())


@pytest.mark.parametrize(
    ("number", "words"),
    [(4, "not installed for this person"), (5, "has blocked the bot")],
    ids=["not in the team", "blocked"],
)
async def test_a_person_whom_the_bot_cannot_reach_is_not_told(incident, chat, chat_of, number, words):
    """With what the connector said; nothing is left in doubt."""
    page = await chat(people(number)).run(incident, Done())
    assert not page.told
    assert words in page.answer
    assert chat_of(number) == []


async def test_whom_teams_does_not_know_is_not_told(incident, chat):
    """The address is named, to be mended in the roster."""
    stranger = people(0, looked_up=False, email="gone@contoso.example")
    page = await chat(stranger).run(incident, Done())
    assert (page.told, page.answer) == (False, "Teams knows nobody of the address gone@contoso.example.")
    assert await chat(stranger).find(incident, Done()) is None
