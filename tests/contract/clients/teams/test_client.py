"""The Teams client on the real Graph SDK, against the stand-in."""

import asyncio
import json
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
from patience import LIMIT, PATIENCE
from structlog.testing import capture_logs

from worker.clients.teams.client import NameTaken, TeamFull, open_teams
from worker.domain.errors import Forbidden, Gone, Misconfigured, Rejected, Throttled, Transient, Unknown, Unreachable
from worker.resilience.send_deadline import SendDeadline, sending_before
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.teams import Teams as StandIn
from worker.sandbox.teams.content import Content
from worker.sandbox.world import DEFAULT_WORLD

NOW = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
CREATE = {"method": "POST", "path": "/channels$"}


@pytest.fixture
def connect(team):
    """Opens a client of the team; the settings may be others."""

    @asynccontextmanager
    async def connected(**others):
        async with open_teams(team.settings(**others), None) as client:
            yield client

    return connected


@pytest.fixture
async def teams(connect):
    async with connect() as client:
        yield client


async def test_a_created_channel_is_the_one_the_team_lists(teams, team):
    """What create answers is what a look by name and the whole list show, its description with it."""
    made = await teams.create_channel("inc-1", "incident-key:1 Words")
    named = await teams.channel_named("inc-1")
    assert named.channel == made
    assert named.description == "incident-key:1 Words"
    assert named in await teams.channels()
    assert team.channels()[0]["id"] == made.id
    assert made.url.startswith("http")


async def test_a_name_is_found_whatever_its_case_and_characters(teams, team):
    """Names are compared as Teams does, and a quotation mark in one does not break the filter."""
    await team.call("POST", "/channels", displayName="Inc-Two")
    assert (await teams.channel_named("inc-TWO")).channel.name == "Inc-Two"
    assert await teams.channel_named("o'hara' or displayName eq 'Inc-Two") is None


async def test_a_taken_name_is_said_in_both_of_graphs_shapes(teams):
    """Graph puts the code in one of two places; both mean that the name is taken."""
    await teams.create_channel("inc-1", "")
    for _ in range(2):
        with pytest.raises(NameTaken, match="NameAlreadyExists"):
            await teams.create_channel("INC-1", "")


async def test_an_archived_team_takes_no_channel(teams, team):
    """Until it is restored, or another one is named."""
    team.stand_in.archived = True
    with pytest.raises(Rejected, match="restore it or name another team"):
        await teams.create_channel("inc-1", "")


async def test_a_refused_name_is_rejected_with_the_reason(teams):
    """What Graph says about a bad name reaches the operator, with the id that support asks for."""
    with pytest.raises(Rejected, match="request-id") as caught:
        await teams.create_channel("a#b", "")
    assert "character" in str(caught.value)


async def test_an_unknown_team_is_a_wrong_setting(connect):
    """A team that cannot be seen is told as the setting that names it."""
    async with connect(teams_team_id="d0000000-0000-4000-8000-0000000000ff") as teams:
        with pytest.raises(Misconfigured, match="TOCSIN_TEAMS_TEAM_ID"):
            await teams.create_channel("inc-1", "")
        with pytest.raises(Misconfigured, match="TOCSIN_TEAMS_TEAM_ID"):
            await teams.check()


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409])
async def test_a_create_with_a_doubtful_answer_is_sent_once(teams, team, status):
    """Neither the SDK nor the client re-sends a create that may have been applied."""
    team.disturb(**CREATE, behaviour="status", status=status, headers={"Retry-After": "0"})
    with pytest.raises(Unknown, match=str(status)):
        await teams.create_channel("inc-1", "")
    assert len(team.sent("POST")) == 1


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (401, Forbidden, "secret"),
        (403, Forbidden, "Channel.Create.Group"),
        (413, Rejected, "large"),
        (418, Rejected, "Mend"),
    ],
)
async def test_a_refused_create_is_permanent_and_says_what_to_do(teams, team, status, error, words):
    """Answers that no second attempt would change are permanent, and name the grant or setting to mend."""
    team.disturb(**CREATE, behaviour="status", status=status)
    with pytest.raises(error, match=words):
        await teams.create_channel("inc-1", "")
    assert len(team.sent("POST")) == 1


async def test_a_lost_answer_leaves_a_doubt_and_a_channel_to_find(teams, team):
    """When the connection is cut after the effect, the outcome is unknown and the channel can be found."""
    team.disturb(**CREATE, behaviour="drop-after")
    with pytest.raises(Unknown):
        await teams.create_channel("inc-1", "")
    assert len(team.sent("POST")) == 1
    assert await teams.channel_named("inc-1")


