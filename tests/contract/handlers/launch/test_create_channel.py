"""The step that opens the channel, on the real SDK against the stand-in."""

import pytest
from patience import LIMIT

from handlers.launch.create_channel import CreateChannel, marker, names
from worker.clients.teams.client import open_teams
from worker.domain.errors import Rejected, Unknown
from worker.engine.step import Done

NOTHING = Done()


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
