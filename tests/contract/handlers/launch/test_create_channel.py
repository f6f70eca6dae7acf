"""The step that opens the channel, on the real SDK against the stand-in."""

from datetime import UTC, datetime

import pytest
from patience import LIMIT
from structlog.testing import capture_logs

from handlers.launch.create_channel import CreateChannel, marker, names
from handlers.launch.route import Route, Routed
from worker.clients.teams.client import open_teams
from worker.domain.errors import Forbidden, Rejected, Throttled, Unknown
from worker.engine.step import Done
from worker.sandbox.teams.channels import MOST_CHANNELS, Channel
from worker.sandbox.world import DEFAULT_WORLD

NOTHING = Done()
HOME, OTHER = DEFAULT_WORLD.team_id, DEFAULT_WORLD.other_team_id
NOWHERE = "f0f0f0f0-0000-4000-8000-00000000000f"


@pytest.fixture
async def teams(team):
    async with open_teams(team.settings(), None) as client:
        yield client


@pytest.fixture
def step(teams):
    return CreateChannel(teams)


async def test_a_first_attempt_creates_one_channel_and_looks_for_nothing(step, team, incident):
    """The happy path is a single request; the name begins with the incident's id, the description ends with its key."""
    channel = await step.run(incident, NOTHING)
    assert [each["method"] for each in team.server.requests.listing()] == ["POST"]
    (made,) = team.channels()
    assert (made["id"], made["displayName"]) == (channel.id, f"{incident.id}-checkout-is-down")
    assert made["description"].endswith(f"({marker(incident)})")
    assert incident.event.title in made["description"]


async def test_its_own_channel_is_found(step, incident):
    """What an attempt left behind is found by the next one; where nothing was left, nothing is."""
    assert await step.find(incident, NOTHING) is None
    channel = await step.run(incident, NOTHING)
    assert await step.find(incident, NOTHING) == channel


async def test_a_channel_made_by_a_lost_answer_is_adopted(step, team, incident):
    """After an unknown outcome the look finds the channel, and a second run takes it over as well."""
    team.disturb(method="POST", behaviour="drop-after")
    with pytest.raises(Unknown):
        await step.run(incident, NOTHING)
    found = await step.find(incident, NOTHING)
    assert await step.run(incident, NOTHING) == found
    assert len(team.channels()) == 1


async def test_a_renamed_channel_is_still_found(step, team, incident):
    """A person who renames the channel does not cause a second one."""
    channel = await step.run(incident, NOTHING)
    await team.call("PATCH", f"/channels/{channel.id}", displayName="The great checkout fire")
    assert (await step.find(incident, NOTHING)).id == channel.id


async def test_a_foreign_channel_of_that_name_is_left_alone(step, team, incident):
    """A channel somebody made by hand is not adopted; the next name is taken, and found again."""
    first, second, _ = names(incident)
    await team.call("POST", "/channels", displayName=first.upper(), description="mine")
    channel = await step.run(incident, NOTHING)
    assert channel.name == second
    assert await step.find(incident, NOTHING) == channel


async def test_a_description_that_only_quotes_the_key_is_foreign(step, team, incident):
    """The key counts at the end of a description, whole and in brackets, and nowhere else."""
    quoting = (f"({marker(incident)}) and more", f"see {marker(incident)}", f"({marker(incident)}x)")
    for name, description in zip(names(incident), quoting, strict=True):
        await team.call("POST", "/channels", displayName=name, description=description)
    assert await step.find(incident, NOTHING) is None


async def test_a_deleted_channel_that_keeps_its_name_is_passed_by(step, team, incident):
    """The name of a deleted channel is reserved and unlisted; the next name is taken."""
    channel = await step.run(incident, NOTHING)
    await team.call("DELETE", f"/channels/{channel.id}")
    again = await step.run(incident, NOTHING)
    assert again.name == list(names(incident))[1]


async def test_a_list_that_lags_leads_to_no_second_channel(team, incident):
    """When our own channel is made but not yet listed, its name is waited for, not passed by."""
    async with open_teams(team.settings(lookup_lag_seconds=LIMIT), None) as teams:
        step = CreateChannel(teams)
        channel = await step.run(incident, NOTHING)
        team.disturb(behaviour="lag", seconds=0.5)
        assert await step.run(incident, NOTHING) == channel
    assert len(team.channels()) == 1


async def test_no_free_name_is_a_sentence(step, team, incident):
    """When every name is taken by others the step fails for good, and names them."""
    for name in names(incident):
        await team.call("POST", "/channels", displayName=name)
    with pytest.raises(Rejected, match="are all taken") as caught:
        await step.run(incident, NOTHING)
    assert all(name in str(caught.value) for name in names(incident))