async def test_silence_leaves_a_doubt(teams, team, loop_clock):
    """A server that does not answer within the time-out leaves the outcome unknown."""
    team.disturb(**CREATE, behaviour="hang")
    creating = asyncio.create_task(teams.create_channel("inc-1", ""))
    async with asyncio.timeout(LIMIT):
        while not team.sent("POST"):
            await asyncio.sleep(0.01)
    loop_clock.move(PATIENCE)
    with pytest.raises(Unknown, match="broke off"):
        await creating
    assert len(team.sent("POST")) == 1


@pytest.mark.parametrize("body", ["<html>Sorry</html>", "{", "[]", "{}"])
async def test_a_success_that_cannot_be_read_leaves_a_doubt(teams, team, body):
    """A 201 whose body says nothing usable may well have made the channel."""
    team.disturb(**CREATE, behaviour="status", status=201, body=body)
    with pytest.raises(Unknown):
        await teams.create_channel("inc-1", "")


async def test_a_short_throttle_is_sat_out(teams, team):
    """A throttled create was not applied, so it is sent again when the server's short patience is over."""
    team.disturb(**CREATE, behaviour="status", status=429, headers={"Retry-After": "0"})
    await teams.create_channel("inc-1", "")
    assert len(team.sent("POST")) == 2
    assert len(team.channels()) == 1


async def test_a_long_throttle_is_handed_up(teams, team):
    """A server that asks for more patience is obeyed by giving the message back, with the time it asked for."""
    team.disturb(**CREATE, behaviour="status", status=429, headers={"Retry-After": "60"})
    with pytest.raises(Throttled) as caught:
        await teams.create_channel("inc-1", "")
    assert caught.value.retry_after == timedelta(seconds=60)
    assert len(team.sent("POST")) == 1


async def test_nobody_listening_is_unreachable(connect):
    """A connection that never stood carried nothing, so another attempt is harmless."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1.0"
        async with connect(graph_url=address) as teams:
            with pytest.raises(Unreachable):
                await teams.create_channel("inc-1", "")


async def test_a_redirect_is_not_followed(teams, team):
    """A write is never carried to another address than the one that was configured."""
    elsewhere = f"{team.server.url}/graph/v1.0/elsewhere"
    team.disturb(**CREATE, behaviour="status", status=307, headers={"Location": elsewhere})
    with pytest.raises(Misconfigured, match="redirect"):
        await teams.create_channel("inc-1", "")
    assert len(team.server.requests.listing()) == 1


async def test_a_write_too_late_is_not_sent(teams, team):
    """A worker that stood still past its deadline sends nothing any more, though it may still look."""
    with sending_before(SendDeadline(time.monotonic() + 1)):
        with pytest.raises(Transient, match="was not sent"):
            await teams.create_channel("inc-1", "")
        assert await teams.channel_named("inc-1") is None
    assert team.sent("POST") == []


async def test_a_failed_read_is_read_again(teams, team):
    """Reading changes nothing, so a stumble of the server is simply read over."""
    team.disturb(method="GET", behaviour="status", status=503, times=2)
    assert await teams.channel_named("General")


async def test_a_read_that_keeps_failing_is_transient(teams, team):
    """A read never leaves a doubt: at worst it is tried again later."""
    team.disturb(method="GET", behaviour="drop-after", times=10)
    with pytest.raises(Transient):
        await teams.channel_named("General")


async def test_the_holder_of_a_name_is_waited_for(connect, team):
    """A list that lags behind is asked again until it shows the channel."""
    async with connect(lookup_lag_seconds=LIMIT) as teams:
        made = await teams.create_channel("inc-1", "")
        team.disturb(behaviour="lag", seconds=0.3)
        assert (await teams.holder_of("inc-1")).channel == made


async def test_a_deleted_channel_holds_its_name_unseen(teams, team):
    """The name of a deleted channel stays taken, and nobody is found to hold it."""
    made = await teams.create_channel("inc-1", "")
    await team.call("DELETE", f"/channels/{made.id}")
    with pytest.raises(NameTaken):
        await teams.create_channel("inc-1", "")
    assert await teams.holder_of("inc-1") is None


async def test_messages_are_read_over_all_their_pages(teams, team):
    """More messages than one page holds are all seen, with their senders and attachments."""
    made = await teams.create_channel("inc-1", "")
    number = count()
    for _ in range(6):
        texts = [{"content": f"message {next(number)}"} for _ in range(10)]
        await asyncio.gather(*(team.call("POST", f"/channels/{made.id}/messages", body=text) for text in texts))
    messages = await teams.messages(made.id)
    assert {message.content for message in messages} == {f"message {n}" for n in range(60)}
    assert not any(message.by_application for message in messages)


async def test_messages_of_a_deleted_channel_are_gone(teams, team):
    """A channel that people deleted is told apart from a failure that passes."""
    made = await teams.create_channel("inc-1", "")
    await team.call("DELETE", f"/channels/{made.id}")
    with pytest.raises(Gone):
        await teams.messages(made.id)


async def test_people_are_known_by_their_address(teams, team):
    """An e-mail leads to the Entra id that mentions need; a stranger's leads to nobody."""
    person = team.stand_in.world.people[0]
    assert await teams.object_id(person.email) == person.entra_id
    assert await teams.object_id("nobody@contoso.example") is None


