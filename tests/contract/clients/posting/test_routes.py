"""Both routes into a channel, held to the same promises against the stand-ins for Graph and the bot."""

import base64
import json
import re
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity import AuthenticationRecord
from patience import LIMIT

from worker.clients.breakers import Breakers
from worker.clients.posting.delegated import DelegatedPoster
from worker.clients.posting.poster import Announcement, Mention
from worker.clients.posting.routes import open_poster
from worker.clients.posting.sign_in import signed_in_user
from worker.clients.teams.client import open_teams, teams_of
from worker.clients.teams.graph import graph_identity, graph_scope, open_graph
from worker.domain.errors import Forbidden, Gone, Misconfigured, Rejected, Throttled, Transient, Unknown
from worker.resilience.send_deadline import SendDeadline, sending_before
from worker.sandbox.world import DEFAULT_WORLD

MARKER = "inc-0123456789"
# Of the message that counts an incident's alerts: it must never be taken for the announcement, nor the other way round.
GROUPED = f"alerts:{MARKER.removeprefix('inc-')}"
AMARA = DEFAULT_WORLD.people[0]


def announcement(
    *, mentions: tuple[Mention, ...] = (), words: str = "Checkout is down", marker: str = MARKER
) -> Announcement:
    text = f"[{marker}] {words}"
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text + "".join(f" <at>{mention.name}</at>" for mention in mentions)}],
        "msteams": {
            "entities": [
                {"type": "mention", "text": f"<at>{each.name}</at>", "mentioned": {"id": each.id, "name": "A"}}
                for each in mentions
            ]
        },
    }
    return Announcement(marker, text, card, mentions=mentions, urgent=True)


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def fault(posting):
    """The address a route's message goes to, as a fault's definition."""
    if posting == "bot":
        return {"system": "bot", "method": "POST"}
    return {"system": "graph", "method": "POST", "path": "/messages$"}


@pytest.fixture
def update(posting):
    """The same for a message that is changed."""
    if posting == "bot":
        return {"system": "bot", "method": "PUT"}
    return {"system": "graph", "method": "PATCH", "path": r"/messages/\d+$"}


@pytest.fixture
def route(team, posting):
    """Opens the route and a channel to post into; the settings may be others."""

    @asynccontextmanager
    async def opened(**others):
        settings = team.settings(**{"posting": posting, **others})
        async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
            yield poster, await teams.create_channel(MARKER, "")

    return opened


@asynccontextmanager
async def bot_in_its_channel(team, **others):
    settings = team.settings(**{"posting": "bot", "lookup_lag_seconds": LIMIT, **others})
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        yield poster, await teams.create_channel(MARKER, "")


def posts(team):
    return [each for each in team.sent("POST") if not each["path"].endswith("/channels")]


def card_words(message):
    (card,) = message["attachments"]
    return json.loads(card["content"])["body"][0]["text"]


def updates(team):
    return [*team.sent("PUT"), *team.sent("PATCH")]


async def test_what_is_posted_is_found_again(route, team):
    """The message stands in the channel once, with its card, marked as urgent, and is found by its marker."""
    async with route() as (poster, channel):
        assert await poster.find(channel, MARKER) is None
        posted = await poster.post(channel, announcement())
        assert (await poster.find(channel, MARKER)).id == posted.id
    (message,) = team.messages()
    assert message["id"] == posted.id
    assert message["importance"] == "high"
    assert card_words(message) == f"[{MARKER}] Checkout is down"
    assert posted.url.startswith("http")


async def test_a_person_who_quotes_the_marker_is_not_the_announcement(route, team):
    """Somebody may talk about the incident before it is announced; it is announced all the same."""
    async with route() as (poster, channel):
        await team.call("POST", f"/channels/{channel.id}/messages", body={"content": f"{MARKER} is burning"})
        assert await poster.find(channel, MARKER) is None


