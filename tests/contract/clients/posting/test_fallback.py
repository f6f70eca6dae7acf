"""The channels in which an incident is announced while its own cannot be had."""

import pytest

from worker.clients.posting.fallback import FallbackChannels
from worker.clients.teams.client import open_teams
from worker.domain.errors import Misconfigured, Unreachable
from worker.domain.teams_fallback import read_fallback
from worker.sandbox.world import DEFAULT_WORLD

OTHER_TEAM = DEFAULT_WORLD.other_team_id
CHANNEL = "19:0123456789abcdef@thread.tacv2"


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture
def places(teams):
    return lambda text: FallbackChannels(teams, read_fallback(text))


async def test_they_come_in_the_order_of_the_setting(places, team):
    """Chats are no channel, and said beside."""
    chosen = places(f"{CHANNEL}, chats, first-channel, {OTHER_TEAM}")
    named, first, other = [await place.channel() for place in chosen]
    assert (named.id, named.team_id) == (CHANNEL, DEFAULT_WORLD.team_id)
    assert first.team_id == DEFAULT_WORLD.team_id
    assert other.team_id == OTHER_TEAM
    assert first.id != other.id
    assert chosen.then_chats
    assert not places("first-channel").then_chats


async def test_a_named_channel_is_not_asked_for(places, team):
    """It can be posted into while Graph is down; its address leads there."""
    (place,) = places(CHANNEL)
    channel = await place.channel()
    assert "19%3A0123456789abcdef%40thread.tacv2" in channel.url
    assert team.server.requests.listing() == []


async def test_what_was_prepared_is_known_while_graph_is_down(places, team):
    """It is asked for at the start, and not at night."""
    chosen = places(f"first-channel, {OTHER_TEAM}")
    await chosen.prepare()
    team.disturb(behaviour="status", status=503, times=None)
    assert [(await place.channel()).team_id for place in chosen] == [DEFAULT_WORLD.team_id, OTHER_TEAM]


async def test_a_place_that_is_not_there_is_a_setting_to_mend(places):
    """Said when they are prepared."""
    with pytest.raises(Misconfigured):
        await places("d0000000-0000-4000-8000-00000000000f").prepare()


async def test_a_place_that_cannot_be_asked_for_now_passes(places, team):
    """As any look-up does."""
    team.disturb(behaviour="status", status=503, times=None)
    with pytest.raises(Unreachable):
        await places("first-channel").prepare()


async def test_the_first_channel_is_that_of_the_teams_in_which_an_incident_lives(places):
    """Each in turn, and the settings' team last; places that the settings name stay as they are."""
    chosen = places(f"first-channel, {CHANNEL}").of([OTHER_TEAM])
    assert [(await place.channel()).team_id for place in chosen] == [OTHER_TEAM, *[DEFAULT_WORLD.team_id] * 2]
    own = places("first-channel").of([DEFAULT_WORLD.team_id.upper()])
    assert [(await place.channel()).team_id.casefold() for place in own] == [DEFAULT_WORLD.team_id]
