"""Both routes into a channel, held to the same promises against the stand-ins for Graph and the bot."""

import base64
import json
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity import AuthenticationRecord

from worker.clients.delegated_sign_in import signed_in_user
from worker.clients.graph import graph_identity, graph_scope, open_graph
from worker.clients.posting import Announcement, Mention
from worker.clients.posting_delegated import DelegatedPoster
from worker.clients.posting_routes import open_poster
from worker.clients.teams import open_teams, teams_of
from worker.errors import Forbidden, Gone, Misconfigured, Rejected, Throttled, Transient, Unknown
from worker.sandbox.world import DEFAULT_WORLD
from worker.send_deadline import SendDeadline, sending_before

MARKER = "inc-0123456789"
AMARA = DEFAULT_WORLD.people[0]


def announcement(*, mentions: tuple[Mention, ...] = (), words: str = "Checkout is down") -> Announcement:
    text = f"[{MARKER}] {words}"
    called = "".join(f'<at id="{n}">{mention.name}</at>' for n, mention in enumerate(mentions))
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text + "".join(f" <at>{mention.name}</at>" for mention in mentions)}],
        "msteams": {
            "entities": [
                {"type": "mention", "text": f"<at>{each.name}</at>", "mentioned": {"id": each.object_id, "name": "A"}}
                for each in mentions
            ]
        },
    }
    return Announcement(MARKER, text, text, f"<p>{text} {called}</p>", card, mentions=mentions, urgent=True)


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
def route(team, posting):
    """Opens the route and a channel to post into; the settings may be others."""

    @asynccontextmanager
    async def opened(**others):
        settings = team.settings(**{"posting": posting, **others})
        async with open_teams(settings, None) as teams, open_poster(settings, teams, None) as poster:
            yield poster, await teams.create_channel(MARKER, "")

    return opened


def posts(team):
    return [each for each in team.sent("POST") if not each["path"].endswith("/channels")]


async def test_what_is_posted_is_found_again(route, team):
    """The message stands in the channel once, with its card, marked as urgent, and is found by its marker."""
    async with route() as (poster, channel):
        assert await poster.find(channel, MARKER) is None
        posted = await poster.post(channel, announcement())
        assert (await poster.find(channel, MARKER)).id == posted.id
    (message,) = team.messages()
    assert message["id"] == posted.id
    assert message["importance"] == "high"
    (card,) = message["attachments"]
    assert json.loads(card["content"])["body"][0]["text"] == f"[{MARKER}] Checkout is down"
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


@pytest.mark.parametrize("body", ["<html></html>", "[]", "{}"])
async def test_a_success_that_cannot_be_read_leaves_a_doubt(route, team, fault, body):
    """Without the message's id in the answer the outcome is unknown."""
    team.disturb(**fault, behaviour="status", status=201, body=body)
    async with route() as (poster, channel):
        with pytest.raises(Unknown):
            await poster.post(channel, announcement())


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


# The bot alone


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
    async with open_graph(url, identity=identity, time_out=settings.call_timeout_seconds) as graph:
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