async def test_the_first_of_two_is_found(route):
    """Should a doubt have led to two messages, every later look takes the same one."""
    async with route() as (poster, channel):
        first = await poster.post(channel, announcement())
        await poster.post(channel, announcement())
        assert (await poster.find(channel, MARKER)).id == first.id


async def test_people_are_mentioned(route, team):
    """A person whose Entra id is known is called by name."""
    async with route() as (poster, channel):
        await poster.post(channel, announcement(mentions=(Mention(AMARA.name, AMARA.entra_id),)))
    (mention,) = team.messages()[0]["mentions"]
    assert mention["mentioned"]["user"]["id"] == AMARA.entra_id


@pytest.mark.parametrize("status", [412, 500, 502, 503, 504])
async def test_a_doubtful_answer_is_not_followed_by_a_second_message(route, team, fault, status):
    """What may have been posted is sent once; the outcome is unknown."""
    team.disturb(**fault, behaviour="status", status=status)
    async with route() as (poster, channel):
        with pytest.raises(Unknown, match="looked for"):
            await poster.post(channel, announcement())
    assert len(posts(team)) == 1


async def test_a_lost_answer_leaves_a_message_to_find(route, team, fault):
    """When the answer is lost after the effect, the message is found, and was sent once."""
    team.disturb(**fault, behaviour="drop-after")
    async with route() as (poster, channel):
        with pytest.raises(Unknown):
            await poster.post(channel, announcement())
        assert await poster.find(channel, MARKER)
    assert len(posts(team)) == 1


async def test_a_short_throttle_is_sat_out(route, team, fault):
    """A throttled message was not posted, so it is sent again in place."""
    team.disturb(**fault, behaviour="status", status=429, headers={"Retry-After": "0"})
    async with route() as (poster, channel):
        await poster.post(channel, announcement())
    assert len(team.messages()) == 1


async def test_a_long_throttle_is_handed_up(route, team, fault):
    """More patience than a moment is the caller's to have."""
    team.disturb(**fault, behaviour="status", status=429, headers={"Retry-After": "30"})
    async with route() as (poster, channel):
        with pytest.raises(Throttled) as caught:
            await poster.post(channel, announcement())
    assert caught.value.retry_after.total_seconds() == 30


async def test_a_message_too_late_is_not_sent(route, team):
    """A worker past its deadline posts nothing."""
    async with route() as (poster, channel):
        with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(Transient, match="was not sent"):
            await poster.post(channel, announcement())
    assert posts(team) == []


async def test_a_channel_that_is_not_there_is_gone(route, team):
    """A deleted channel is told apart from a passing failure."""
    async with route() as (poster, channel):
        await team.call("DELETE", f"/channels/{channel.id}")
        with pytest.raises(Gone):
            await poster.post(channel, announcement())


async def test_an_archived_channel_takes_no_message(route, team):
    """The refusal of an archived channel is permanent."""
    async with route() as (poster, channel):
        await team.call("POST", f"/channels/{channel.id}/archive")
        with pytest.raises(Forbidden, match="archived"):
            await poster.post(channel, announcement())


async def test_a_message_too_large_is_rejected(route):
    """A message over the service's limit is refused for good, with a sentence."""
    async with route() as (poster, channel):
        with pytest.raises(Rejected, match="large"):
            await poster.post(channel, announcement(words="x" * 40_000))


async def test_a_usable_route_passes_its_check(route):
    """The check is silent where posting is possible, and posts nothing."""
    async with route() as (poster, _):
        await poster.check()


async def test_missing_settings_are_named(team, posting):
    """Every setting that the chosen route lacks is named."""
    missing = {"bot_app_id": None, "bot_service_url": None, "teams_team_id": None}
    with pytest.raises(Misconfigured, match="TOCSIN_BOT_APP_ID" if posting == "bot" else "TOCSIN_TEAMS_TEAM_ID"):
        async with open_poster(team.settings(posting=posting, **missing), None, None):
            pass


