"""What both routes say in the thread of a message: posted once, found again, changed and deleted there."""

from contextlib import asynccontextmanager

import pytest
from patience import LIMIT

from worker.clients.posting.poster import ADAPTIVE_CARD, Announcement
from worker.clients.posting.routes import open_poster
from worker.clients.teams.client import open_teams
from worker.clients.teams.limits import TeamLimits
from worker.domain.errors import Forbidden, Gone, Unknown

MARKER = "inc-0123456789"


def words(text, marker=MARKER):
    card = {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlock", "text": f"[{marker}] {text}"}]}
    return Announcement(marker, text, card)


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def answering(posting):
    """The requests that a reply goes by, as a fault's definition."""
    if posting == "bot":
        return {"system": "bot", "method": "POST", "path": "messageid="}
    return {"system": "graph", "method": "POST", "path": "/replies$"}


@pytest.fixture
def thread(team, posting):
    """Opens the route, a channel, and a thread in it; the settings may be others."""

    @asynccontextmanager
    async def opened(**others):
        settings = team.settings(posting=posting, **others)
        limits = TeamLimits(requests=100, in_a_channel=100, posts_of_a_person=100)
        async with (
            open_teams(settings, None, limits=limits) as teams,
            open_poster(settings, teams, None, limits=limits) as poster,
        ):
            channel = await teams.create_channel(MARKER, "")
            yield poster, channel, (await poster.post(channel, words("root", "the-root"))).id

    return opened


def replies(team):
    return [message for message in team.messages() if message["replyToId"]]


def said(message):
    (card,) = message["attachments"]
    assert card["contentType"] == ADAPTIVE_CARD
    return card["content"]


async def test_a_reply_stands_in_its_thread_and_is_found_there(thread, team):
    """Once, under its root, and by its own marker alone."""
    async with thread() as (poster, channel, root):
        assert await poster.find_reply(channel, root, MARKER) is None
        posted = await poster.reply(channel, root, words("on it"))
        found = await poster.find_reply(channel, root, MARKER)
        others = [await poster.find(channel, MARKER), await poster.find_reply(channel, root, "another")]
    (reply,) = replies(team)
    assert (reply["id"], reply["replyToId"]) == (posted.id, root)
    assert found.id == posted.id
    assert others == [None, None]


async def test_every_copy_of_a_reply_is_found_the_first_at_the_head(thread):
    """Should a doubt have led to two, every look takes the same one."""
    async with thread() as (poster, channel, root):
        first = await poster.reply(channel, root, words("on it"))
        second = await poster.reply(channel, root, words("on it"))
        assert [each.id for each in await poster.all_replies_of(channel, root, MARKER)] == [first.id, second.id]
        assert (await poster.find_reply(channel, root, MARKER)).id == first.id


async def test_a_person_who_quotes_the_marker_is_no_reply_of_ours(thread, team):
    """People talk in the same thread."""
    async with thread() as (poster, channel, root):
        path = f"/channels/{channel.id}/messages/{root}/replies"
        await team.call("POST", path, body={"content": f"what is {MARKER}?"})
        assert await poster.find_reply(channel, root, MARKER) is None


async def test_a_reply_is_changed_and_deleted_in_its_thread(thread, team):
    """By its own id, and the root stays as it is."""
    async with thread() as (poster, channel, root):
        reply = (await poster.reply(channel, root, words("on it"))).id
        await poster.update(channel, reply, words("still on it"), thread=root)
        changed = said(replies(team)[0])
        deleted = [await poster.delete(channel, reply, thread=root) for _ in range(2)]
        with pytest.raises(Gone):
            await poster.update(channel, reply, words("too late"), thread=root)
    assert "still on it" in changed
    assert deleted == [True, False]
    assert [bool(message["deletedDateTime"]) for message in team.messages()] == [False, True]


async def test_a_lost_answer_leaves_a_reply_to_find(thread, team, answering):
    """It was sent once, and may be there."""
    async with thread() as (poster, channel, root):
        team.disturb(**answering, behaviour="drop-after")
        with pytest.raises(Unknown, match="looked for"):
            await poster.reply(channel, root, words("on it"))
        assert (await poster.find_reply(channel, root, MARKER)).id == replies(team)[0]["id"]
    assert len(replies(team)) == 1


async def test_a_deleted_root_takes_no_reply(thread, posting):
    """It is gone, as the reply's thread with it."""
    async with thread() as (poster, channel, root):
        await poster.delete(channel, root)
        with pytest.raises(Gone):
            await poster.reply(channel, root, words("on it"))
        assert await poster.all_replies_of(channel, "1767225600000", MARKER) == []


async def test_an_archived_channel_takes_no_reply_and_says_what_it_is(thread, team):
    """Nor a change nor a deletion: each refusal says that the channel has to be opened first."""
    async with thread() as (poster, channel, root):
        reply = (await poster.reply(channel, root, words("on it"))).id
        await team.call("POST", f"/channels/{channel.id}/archive")
        for act in (
            poster.reply(channel, root, words("late")),
            poster.update(channel, reply, words("late"), thread=root),
            poster.delete(channel, reply, thread=root),
        ):
            with pytest.raises(Forbidden, match="until it is opened again"):
                await act
    assert len(replies(team)) == 1


@pytest.mark.parametrize("posting", ["bot"], indirect=True)
async def test_a_reply_whose_id_is_not_told_is_looked_up(thread, team, answering):
    """It was taken, so it is not sent again."""
    async with thread(lookup_lag_seconds=LIMIT) as (poster, channel, root):
        team.disturb(**answering, behaviour="apply-then-status", status=202, body="{}")
        assert (await poster.reply(channel, root, words("on it"))).id == replies(team)[0]["id"]
    assert len(replies(team)) == 1
