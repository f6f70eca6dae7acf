"""Channels archived and opened again by the client, against the stand-in."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from patience import PATIENCE

from worker.clients.teams.archiving import Archiving, Progress
from worker.clients.teams.client import open_teams
from worker.clients.teams.limits import TeamLimits
from worker.domain.errors import Forbidden, Gone, Rejected, Throttled, Transient
from worker.sandbox.teams.team import OPERATION_LASTS

SHORT = timedelta(seconds=0.2)
AWAY = {"behaviour": "status", "status": 503, "times": None}


@pytest.fixture
def archiving(team):
    """Opens a client with a channel; `patience` is how long it waits for an end."""

    @asynccontextmanager
    async def opened(patience=PATIENCE):
        limits = TeamLimits(requests=100, in_a_channel=100)
        async with open_teams(team.settings(), None, limits=limits) as teams:
            yield Archiving(teams, patience=patience), await teams.create_channel("inc-1", "")

    return opened


def accepted(team):
    """What Graph was asked to do."""
    return [each["path"].rpartition("/")[2] for each in team.sent("POST") if each["path"].endswith("archive")]


@pytest.fixture
def slow(team):
    """Operations that take as long as the sandbox's own."""
    for each in team.stand_in.teams:
        each.operations.lasts = OPERATION_LASTS / 4


async def test_a_channel_is_archived_and_opened_again(archiving, team, slow):
    """Each waits until Graph has done it, and does nothing where it is so already."""
    async with archiving() as (client, channel):
        acts = (client.archive, client.archive, client.unarchive, client.unarchive)
        seen = [(await act(channel), await client.is_archived(channel)) for act in acts]
    done = Progress.DONE
    assert seen == [(done, True), (done, True), (done, False), (done, False)]
    assert accepted(team) == ["archive", "unarchive"]


async def test_what_hangs_is_still_under_way(archiving, team):
    """The wait has an end; whoever looks later finds it archived, and nothing is begun twice for it."""
    async with archiving(SHORT) as (client, channel):
        team.disturb(behaviour="stall")
        assert await client.archive(channel) is Progress.UNDER_WAY
        team.server.faults.clear("graph")
        assert await client.archive(channel) is Progress.DONE
    assert accepted(team) == ["archive"]


async def test_what_fails_in_the_end_is_worth_another_attempt(archiving, team):
    """With the words of Graph."""
    async with archiving() as (client, channel):
        team.disturb(behaviour="fail-later")
        with pytest.raises(Transient, match=r"it failed \(Could not update the channel\)"):
            await client.archive(channel)
        assert not await client.is_archived(channel)
        team.server.faults.clear("graph")
        assert await client.archive(channel) is Progress.DONE


@pytest.mark.parametrize("act", ["archive", "unarchive"])
async def test_the_permission_that_is_missing_is_named(archiving, team, act):
    """The channel stays as it is."""
    async with archiving() as (client, channel):
        if act == "unarchive":
            await client.archive(channel)
        team.stand_in.grants.change({"ChannelSettings.ReadWrite.All": False})
        with pytest.raises(Forbidden, match=r"Grant the application ChannelSettings\.ReadWrite\.All"):
            await getattr(client, act)(channel)
        assert await client.is_archived(channel) is (act == "unarchive")


async def test_whether_channels_are_archived_is_asked_without_archiving_one(archiving, team):
    """Silent with the permission, and the sentence that names it without."""
    async with archiving() as (client, channel):
        primary = channel.model_copy(update={"id": team.stand_in.primary_channel.id})
        await client.check(primary)
        team.stand_in.grants.change({"ChannelSettings.ReadWrite.All": False})
        with pytest.raises(Forbidden, match=r"ChannelSettings\.ReadWrite\.All"):
            await client.check(primary)
    assert list(team.stand_in.operations) == []


async def test_a_deleted_channel_is_gone(archiving, team):
    """For each of the three."""
    async with archiving() as (client, channel):
        await team.call("DELETE", f"/channels/{channel.id}")
        for act in (client.archive, client.unarchive, client.is_archived):
            with pytest.raises(Gone, match="deleted it"):
                await act(channel)


async def test_an_archived_team_is_for_its_owner_to_restore(archiving, team):
    """That is said, and is not tried again."""
    async with archiving() as (client, channel):
        team.stand_in.archived = True
        with pytest.raises(Rejected, match="its owner restores it first"):
            await client.archive(channel)


async def test_a_first_channel_is_refused(archiving, team):
    """With Graph's own words."""
    async with archiving() as (client, channel):
        primary = channel.model_copy(update={"id": team.stand_in.primary_channel.id})
        with pytest.raises(Rejected, match="General"):
            await client.archive(primary)


async def test_whoever_archives_it_in_the_same_moment_is_no_error(archiving, team):
    """Graph refuses to archive what is archived, in words that may be any."""
    async with archiving() as (client, channel):
        team.disturb(method="POST", path="/archive$", behaviour="apply-then-status", status=400, body="{}")
        assert await client.archive(channel) is Progress.DONE


@pytest.mark.parametrize("behaviour", [{"behaviour": "drop-after"}, {"behaviour": "apply-then-status", "status": 504}])
async def test_a_lost_answer_is_no_error(archiving, team, behaviour):
    """What may have been begun is begun again, and comes to the same."""
    async with archiving() as (client, channel):
        team.disturb(method="POST", path="/archive$", **behaviour)
        assert await client.archive(channel) is Progress.DONE
        assert await client.is_archived(channel)


async def test_an_operation_that_nobody_tells_of_is_seen_by_the_channel(archiving, team):
    """Neither an address that cannot be read nor one that is missing is in the way."""
    async with archiving() as (client, channel):
        team.disturb(method="GET", path="/operations/", behaviour="status", status=404)
        assert await client.archive(channel) is Progress.DONE
        team.disturb(method="POST", path="/unarchive$", behaviour="apply-then-status", status=202, body="")
        assert await client.unarchive(channel) is Progress.DONE


async def test_an_outage_after_the_acceptance_leaves_it_under_way(archiving, team):
    """It was accepted, so it is not asked for again now."""
    async with archiving(SHORT) as (client, channel):
        team.disturb(method="GET", path="/operations/", **AWAY)
        assert await client.archive(channel) is Progress.UNDER_WAY
    assert accepted(team) == ["archive"]


async def test_a_refusal_for_the_moment_is_handed_up(archiving, team):
    """Nothing was begun."""
    async with archiving() as (client, channel):
        team.disturb(method="POST", path="/archive$", behaviour="status", status=429, headers={"Retry-After": "30"})
        with pytest.raises(Throttled):
            await client.archive(channel)
        assert not team.stand_in.channels.get(channel.id).archived


@pytest.mark.parametrize(
    "form", ["/teams/1/operations/{0}", "/teams('1')/operations('{0}')", "https://x/operations/{0}"]
)
async def test_the_operation_is_found_in_every_form_of_its_address(archiving, team, form):
    """Graph's pages write it in more than one."""
    async with archiving() as (client, channel):
        team.disturb(behaviour="fail-later")
        operation = team.stand_in.begin_archiving(team.stand_in.channels.get(channel.id), "archiveChannel")
        location = {"Location": form.format(operation.id)}
        team.disturb(method="POST", path="/archive$", behaviour="status", status=202, headers=location, body="")
        with pytest.raises(Transient, match="it failed"):
            await client.archive(channel)