async def test_its_own_channel_is_looked_for_by_its_name_first(step, team, incident):
    """Where it bears its name, one request with a filter finds it among however many; the list is for a renamed one."""
    await step.run(incident, NOTHING)
    assert await step.find(incident, NOTHING)
    [look] = team.sent("GET")
    assert "$filter" in look["path"]


def by_route(*listed):
    return Done({Route: Routed(service="checkout", teams=listed)})


def fill(team, most=MOST_CHANNELS):
    """As many channels as a team takes, made long ago."""
    made_at = datetime(2026, 1, 1, tzinfo=UTC)
    while len(list(team.channels)) < most:
        number = len(list(team.channels))
        channel = Channel(f"19:{team.id}-{number}@thread.tacv2", f"old-{number}", None, made_at, "test")
        team.channels._keep(channel)


@pytest.fixture
def home(team):
    return team.stand_in


@pytest.fixture
def reserve(team):
    return team.stand_in.teams[1]


def own(team):
    return [channel.name for channel in team.channels if channel.name.startswith("inc-")]


async def test_the_channel_stands_in_the_first_team_of_the_route(step, incident, home, reserve):
    """In whatever spelling its id is written; the settings' team has none of it."""
    done = by_route(OTHER.upper(), HOME)
    channel = await step.run(incident, done)
    assert (own(home), own(reserve)) == ([], [channel.name])
    assert (channel.team_id.casefold(), channel.note) == (OTHER, "")
    assert await step.find(incident, done) == channel


async def test_a_full_team_goes_on_in_the_next(step, incident, home, reserve):
    """It says which team was full; the next incident asks the full one no more."""
    fill(home)
    done = by_route(HOME, OTHER)
    with capture_logs() as log:
        channel = await step.run(incident, done)
    assert (own(home), own(reserve)) == ([], [channel.name])
    assert channel.note.startswith(f"not in team {HOME}: ")
    assert "Max allowed channels" in channel.note
    assert ("teams.full", HOME) in {(line["event"], line.get("team")) for line in log}
    second = incident.model_copy(update={"key": "another"})
    assert (await step.run(second, done)).note == f"not in team {HOME}: It was full a moment ago."


async def test_what_stands_in_a_later_team_is_found_there(step, team, incident, home, reserve):
    """An answer is lost after the first team was full, which has room again by the next attempt."""
    fill(home)
    done = by_route(HOME, OTHER)
    team.disturb(method="POST", path=f"{OTHER}/channels$", behaviour="drop-after")
    with pytest.raises(Unknown):
        await step.run(incident, done)
    home.channels._by_id.popitem()
    assert (await step.find(incident, done)).team_id == OTHER
    assert (own(home), len(own(reserve))) == ([], 1)


@pytest.mark.parametrize("listed", [(NOWHERE,), (NOWHERE, NOWHERE.replace("f", "e"))], ids=["one", "two"])
async def test_a_team_that_nobody_can_see_leaves_the_settings_one(step, incident, home, listed):
    """A mistyped id is said, and costs no incident its channel; it is found there, too."""
    channel = await step.run(incident, by_route(*listed))
    assert own(home) == [channel.name]
    assert all(team in channel.note for team in listed)
    assert (await step.find(incident, by_route(*listed))).id == channel.id


async def test_where_all_teams_are_full_each_is_named(step, incident, home, reserve):
    """For good, in sentences that say what to do."""
    fill(home)
    fill(reserve)
    with pytest.raises(Rejected, match="further team of the service") as caught:
        await step.run(incident, by_route(OTHER))
    assert type(caught.value) is Rejected
    assert all(team in str(caught.value) for team in (HOME, OTHER))


async def test_a_team_that_is_throttled_is_waited_for(step, team, incident, home, reserve):
    """Only what will never take a channel is passed over: else a retry would find two places."""
    busy = {"behaviour": "status", "status": 429, "headers": {"Retry-After": "60"}}
    team.disturb(method="POST", path=f"{OTHER}/channels$", **busy)
    with pytest.raises(Throttled):
        await step.run(incident, by_route(OTHER))
    assert (own(home), own(reserve)) == ([], [])


async def test_a_team_that_may_not_be_looked_at_hides_no_channel_of_a_later_one(step, team, incident):
    """It is found where it stands; where it is found nowhere, it may be in the hidden one."""
    refused = {"behaviour": "status", "status": 403, "times": None}
    team.disturb(path=f"{OTHER}/channels", **refused)
    done = by_route(OTHER)
    with pytest.raises(Forbidden):
        await step.find(incident, done)
    channel = await step.run(incident, done)
    assert channel.team_id == HOME
    assert (await step.find(incident, done)).id == channel.id