@pytest.mark.parametrize(
    "address",
    [
        "s.o'neil@contoso.example",
        "lena_fabrikam.example#EXT#@contoso.onmicrosoft.example",
        "!#$%&'*+=^_`{|}~-@contoso.example",
        "ren\u00e9e+oncall@b\u00fccher.example",
    ],
)
async def test_every_address_of_a_directory_leads_to_its_person(team, address):
    """Whatever a path of Graph makes of its characters."""
    amara, *others = team.stand_in.world.people
    odd = replace(team.stand_in.world, people=(replace(amara, email=address), *others))
    server = await SandboxServer.start([StandIn(odd)])
    settings = team.settings(graph_url=f"{server.url}/graph/v1.0")
    async with open_teams(settings, None) as client:
        assert await client.object_id(address) == amara.entra_id
    await server.close()


async def test_a_team_must_be_named(team):
    """Without a team in the settings the sentence names the missing one."""
    with pytest.raises(Misconfigured, match="TOCSIN_TEAMS_TEAM_ID"):
        async with open_teams(team.settings(teams_team_id=None), None):
            pass


async def test_the_first_channel_of_each_team_is_asked_for_once(teams, team):
    """Which it is never changes; another team's is its own."""
    world = team.stand_in.world
    first = await teams.primary_channel()
    other = await teams.primary_channel(world.other_team_id)
    assert (first.team_id, other.team_id) == (world.team_id, world.other_team_id)
    assert first.name == "General"
    assert first.id != other.id
    asked = len(team.sent("GET"))
    team.disturb(behaviour="status", status=503, times=None)
    assert await teams.primary_channel() == first
    assert await teams.primary_channel(world.other_team_id) == other
    assert len(team.sent("GET")) == asked == 2


async def test_a_first_channel_that_could_not_be_had_is_asked_for_again(teams, team):
    """A failure is not kept, nor is an answer without an id."""
    team.disturb(path="/primaryChannel$", behaviour="status", status=200, body="{}")
    with pytest.raises(Transient, match="without its id or address"):
        await teams.primary_channel()
    assert (await teams.primary_channel()).name == "General"


async def test_a_chat_that_nobody_has_begun_has_no_messages(teams):
    """That the bot has not written yet is no fault."""
    assert await teams.chat_messages("19:nobody@unq.gbl.spaces") == []


async def test_the_messages_of_a_chat_are_told_as_those_of_a_channel(teams, team):
    """With their cards, the newest first, and who wrote them."""
    world = team.stand_in.world
    chat = team.stand_in.chats.open(world.people[0])
    opening = {"bot": {"id": f"28:{world.bot_app_id}"}, "members": [{"id": world.people[0].entra_id}]}
    card = {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "chat:1"}]}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    activity = {"type": "message", "attachments": [attachment]}
    async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
        url = f"{team.server.url}/bot/v3/conversations"
        (await http.post(url, json={**opening, "isGroup": False, "activity": activity})).raise_for_status()
    (message,) = await teams.chat_messages(chat.id)
    assert message.by_application
    assert "chat:1" in message.content


async def test_a_chat_that_may_not_be_read_names_the_permission(teams, team):
    """So that a message to a person is not sent twice after a fault."""
    team.disturb(path="/chats/", behaviour="status", status=403)
    with pytest.raises(Forbidden, match=r"Chat\.Read\.WhereInstalled"):
        await teams.chat_messages("19:x@unq.gbl.spaces")


def fill(team, number):
    for n in range(number):
        team.stand_in.channels.create(f"channel-{n}", "For this and that. " * 20, by="somebody", now=NOW)


async def test_a_long_list_of_channels_takes_little_of_the_event_loop(teams, team):
    """Nine hundred channels are read over all their pages in a fraction of the time in which one lock is renewed."""
    fill(team, 900)
    await teams.channel_named("General")  # loads what is loaded late
    worked = time.thread_time()
    listed = await teams.channels()
    # Of this thread alone, whatever else the machine does; the stand-in's part is in it.
    assert time.thread_time() - worked < 1
    assert [each.channel.name for each in listed] == ["General", *(f"channel-{n}" for n in range(900))]
    assert listed[1].channel.created_at == NOW


