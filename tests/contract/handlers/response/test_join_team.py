"""The lane that adds people to the team."""

import pytest

from handlers.response.join_team import AllJoined, JoinTeam, Team, say_who_did_not_join
from tests.contract.handlers.response.conftest import AT, entry_of, tell_of
from worker.clients.teams.members import TeamMembers
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Transient
from worker.domain.states import StepState
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

EDDA = DEFAULT_WORLD.people[4]


@pytest.fixture
def part(teams, poster, standing):
    def made(tell):
        return JoinTeam(Team(teams, poster, standing), entry_of("acknowledged", 5, "", joins=(tell, tell))).parts(
            None, Done()
        )

    return lambda tell: made(tell)[0]


async def test_who_is_not_in_the_team_is_added(incident, part, announced, teams):
    """And is found there afterwards."""
    joining = part(tell_of(4))
    assert await joining.find(incident, announced) is None
    joined = await joining.run(incident, announced)
    assert joined.refused == ""
    assert EDDA.entra_id in [each.object_id for each in await TeamMembers(teams).list(teams.team_id)]
    assert await joining.find(incident, announced) == joined


async def test_who_is_in_it_costs_no_addition(team, incident, part, announced):
    """Four are added in a minute, so each counts."""
    await part(tell_of(1)).run(incident, announced)
    assert not [each for each in team.sent("POST") if each["path"].endswith("/members")]


async def test_whom_nobody_knows_is_named_once(incident, part, announced):
    """With the reason; the tells have long been on their way."""
    joined = await part(tell_of(4, object_id=None, email="nobody@contoso.example")).run(incident, announced)
    assert "nobody@contoso.example" in joined.refused
    result = AllJoined(people=(joined,)).model_dump_json()
    made = {"join-5": Checkpoint("join-5", StepState.DONE, 1, begun_at=AT, result=result)}
    (act,) = say_who_did_not_join(entry_of("acknowledged", 5, ""), made)
    assert joined.refused in act.text


def test_an_account_of_a_machine_is_nobody_to_add(teams, poster, standing):
    """What the command line knows of its user is no address of the directory."""
    account = tell_of(4, object_id=None, email="")
    entry = entry_of("mitigated", 5, "", joins=(account,))
    assert not JoinTeam(Team(teams, poster, standing), entry).parts(None, Done())


async def test_without_the_permission_it_is_said_who_can(team, incident, part, announced):
    """An owner, with their address."""
    team.stand_in.grants.change({"TeamMember.ReadWrite.All": False})
    joined = await part(tell_of(4)).run(incident, announced)
    assert "An owner of the team can add them" in joined.refused


async def test_before_there_is_a_channel_it_waits(incident, part):
    """Which tells the team."""
    with pytest.raises(Transient):
        await part(tell_of(4)).run(incident, Done())
