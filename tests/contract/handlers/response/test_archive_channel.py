"""The lane that archives a channel, and opens it again."""

from datetime import timedelta

import pytest
from patience import PATIENCE

from handlers.launch.create_channel import CreateChannel
from handlers.response.archive_channel import Changed, archiving
from tests.contract.handlers.response.conftest import entry_of
from worker.clients.teams.archiving import Archiving
from worker.clients.teams.client import open_teams
from worker.clients.teams.limits import TeamLimits
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Transient
from worker.domain.states import StepState
from worker.engine.step import Done
from worker.sandbox.teams.team import OPERATION_LASTS

SHORT = timedelta(seconds=0.2)


async def all_said(_incident, _entry):
    return True


@pytest.fixture
async def teams(team):
    """Asked as often as the tests like."""
    async with open_teams(team.settings(), None, limits=TeamLimits(requests=100, in_a_channel=100)) as opened:
        yield opened


@pytest.fixture
def lane(team, teams):
    for each in team.stand_in.teams:
        each.operations.lasts = OPERATION_LASTS / 20

    def made(*, is_said=all_said, patience=PATIENCE):
        return archiving(Archiving(teams, patience=patience), is_said)

    return made


@pytest.fixture
def step(lane, response_of):
    """The step of an entry that archives, or opens again, by how the incident stands."""

    def made(does, *, state="closed", **options):
        entry = entry_of(does, 20, "Ada has reopened it.", does=(does,))
        steps = lane(**options).playbook(entry, response_of(state))
        return steps[0] if steps else None

    return made


@pytest.fixture
def done(own_channel):
    return Done({CreateChannel: own_channel})


@pytest.fixture
def is_archived(teams, own_channel):
    async def asked():
        return await Archiving(teams).is_archived(own_channel)

    return asked


@pytest.mark.parametrize(("data", "was"), [({"archived": False}, True), ({"archived": True}, False), ({}, False)])
async def test_an_attempt_that_died_opened_what_was_archived_and_nothing_else(
    incident, lane, response_of, done, data, was
):
    """Nobody is told that a channel is open again that was never archived."""
    entry = entry_of("reopened", 20, "Ada has reopened it.", does=("unarchive",), data=data)
    (opening,) = lane().playbook(entry, response_of("open"))
    assert (await opening.find(incident, done)).was is was


async def test_a_channel_is_archived_and_opened_again(incident, step, done, is_archived):
    """Each is found by what stands there, and done once."""
    archive, unarchive = step("archive"), step("unarchive", state="open")
    assert await archive.find(incident, done) is None
    assert not (await archive.run(incident, done)).refused
    assert await is_archived()
    assert await archive.find(incident, done)
    assert not (await unarchive.run(incident, done)).was
    assert not await is_archived()
    assert (await unarchive.run(incident, done)).was


@pytest.mark.parametrize(("does", "state"), [("archive", "open"), ("archive", "resolved"), ("unarchive", "closed")])
def test_it_is_looked_at_again_how_the_incident_stands(step, does, state):
    """What was overtaken meanwhile is not done any more."""
    assert step(does, state=state) is None


async def test_nothing_is_archived_before_all_is_said(incident, step, done, is_archived):
    """Nobody, and no worker, writes into an archived channel."""

    async def not_yet(_incident, _entry):
        return False

    with pytest.raises(Transient, match="still to be said"):
        await step("archive", is_said=not_yet).run(incident, done)
    assert not await is_archived()


async def test_without_the_permission_it_stays_open_and_people_read_why(team, incident, step, done, is_archived):
    """Once, and with what can be done about it."""
    team.stand_in.grants.change({"ChannelSettings.ReadWrite.All": False})
    changed = await step("archive").run(incident, done)
    assert "ChannelSettings.ReadWrite.All" in changed.refused
    assert not await is_archived()


async def test_what_hangs_is_left_to_a_later_look(team, incident, step, done):
    """The wait has an end; who looks later asks for nothing a second time."""
    archive = step("archive", patience=SHORT)
    team.disturb(behaviour="stall")
    with pytest.raises(Transient, match="not ended yet") as raised:
        await archive.run(incident, done)
    assert raised.value.retry_after >= timedelta(seconds=5)
    team.server.faults.clear("graph")
    assert (await archive.find(incident, done)) or (await archive.run(incident, done))


async def test_without_a_channel_there_is_nothing_to_archive(incident, step):
    """And nothing to wait for."""
    assert (await step("archive").run(incident, Done())).was


OUTCOMES = [
    ("archive", Changed(name="inc"), None),
    ("archive", Changed(name="inc", refused="No grant."), "The channel stays open. No grant."),
    ("unarchive", Changed(name="inc"), "The channel is open again. Ada has reopened it."),
    ("unarchive", Changed(name="inc", was=True), None),
    ("unarchive", Changed(name="inc", refused="No grant."), "people are called all the same. No grant."),
]


@pytest.mark.parametrize(("does", "changed", "text"), OUTCOMES)
def test_people_learn_what_came_of_it(lane, does, changed, text):
    """That a channel is open again is said in it; that it is not, on the work item."""
    entry = entry_of(does, 20, "Ada has reopened it.", does=(does,))
    name = f"{does}-20"
    made = Checkpoint(name, StepState.DONE, 1, begun_at=entry.at, ended_at=entry.at, result=changed.model_dump_json())
    acts = list(lane().follow(entry, {name: made}))
    assert [act.text.endswith(text) for act in acts] == ([True] if text else [])
    assert {act.id for act in acts} <= {f"outcome:{name}"}
