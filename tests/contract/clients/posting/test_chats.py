"""Chats of the bot with single people, against the stand-ins for the bot and Graph."""

import json
from contextlib import asynccontextmanager

import pytest

from worker.clients.posting.poster import Announcement
from worker.clients.posting.routes import open_posting
from worker.clients.teams.client import open_teams
from worker.domain.errors import Forbidden, Gone, Rejected, Throttled, Transient, Unknown
from worker.sandbox.world import DEFAULT_WORLD

AMARA, _, _, _, EDDA, FARID, *_ = DEFAULT_WORLD.people
MARKER = "chat:0123456789"


def card(words="Checkout is down"):
    body = [{"type": "TextBlock", "text": f"{words} {MARKER}"}]
    return Announcement(MARKER, words, {"type": "AdaptiveCard", "version": "1.4", "body": body}, urgent=True)


@asynccontextmanager
async def opened(team, **others):
    settings = team.settings(**{"posting": "bot", **others})
    async with open_teams(settings, None) as teams, open_posting(settings, teams, None) as posting:
        yield posting.chats


@pytest.fixture
async def chats(team):
    async with opened(team) as chats:
        yield chats


def messages(team):
    return [message for chat in team.stand_in.state()["chats"] for message in chat["messages"]]


async def test_a_message_is_written_changed_and_found(team, chats):
    """One card in the person's own chat, by its id and by its marker."""
    assert await chats.find(AMARA.entra_id, MARKER) is None
    written = await chats.post(AMARA.entra_id, card())
    await chats.update(AMARA.entra_id, written, card("All is well"))
    (message,) = messages(team)
    assert (message["id"], message["importance"]) == (written, "high")
    found = await chats.find(AMARA.entra_id, MARKER)
    assert found.id == written
    assert "All is well" in found.content


async def test_a_marker_of_another_matter_finds_nothing(chats):
    """Each has its own."""
    await chats.post(AMARA.entra_id, card())
    assert await chats.find(AMARA.entra_id, "trouble:0123456789") is None


async def test_of_two_the_first_is_found(chats):
    """So that every later look takes the same one."""
    first = await chats.post(AMARA.entra_id, card())
    await chats.post(AMARA.entra_id, card())
    assert (await chats.find(AMARA.entra_id, MARKER)).id == first


@pytest.mark.parametrize(
    ("person", "words"),
    [(EDDA.entra_id, "not installed"), (FARID.entra_id, "has blocked the bot")],
    ids=["no app", "blocked"],
)
async def test_whom_the_bot_may_not_write_to_is_said(team, chats, person, words):
    """With the reason, for good."""
    with pytest.raises(Forbidden, match=words):
        await chats.post(person, card())
    assert messages(team) == []


@pytest.mark.parametrize(
    "said", [{"code": "MessageWritesBlocked"}, {"code": "Forbidden", "subCode": "MessageWritesBlocked"}]
)
async def test_a_block_is_known_by_code_and_by_sub_code(team, chats, said):
    """Pages of the service and people who have seen it name different places."""
    body = json.dumps({"error": said})
    team.disturb(system="bot", path="/activities$", behaviour="status", status=403, body=body)
    with pytest.raises(Forbidden, match="has blocked the bot"):
        await chats.post(AMARA.entra_id, card())


async def test_an_id_that_is_nobodys_is_rejected(chats):
    """An address neither: the connector knows object ids alone."""
    for nobody in ("e0000000-0000-4000-8000-0000000000ff", AMARA.email):
        with pytest.raises(Rejected, match="Nobody of that object id"):
            await chats.post(nobody, card())


async def test_a_lost_answer_is_a_doubt_about_the_message_alone(team, chats):
    """Opening the chat makes nothing that people see, so it is simply done again."""
    team.disturb(system="bot", path="/conversations$", behaviour="drop-after", times=None)
    with pytest.raises(Transient):
        await chats.post(AMARA.entra_id, card())
    team.server.faults.clear()
    team.disturb(system="bot", path="/activities$", behaviour="drop-after")
    with pytest.raises(Unknown):
        await chats.post(AMARA.entra_id, card())
    assert await chats.find(AMARA.entra_id, MARKER)
    assert len(messages(team)) == 1


async def test_a_chat_without_an_id_is_tried_again(team, chats):
    """Nothing was written."""
    team.disturb(system="bot", path="/conversations$", behaviour="status", status=201, body="{}")
    with pytest.raises(Transient, match="named no conversation"):
        await chats.post(AMARA.entra_id, card())


async def test_a_message_without_an_id_is_written_all_the_same(team, chats):
    """Its id is empty, and it is not written again."""
    team.disturb(system="bot", path="/activities$", behaviour="apply-then-status", status=202, body="{}")
    assert await chats.post(AMARA.entra_id, card()) == ""
    assert len(messages(team)) == 1


async def test_a_throttle_is_handed_up(team, chats):
    """More patience than a moment is the caller's to have."""
    team.disturb(system="bot", path="/activities$", behaviour="status", status=429, headers={"Retry-After": "30"})
    with pytest.raises(Throttled):
        await chats.post(AMARA.entra_id, card())


async def test_a_deleted_message_is_gone(chats):
    """It is not written anew."""
    await chats.post(AMARA.entra_id, card())
    with pytest.raises(Gone):
        await chats.update(AMARA.entra_id, "17", card())


async def test_without_the_permission_nobody_may_look(team, chats):
    """And the sentence names it."""
    team.disturb(path="/chats/", behaviour="status", status=403)
    with pytest.raises(Forbidden, match=r"Chat\.Read\.WhereInstalled"):
        await chats.find(AMARA.entra_id, MARKER)


async def test_a_person_who_posts_has_no_chats_to_give(team):
    """They would be the person's own."""
    async with opened(team, posting="delegated") as none:
        assert none is None