@pytest.fixture
async def standing(team, posting, route):
    """The route with its channel and a message that a worker before it posted there."""
    async with route() as (poster, channel):
        posted = await poster.post(channel, announcement())
    settings = team.settings(posting=posting)
    # Opened anew, it owes the channel no patience.
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        yield poster, channel, posted.id


async def test_an_updated_message_says_the_new_words(standing, team):
    """The message keeps its id and place, is shown as edited with its new card, and is found as before."""
    poster, channel, message_id = standing
    mention = Mention(AMARA.name, AMARA.entra_id)
    await poster.update(channel, message_id, announcement(words="3 alerts", mentions=(mention,)))
    assert (await poster.find(channel, MARKER)).id == message_id
    (message,) = team.messages()
    assert message["id"] == message_id
    assert "Checkout is down" not in str(message)
    assert message["lastEditedDateTime"] is not None
    assert message["mentions"][0]["mentioned"]["user"]["id"] == AMARA.entra_id
    assert "3 alerts" in card_words(message)


@pytest.mark.parametrize("whose", ["deleted", "unknown"])
async def test_a_message_that_is_not_there_is_gone(standing, team, whose):
    """A deleted message stays deleted, and one that never was is told alike."""
    poster, channel, message_id = standing
    messages = team.stand_in.messages
    messages.delete(messages.get(channel.id, message_id), team.stand_in.clock())
    with pytest.raises(Gone, match=r"update the message.*no such message any more"):
        await poster.update(channel, message_id if whose == "deleted" else "17", announcement(words="3 alerts"))
    assert team.messages()[0]["body"]["content"] == ""


async def test_a_message_of_a_deleted_channel_is_gone(standing, team):
    """People may delete a channel while its incident is open."""
    poster, channel, message_id = standing
    await team.call("DELETE", f"/channels/{channel.id}")
    with pytest.raises(Gone):
        await poster.update(channel, message_id, announcement(words="3 alerts"))


async def test_what_others_wrote_is_not_changed(standing, team, posting):
    """The one route's message is not the other's to change; the refusal is permanent."""
    _, channel, message_id = standing
    settings = team.settings(posting="delegated" if posting == "bot" else "bot")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as stranger:
        with pytest.raises(Forbidden, match="changes only what"):
            await stranger.update(channel, message_id, announcement(words="3 alerts"))
    assert "Checkout is down" in card_words(team.messages()[0])


async def test_an_archived_channel_lets_nothing_be_changed(standing, team):
    """What was posted stays as it was when the channel was archived."""
    poster, channel, message_id = standing
    await team.call("POST", f"/channels/{channel.id}/archive")
    with pytest.raises(Forbidden, match="archived"):
        await poster.update(channel, message_id, announcement(words="3 alerts"))


DOUBTFUL = [{"behaviour": "drop-before"}, {"behaviour": "drop-after"}, {"behaviour": "status", "status": 503}]


@pytest.mark.parametrize("fault", DOUBTFUL)
async def test_a_doubtful_update_is_sent_again(standing, team, update, fault):
    """Made twice it comes to the same, so nothing has to be looked for first."""
    poster, channel, message_id = standing
    team.disturb(**update, **fault)
    await poster.update(channel, message_id, announcement(words="3 alerts"))
    assert len(updates(team)) == 2
    assert "3 alerts" in card_words(team.messages()[0])


@pytest.mark.parametrize("fault", DOUBTFUL)
async def test_an_update_that_stays_doubtful_is_handed_up(standing, team, update, fault):
    """After three tries nobody knows what the message says."""
    poster, channel, message_id = standing
    team.disturb(**update, **fault, times=None)
    with pytest.raises(Unknown):
        await poster.update(channel, message_id, announcement(words="3 alerts"))
    assert len(updates(team)) == 3


async def test_a_short_throttle_of_an_update_is_sat_out(standing, team, update):
    """A throttled update was not applied, so it is sent again in place."""
    poster, channel, message_id = standing
    team.disturb(**update, behaviour="status", status=429, headers={"Retry-After": "0"})
    await poster.update(channel, message_id, announcement(words="3 alerts"))
    assert "3 alerts" in card_words(team.messages()[0])


