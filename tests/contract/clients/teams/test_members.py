"""People of a team, listed and added by the client, against the stand-in."""

import pytest

from worker.clients.teams.client import open_teams
from worker.clients.teams.limits import TeamLimits
from worker.clients.teams.members import TeamMembers
from worker.domain.errors import Forbidden, Misconfigured, Rejected, Throttled, Unreachable
from worker.sandbox.world import DEFAULT_WORLD

TEAM = DEFAULT_WORLD.team_id
EDDA = next(person for person in DEFAULT_WORLD.people if not person.in_team)
GUEST = next(person for person in DEFAULT_WORLD.people if person.is_guest)
OWNER = next(person for person in DEFAULT_WORLD.people if person.owns_team)
INSIDE = [person.entra_id for person in DEFAULT_WORLD.people if person.in_team]


@pytest.fixture
async def members(team):
    async with open_teams(team.settings(), None, limits=TeamLimits(requests=100)) as teams:
        yield TeamMembers(teams)


async def test_the_members_are_told_with_their_roles(members):
    """Who owns the team, and who is a guest."""
    listed = await members.list(TEAM)
    assert [member.object_id for member in listed] == INSIDE
    assert [member.email for member in listed if member.is_guest] == [GUEST.email]
    assert [member.name for member in await members.owners(TEAM)] == [OWNER.name]


async def test_a_person_is_added_once_in_the_team_that_is_named(members, team):
    """To add somebody who is there already is no error."""
    for _ in range(2):
        await members.add(DEFAULT_WORLD.other_team_id, EDDA.entra_id)
    there = [member.object_id for member in await members.list(DEFAULT_WORLD.other_team_id)]
    assert there.count(EDDA.entra_id) == 1
    assert EDDA.entra_id not in [member.object_id for member in await members.list(TEAM)]


@pytest.mark.parametrize("status", [400, 409])
async def test_a_service_that_minds_is_no_error(members, team, status):
    """Whatever status it says it with."""
    body = {"error": {"code": "BadRequest", "message": "The user is already a member of the team."}}
    team.disturb(method="POST", path="/members$", behaviour="status", status=status, body=body)
    await members.add(TEAM, INSIDE[0])


async def test_the_permission_that_is_missing_is_named_with_who_can_help(members, team):
    """An owner adds people by hand meanwhile."""
    team.stand_in.grants.change({"TeamMember.ReadWrite.All": False})
    with pytest.raises(Forbidden, match=r"Grant the application TeamMember\.ReadWrite\.All") as caught:
        await members.add(TEAM, EDDA.entra_id)
    assert f"An owner of the team can add them: {OWNER.email}." in str(caught.value)


async def test_whether_people_are_added_is_asked_without_adding_anybody(members, team):
    """Silent with the permission, and the sentence that names it without."""
    await members.check(TEAM)
    assert [member.object_id for member in await members.list(TEAM)] == INSIDE
    team.stand_in.grants.change({"TeamMember.ReadWrite.All": False})
    with pytest.raises(Forbidden, match=r"TeamMember\.ReadWrite\.All"):
        await members.check(TEAM)


async def test_owners_that_cannot_be_listed_are_not_named(members, team):
    """What is known is said."""
    team.stand_in.grants.change({"TeamMember.ReadWrite.All": False, "TeamMember.Read.Group": False})
    with pytest.raises(Forbidden, match=r"An owner of the team can add them\.$"):
        await members.add(TEAM, EDDA.entra_id)
    with pytest.raises(Forbidden, match=r"Grant TeamMember\.Read\.Group in the team"):
        await members.list(TEAM)


async def test_a_guest_is_for_people_to_add(members, team):
    """Graph lets no application do it."""
    team.stand_in.members.ids.remove(GUEST.entra_id)
    with pytest.raises(Forbidden, match="guests are added by people alone"):
        await members.add(TEAM, GUEST.entra_id)


@pytest.mark.parametrize("object_id", ["e0000000-0000-4000-8000-0000000000ff", "x')/owners('y", "", "a" * 65])
async def test_whom_nobody_knows_is_rejected(members, team, object_id):
    """What is no object id does not even leave."""
    with pytest.raises(Rejected, match=r"object id"):
        await members.add(TEAM, object_id)
    assert [member.object_id for member in await members.list(TEAM)] == INSIDE
    assert all("owners" not in request["path"] for request in team.server.requests.listing())


async def test_a_team_that_nobody_sees_is_a_wrong_setting(members):
    """The setting is named."""
    with pytest.raises(Misconfigured, match="No such team"):
        await members.list("d0000000-0000-4000-8000-0000000000ff")


async def test_a_lost_answer_is_no_error(members, team):
    """To add again comes to the same."""
    team.disturb(method="POST", path="/members$", behaviour="drop-after")
    await members.add(TEAM, EDDA.entra_id)
    assert EDDA.entra_id in team.stand_in.members.ids


async def test_an_outage_is_handed_up(members, team):
    """It passes; nobody is asked to add anybody."""
    team.disturb(behaviour="status", status=503, times=None)
    with pytest.raises(Unreachable):
        await members.list(TEAM)


async def test_a_service_that_asks_for_patience_keeps_nobody_else_waiting(members, team):
    """Others add people too; the rest of the team's calls go on meanwhile."""
    headers = {"Retry-After": "52"}
    team.disturb(method="POST", path="/members$", behaviour="status", status=429, headers=headers)
    with pytest.raises(Throttled) as caught:
        await members.add(TEAM, EDDA.entra_id)
    assert caught.value.retry_after.total_seconds() == 52
    assert len(await members.list(TEAM)) == len(INSIDE)


async def test_four_are_added_in_a_minute(members, team):
    """The fifth is not sent, and is told when its turn would come; other teams and other calls are not concerned."""
    for person in INSIDE[:4]:
        await members.add(TEAM, person)
    with pytest.raises(Throttled) as caught:
        await members.add(TEAM, EDDA.entra_id)
    assert 50 < caught.value.retry_after.total_seconds() < 61
    await members.add(DEFAULT_WORLD.other_team_id, EDDA.entra_id)
    assert len(await members.list(TEAM)) == len(INSIDE)
    assert len(team.sent("POST")) == 5
