"""A channel's conversation and its changes, read by the client while people talk in the sandbox."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from patience import LIMIT

from worker.clients.teams import conversation, graph
from worker.clients.teams.client import open_teams
from worker.clients.teams.conversation import Conversations
from worker.clients.teams.limits import TeamLimits
from worker.domain.errors import Forbidden, Gone, Transient, Unreachable
from worker.sandbox.teams.content import Content

AMARA, BRUNO = "amara@contoso.example", "bruno@contoso.example"


@pytest.fixture
async def teams(team):
    limits = TeamLimits(requests=1_000, in_a_channel=1_000)
    async with open_teams(team.settings(call_timeout_seconds=5), None, limits=limits) as client:
        yield client


@pytest.fixture
async def channel(teams):
    return await teams.create_channel("inc-1", "")


@pytest.fixture
def client(teams):
    return Conversations(teams)


@pytest.fixture
async def act(team):
    """Lets people do something in the channel; gives the message's id."""
    async with httpx.AsyncClient(base_url=team.server.url, verify=False, timeout=LIMIT) as http:

        async def done(act, person=AMARA, **wish):
            answer = await http.post(f"/sandbox/teams/{act}", json={"channel": "inc-1", "person": person, **wish})
            assert answer.status_code == 200, answer.text
            return answer.json()["id"]

        yield done


def fill(team, channel, roots, replies=0):
    """So many threads, quickly; their ids, with those of the replies, in their order."""
    of, content = team.stand_in.channels.get(channel.id), Content({"contentType": "text", "content": "x"})
    sender = {"user": {"id": "u", "displayName": "Ada"}}
    ids = []
    for _ in range(roots):
        ids.append(team.stand_in.post(of, content, sender).id)
        ids += [team.stand_in.post(of, content, sender, reply_to=ids[-1]).id for _ in range(replies)]
    return ids


def ids(found):
    return [message.id for message in found.messages]


async def test_a_conversation_is_read_as_it_was_held(client, channel, act):
    """Roots and replies in their order, with who wrote them, what was changed, reacted to and taken back."""
    files = [{"name": "graph.png", "url": "https://x.example/graph.png"}]
    root = await act("say", html="look at <a href='https://x.example/g'>this</a>", mentions=[BRUNO], files=files)
    other = await act("say", BRUNO, text="unrelated")
    reply = await act("say", BRUNO, text="on it", reply_to=root)
    await act("edit", BRUNO, message=reply, text="on it already")
    await act("react", BRUNO, message=root, reaction="📌")
    await act("delete", message=other)

    found = await client.read(channel)

    first, second, third = found.messages
    assert (ids(found), found.gaps, found.link) == ([root, other, reply], (), "")
    assert (first.author, first.text) == ("Amara Okafor", "Bruno Costa look at this (https://x.example/g)")
    assert [(file.name, file.url) for file in first.attachments] == [("graph.png", "https://x.example/graph.png")]
    assert [(each.kind, each.person) for each in first.reactions] == [("📌", "Bruno Costa")]
    assert (second.text, second.deleted_at is None) == ("", False)
    assert (third.root, third.text, third.edited_at is None) == (root, "on it already", False)


async def test_a_rename_is_an_event_of_the_conversation(client, channel, team):
    """Of nobody's."""
    await team.call("PATCH", f"/channels/{channel.id}", displayName="inc-1-checkout")
    (message,) = (await client.read(channel)).messages
    assert (message.event, message.text, message.author) == ("channelRenamed", "channel renamed: inc-1-checkout", "")


async def test_changes_are_what_came_after_the_link(client, channel, act):
    """Nothing when nothing happened; a thread with all its replies when one of them was touched."""
    root, other = await act("say", text="root"), await act("say", text="other")
    before = await client.changes(channel)
    nothing = await client.changes(channel, before.link)
    reply = await act("say", BRUNO, text="on it", reply_to=root)
    news = await client.changes(channel, nothing.link)
    await act("edit", BRUNO, message=reply, text="done")
    edited = await client.changes(channel, news.link)

    assert (ids(before), ids(nothing), ids(news)) == ([root, other], [], [root, reply])
    assert [message.text for message in edited.messages] == ["root", "done"]
    assert not any(found.gaps or found.anew for found in (before, nothing, news, edited))


async def test_changes_may_begin_at_a_moment(client, channel, act):
    """What was last changed before it is left out."""
    await act("say", text="before")
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert (await client.changes(channel, since=soon)).messages == ()
    assert len((await client.changes(channel, since=soon - timedelta(hours=2))).messages) == 1


async def test_many_pages_are_one_conversation(client, channel, team):
    """Each message once."""
    written = fill(team, channel, 45, replies=1)
    assert ids(await client.read(channel)) == written
    whole = await client.changes(channel)
    assert ids(whole) == written
    assert (await client.changes(channel, whole.link)).messages == ()


async def test_more_replies_than_one_answer_holds_are_all_read(client, channel, team):
    """The link to the others is followed."""
    written = fill(team, channel, 1, replies=1_020)
    found = await client.read(channel)
    assert (ids(found), found.gaps) == (written, ())


@pytest.mark.parametrize("way", ["read", "changes"])
async def test_threads_too_large_for_one_answer_are_read_in_smaller_pages(client, channel, team, monkeypatch, way):
    """A long night's threads are no reason to read none of them."""
    written = fill(team, channel, 25, replies=3)
    monkeypatch.setattr(graph, "_LARGEST_ANSWER", 40_000)
    found = await getattr(client, way)(channel)
    assert (ids(found), found.gaps) == (written, ())