async def test_an_update_too_late_is_not_sent(standing, team):
    """A worker past its deadline changes nothing: newer words may stand there by now."""
    poster, channel, message_id = standing
    with sending_before(SendDeadline(time.monotonic() + 1)), pytest.raises(Transient, match="was not sent"):
        await poster.update(channel, message_id, announcement(words="3 alerts"))
    assert updates(team) == []


async def test_an_update_too_large_is_rejected(standing):
    """What a message may hold is the same when it is changed."""
    poster, channel, message_id = standing
    with pytest.raises(Rejected, match="large"):
        await poster.update(channel, message_id, announcement(words="x" * 40_000))


async def test_the_message_that_counts_alerts_is_not_the_announcement(standing):
    """Neither is found by the other's marker."""
    poster, channel, announced = standing
    counting = await poster.post(channel, announcement(words="2 alerts", marker=GROUPED))
    assert [each.id for each in await poster.all_of(channel, MARKER)] == [announced]
    assert [each.id for each in await poster.all_of(channel, GROUPED)] == [counting.id]


# The bot alone


@pytest.mark.parametrize("body", ["<html></html>", "[]", "{}", ""])
async def test_a_bots_success_without_an_id_is_looked_up(team, body):
    """What Teams took without telling an id is there: its id is found by the marker, and nothing is posted again."""
    team.disturb(system="bot", method="POST", behaviour="apply-then-status", status=202, body=body)
    async with bot_in_its_channel(team) as (poster, channel):
        posted = await poster.post(channel, announcement())
    assert [message["id"] for message in team.messages()] == [posted.id]
    assert len(posts(team)) == 1


async def test_a_bots_message_that_cannot_be_seen_yet_has_no_id(team):
    """Where the look finds nothing in time the message is posted all the same, without an id, and found later."""
    team.disturb(system="bot", method="POST", behaviour="apply-then-status", status=202, body="{}")
    async with bot_in_its_channel(team, lookup_lag_seconds=1) as (poster, channel):
        team.disturb(method="GET", path="/messages", behaviour="status", status=503, times=None)
        posted = await poster.post(channel, announcement())
        assert (posted.id, posted.url) == ("", channel.url)
        team.server.faults.clear()
        assert (await poster.find(channel, MARKER)).id == team.messages()[0]["id"]
    assert len(posts(team)) == 1


async def test_a_card_is_one_message_that_can_be_changed(team):
    """Of a text and a card Teams makes two messages without an id: what is sent is the card alone, and stays one."""
    async with bot_in_its_channel(team) as (poster, channel):
        posted = await poster.post(channel, announcement())
        await poster.update(channel, posted.id, announcement(words="3 alerts"))
    (message,) = team.messages()
    assert message["summary"] == f"[{MARKER}] 3 alerts"
    assert re.sub(r"<attachment[^>]*></attachment>", "", message["body"]["content"]) == ""


@pytest.mark.parametrize("address", [AMARA.entra_id, AMARA.email])
async def test_a_bot_mentions_by_id_and_by_address(team, address):
    """Where Entra ID cannot be asked, an address is enough to call a person."""
    async with bot_in_its_channel(team) as (poster, channel):
        assert poster.mentions_by_address
        await poster.post(channel, announcement(mentions=(Mention(AMARA.name, address),)))
    (mention,) = team.messages()[0]["mentions"]
    assert mention["mentioned"]["user"]["id"] == AMARA.entra_id


async def test_a_bot_knows_who_is_in_the_team(team):
    """By object id or address: nobody hears of a mention in a team that they are not in."""
    async with bot_in_its_channel(team) as (poster, channel):
        known = {each.name: await poster.includes(channel, each.entra_id) for each in DEFAULT_WORLD.people}
        assert known == {each.name: each.in_team for each in DEFAULT_WORLD.people}
        assert await poster.includes(channel, AMARA.email)
        assert not await poster.includes(channel, "gone@contoso.example")