async def test_a_page_of_messages_takes_little_of_the_event_loop(teams, team):
    """Fifty messages with large cards, and people who are mentioned in each."""
    general = await teams.primary_channel()
    await teams.messages(general.id)  # loads what is loaded late
    people = [{"id": n, "mentionText": "Amara", "mentioned": {"user": {"id": str(n)}}} for n in range(10)]
    card = {"id": "card", "contentType": "application/vnd.microsoft.card.adaptive", "content": '{"a": "b"} ' * 2_000}
    content = Content({"contentType": "html", "content": "<p>Help</p>"}, attachments=(card,), mentions=tuple(people))
    for _ in range(50):
        team.stand_in.post(team.stand_in.primary_channel, content, {"application": {"id": "the-bot"}})
    worked = time.thread_time()
    messages = await teams.messages(general.id)
    assert time.thread_time() - worked < 0.25
    assert len(messages) == 50
    assert {(each.by_application, each.sender) for each in messages} == {(True, "the-bot")}
    assert {each.attachment_ids for each in messages} == {frozenset({"card"})}


async def test_all_who_list_the_channels_at_the_same_time_share_one_listing(teams, team):
    """Sixteen launches that look for what they may have made cost the team's quota and the loop no more than one."""
    first, *others = await asyncio.gather(*(teams.channels() for _ in range(16)))
    assert all(other is first for other in others)
    assert len(team.sent("GET")) == 1
    await teams.create_channel("inc-1", "")
    assert len(await teams.channels()) == len(first) + 1


@pytest.mark.parametrize("body", ["[]", "{}", '{"value": 1}', "[" * 50_000])
async def test_a_list_that_cannot_be_read_is_no_empty_list(teams, team, body):
    """Or what is there would be made again."""
    team.disturb(method="GET", behaviour="status", status=200, body=body, times=None)
    looks = teams.channels(), teams.channel_named("inc-1"), teams.messages("19:x"), teams.chat_messages("19:y")
    answers = await asyncio.gather(*looks, return_exceptions=True)
    assert [isinstance(answer, Transient) for answer in answers] == [True] * 4


async def test_what_is_no_channel_is_passed_over(teams, team):
    """And a channel without a date, or with a wrong one, is a channel."""
    whole = {"id": "19:1", "displayName": "inc-1", "webUrl": "https://teams/1"}
    shown = [None, "inc-1", {**whole, "id": ""}, {"id": "19:2"}, {**whole, "createdDateTime": "soon"}, whole]
    team.disturb(method="GET", behaviour="status", status=200, body=json.dumps({"value": shown}))
    listed = await teams.channels()
    assert [(each.channel.id, each.channel.created_at, each.description, each.archived) for each in listed] == [
        ("19:1", None, "", False)
    ] * 2


async def test_another_team_is_had_over_the_same_connection(teams, team):
    """Its channels are its own; however its id is spelt, it is the same."""
    other = teams.at(DEFAULT_WORLD.other_team_id.upper())
    assert other.at(DEFAULT_WORLD.other_team_id) is other
    assert other.at(DEFAULT_WORLD.team_id) is teams
    made = await other.create_channel("inc-1", "there")
    assert (made.team_id.casefold(), team.channels()) == (DEFAULT_WORLD.other_team_id, [])
    assert [listed.channel for listed in await other.channels()][-1] == made
    assert await teams.channel_named("inc-1") is None
    assert (await teams.primary_channel(other.team_id)).team_id == other.team_id


async def test_a_full_team_is_told_from_other_refusals(teams, team):
    """By Graph's words, and by the code that it had before."""
    for message, code in (
        ("This team has exceeded the Max allowed channels", "Forbidden"),
        ("", "ResourceLimitExceeded"),
    ):
        body = json.dumps({"error": {"code": code, "message": message}})
        team.disturb(**CREATE, behaviour="status", status=403, body=body, headers={"Content-Type": "application/json"})
        with pytest.raises(TeamFull):
            await teams.create_channel("inc-1", "x")
    team.disturb(**CREATE, behaviour="status", status=403)
    with pytest.raises(Forbidden):
        await teams.create_channel("inc-1", "x")


async def test_a_team_that_is_nearly_full_is_said_after_a_channel_was_made(teams, team, loop_clock):
    """Counted beside the launch, some seconds later, and not again for every channel."""
    for number in range(898):
        team.stand_in.channels.create(f"old-{number}", None, by="test", now=NOW)
    with capture_logs() as log:
        await teams.create_channel("inc-1", "x")
        await teams.create_channel("inc-2", "x")
        await asyncio.sleep(0)
        loop_clock.move(timedelta(seconds=5))
        (counting,) = teams._counting
        await counting
    assert [line for line in log if line["event"].startswith("teams.")] == [
        {"event": "teams.nearly_full", "log_level": "warning", "team": teams.team_id, "channels": 901, "most": 1_000}
    ]