async def test_a_thread_too_large_for_any_answer_is_a_gap(client, channel, team, monkeypatch):
    """What was read before it stands."""
    fill(team, channel, 1, replies=60)
    small = fill(team, channel, 2, replies=1)
    monkeypatch.setattr(graph, "_LARGEST_ANSWER", 40_000)
    found = await client.read(channel)
    assert ids(found) == small
    assert "more than an answer has" in found.gaps[0]


async def test_a_link_whose_changes_are_too_large_begins_anew(client, channel, team, monkeypatch):
    """In smaller pages."""
    link = (await client.changes(channel)).link
    written = fill(team, channel, 20, replies=3)
    monkeypatch.setattr(graph, "_LARGEST_ANSWER", 40_000)
    found = await client.changes(channel, link)
    assert (ids(found), found.anew) == (written, True)


async def test_too_many_messages_are_a_gap_from_where_it_goes_on(teams, channel, team):
    """The newest threads of a whole; changes go on where the last reading ended, and nothing is lost."""
    written = fill(team, channel, 50)
    few = Conversations(teams, most=20)
    newest = await few.read(channel)
    assert ids(newest) == written[-20:]
    assert "20 messages were read at once" in newest.gaps[0]
    link, seen = "", []
    gaps = ("",)
    while gaps:
        part = await few.changes(channel, link)
        link, gaps, seen = part.link, part.gaps, seen + ids(part)
    assert seen == written


@pytest.mark.parametrize("path", [r"messages\?.*skiptoken", "delta.*skiptoken"])
async def test_an_outage_on_the_way_leaves_what_was_read(client, channel, team, path):
    """It is said what is missing and why, and asked for again from there."""
    written = fill(team, channel, 30)
    team.disturb(path=path, behaviour="status", status=503, times=3)
    read = client.read if "messages" in path else client.changes
    found = await read(channel)
    assert len(found.messages) == 20
    assert "503" in found.gaps[0]
    if read is client.changes:
        rest = await client.changes(channel, found.link)
        assert sorted(ids(found) + ids(rest)) == written


async def test_replies_that_cannot_be_read_are_a_gap_of_their_thread(client, channel, team):
    """The rest is there."""
    (first, *written) = fill(team, channel, 1, replies=1_020)
    team.disturb(path="/replies", behaviour="status", status=404)
    found = await client.read(channel)
    assert len(found.messages) == 1 + 1_000
    assert set(ids(found)) < {first, *written}
    assert f"Some replies to the message {first} are missing." in found.gaps[0]


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (403, pytest.raises(Forbidden, match=r"ChannelMessage\.Read\.Group")),
        (404, pytest.raises(Gone, match="deleted it")),
        (503, pytest.raises(Unreachable, match="503")),
        (200, pytest.raises(Transient, match="without a list")),
    ],
)
async def test_where_nothing_can_be_had_the_reason_is_raised(client, channel, team, status, raised):
    """With what to do."""
    team.disturb(path="/messages", behaviour="status", status=status, body="{}", times=None)
    for read in (client.read, client.changes):
        with raised:
            await read(channel)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda link: link.replace("deltatoken=", "deltatoken=broken"),
        lambda link: link.replace("127.0.0.1", "evil.example"),
        lambda _: "no link at all",
        lambda link: link.replace("http://", "https://"),
    ],
)
async def test_a_link_of_no_use_begins_anew(client, channel, act, spoil):
    """Broken, or leading to where Graph is not: all that stands there is read, and that is said."""
    root = await act("say", text="root")
    link = (await client.changes(channel)).link
    found = await client.changes(channel, spoil(link))
    assert (ids(found), found.anew) == ([root], True)
    assert found.link == link


async def test_an_expired_link_begins_anew(client, channel, act, team):
    """Graph forgets where somebody was, with 410."""
    root = await act("say", text="root")
    link = (await client.changes(channel)).link
    team.disturb(path="deltatoken", behaviour="status", status=410)
    found = await client.changes(channel, link)
    assert (ids(found), found.anew) == ([root], True)


async def test_what_came_without_an_id_is_counted(client, channel, team):
    """It is a gap, and no reason to read nothing."""
    body = {"value": [{"id": "17", "createdDateTime": "2026-03-02T09:05:00Z"}, {"id": "18"}, {}]}
    team.disturb(path="/messages", behaviour="status", status=200, body=body)
    found = await client.read(channel)
    assert ids(found) == ["17"]
    assert "2 messages of the channel came without an id or a time." in found.gaps


async def test_a_next_page_elsewhere_is_not_gone_to(client, channel, team):
    """Whoever answers does not choose where we ask."""
    body = {"value": [], "@odata.nextLink": "http://evil.example/messages"}
    team.disturb(path="/messages", behaviour="status", status=200, body=body)
    assert "another place" in (await client.read(channel)).gaps[0]


async def test_pages_without_end_are_left(client, channel, team, monkeypatch):
    """A service that always names another page is not asked for ever."""
    monkeypatch.setattr(conversation, "_PAGES", 5)
    link = f"{team.server.url}/graph/v1.0/teams/{channel.team_id}/channels/{channel.id}/messages?again"
    body = {"value": [], "@odata.nextLink": link}
    team.disturb(path="/messages", behaviour="status", status=200, body=body, times=None)
    assert "missing" in (await client.read(channel)).gaps[0]


async def test_a_conversation_can_be_kept_and_read_again(client, channel, act):
    """As JSON, which says the same."""
    await act("say", text="root")
    found = await client.changes(channel)
    assert type(found).model_validate_json(found.model_dump_json()) == found