async def test_a_bot_outside_the_team_says_how_to_install_it(team):
    """The 403 of a bot that is not in the team is permanent and tells the way out."""
    team.bot.installed = False
    settings = team.settings(posting="bot")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        with pytest.raises(Forbidden, match="Install the bot"):
            await poster.post(channel, announcement())


async def test_a_foreign_bot_is_told_to_check_its_id(team):
    """A wrong bot id is told as the setting that names it."""
    settings = team.settings(posting="bot", bot_app_id="c0000000-0000-4000-8000-0000000000ff")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        with pytest.raises(Forbidden, match="TOCSIN_BOT_APP_ID"):
            await poster.post(channel, announcement())


async def test_a_bots_token_never_crosses_a_network_in_the_clear(team):
    """With a real identity, a plain-http address that is not loopback is refused before any request."""
    settings = team.settings(posting="bot", bot_service_url="http://bot.contoso.example/bot")
    with pytest.raises(Misconfigured, match="in the clear"):
        async with open_poster(settings, None, Tokens("t")):
            pass


async def test_a_bot_signs_with_its_own_scope(team):
    """The Bot Connector's token is asked for with its scope, and sent."""
    tokens = Tokens("a-token")
    settings = team.settings(posting="bot")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, tokens) as poster:
        await poster.post(await teams.create_channel(MARKER, ""), announcement())
        await poster.check()
    assert tokens.scopes == {"https://api.botframework.com/.default"}


# The delegated route alone


@pytest.mark.parametrize("body", ["<html></html>", "[]", "{}"])
async def test_a_persons_success_that_cannot_be_read_leaves_a_doubt(team, body):
    """Without the message's id in Graph's answer the outcome is unknown."""
    settings = team.settings(posting="delegated")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        team.disturb(method="POST", path="/messages$", behaviour="status", status=201, body=body)
        with pytest.raises(Unknown):
            await poster.post(channel, announcement())


class Tokens:
    """A credential that gives one token."""

    def __init__(self, token):
        self.token = token
        self.scopes = set()

    async def get_token(self, *scopes, **_):
        self.scopes |= set(scopes)
        return AccessToken(self.token, int(time.time()) + 3600)


def jwt(**claims):
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"header.{payload}.signature"


@asynccontextmanager
async def delegated(team, credential):
    settings = team.settings()
    url, identity = settings.graph_url, graph_identity(settings.graph_url, credential)
    time_out = settings.call_timeout_seconds
    async with open_graph(url, identity=identity, time_out=time_out, breakers=Breakers()) as graph:
        teams = teams_of(settings, graph)
        yield DelegatedPoster(graph, teams, credential=credential, scope=graph_scope(url)), teams


async def test_an_application_alone_is_told_that_it_can_never_post(team):
    """Graph's 401 for an app-only message is reported as a wrong setting with a way out, never as an expired token."""
    async with delegated(team, Tokens(jwt(roles=["Channel.Create"]))) as (poster, teams):
        channel = await teams.create_channel(MARKER, "")
        with pytest.raises(Misconfigured, match="TOCSIN_POSTING=bot") as caught:
            await poster.post(channel, announcement())
    assert "application-only context" in str(caught.value)
    assert len(posts(team)) == 1


async def test_the_check_knows_an_application_by_its_token(team):
    """A token without a person behind it is found out before anything is posted."""
    async with delegated(team, Tokens(jwt(roles=["Channel.Create"]))) as (poster, _):
        with pytest.raises(Misconfigured, match="no person behind it"):
            await poster.check()
    assert posts(team) == []


async def test_a_persons_token_posts_in_the_persons_name(team):
    """A delegated token is sent along, asked for with Graph's own scope."""
    tokens = Tokens(jwt(scp="ChannelMessage.Send", oid=AMARA.entra_id, name=AMARA.name))
    async with delegated(team, tokens) as (poster, teams):
        await poster.check()
        await poster.post(await teams.create_channel(MARKER, ""), announcement())
    assert team.messages()[0]["from"]["user"]["displayName"] == AMARA.name
    assert tokens.scopes == {"https://graph.microsoft.com/.default"}


@pytest.mark.parametrize("scopes", ["ChannelMessage.Send", "ChannelMessage.ReadWriteNot"])
async def test_the_check_of_updates_knows_the_consent_by_the_token(team, scopes):
    """A person who has not consented to it posts, and the missing permission is named before it is needed."""
    async with delegated(team, Tokens(jwt(scp=scopes))) as (poster, _):
        await poster.check()
        with pytest.raises(Forbidden, match=r"ChannelMessage\.ReadWrite"):
            await poster.check_updates()


@pytest.mark.parametrize("token", [jwt(scp="ChannelMessage.Send ChannelMessage.ReadWrite"), "opaque", jwt(roles=["x"])])
async def test_the_check_of_updates_is_silent_where_it_has_nothing_to_say(team, token):
    """With the consent, or where the token cannot be read or is nobody's, there is nothing to say of updates."""
    async with delegated(team, Tokens(token)) as (poster, _):
        await poster.check_updates()


async def test_another_401_asks_for_a_new_sign_in(team):
    """A sign-in that Graph no longer accepts is told as such."""
    settings = team.settings(posting="delegated")
    team.disturb(method="POST", path="/messages$", behaviour="status", status=401)
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        with pytest.raises(Forbidden, match="sign in again"):
            await poster.post(channel, announcement())


async def test_a_mention_of_a_stranger_is_rejected(team):
    """Graph refuses the whole message for one mention of somebody outside the team; nothing was posted."""
    settings = team.settings(posting="delegated")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        with pytest.raises(Rejected, match="not a member"):
            await poster.post(channel, announcement(mentions=(Mention("Edda", DEFAULT_WORLD.people[4].entra_id),)))
    assert team.messages() == []


@pytest.mark.parametrize("record", [None, "", "{}", "not json"])
def test_without_a_sign_in_the_delegated_route_says_so(team, tmp_path, record):
    """No stored sign-in, or a broken one, is a wrong setting, told with the way out."""
    path = tmp_path / "sign-in"
    if record is not None:
        path.write_text(record)
    with pytest.raises(Misconfigured, match="Sign in with the account"):
        signed_in_user(team.settings(delegated_token_cache=str(path)))


async def test_a_stored_sign_in_is_used_without_asking(team, tmp_path, monkeypatch):
    """With a record of an earlier sign-in the worker has a credential that nobody has to answer for."""
    monkeypatch.setenv("HOME", str(tmp_path))
    world = DEFAULT_WORLD
    record = AuthenticationRecord(world.tenant_id, world.bot_app_id, "login.contoso.example", "home", "desk")
    path = tmp_path / "sign-in"
    path.write_text(record.serialize())
    async with signed_in_user(team.settings(delegated_token_cache=str(path))) as user:
        assert isinstance(user, AsyncTokenCredential)


async def test_the_connection_is_closed_with_the_route(route):
    """After the route is closed nothing can be sent through it."""
    async with route() as (poster, channel):
        pass
    with pytest.raises((RuntimeError, httpx.HTTPError, Unknown)):
        await poster.post(channel, announcement())


async def test_a_message_that_graph_posts_and_refuses_is_looked_for(team):
    """Graph has been seen to post a message and answer 400: the outcome is unknown, and a look finds it."""
    settings = team.settings(posting="delegated")
    async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
        channel = await teams.create_channel(MARKER, "")
        team.disturb(system="graph", method="POST", path="/messages$", behaviour="apply-then-status", status=400)
        with pytest.raises(Unknown, match="400"):
            await poster.post(channel, announcement())
        assert await poster.find(channel, MARKER) is not None
