"""The lane that archives a channel, and opens it again."""

from datetime import timedelta

import pytest
from house import eventually
from patience import PATIENCE

from handlers.launch.create_channel import CreateChannel
from handlers.response.archive_channel import AskedBefore, AskToArchive, Changed, archiving
from tests.contract.handlers.response.conftest import entry_of
from worker.clients.teams.archiving import Archiving
from worker.clients.teams.client import open_teams
from worker.clients.teams.limits import TeamLimits
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Transient
from worker.domain.response.entry import Say
from worker.domain.states import StepState
from worker.engine.step import Done
from worker.sandbox.teams.team import OPERATION_LASTS

SHORT = timedelta(seconds=0.2)


def asked_for(team):
    """What Graph was asked to do."""
    return [each["path"].rpartition("/")[2] for each in team.sent("POST") if each["path"].endswith("archive")]


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
    """The steps of an entry that archives, or opens again, by how the incident stands."""

    def made(does, *, state="closed", archived_by=0, **options):
        data = {"archived_by": archived_by} if archived_by else {}
        entry = entry_of(does, 20, "Ada has reopened it.", does=(does,), data=data)
        return lane(**options).playbook(entry, response_of(state))

    return made


@pytest.fixture
def taken(incident, done):
    """Take the steps one after the other, as a first attempt does; what the last one came to."""

    async def took(steps, known=done):
        results = dict(known)
        for each in steps:
            results[type(each)] = made = await each.run(incident, Done(results))
        return made

    return took


@pytest.fixture
def done(own_channel):
    return Done({CreateChannel: own_channel})


@pytest.fixture
def is_archived(teams, own_channel):
    async def asked():
        return await Archiving(teams).is_archived(own_channel)

    return asked


async def test_a_channel_is_archived_and_opened_again(incident, step, done, taken, is_archived):
    """Each is found by what stands there, and done once."""
    ask, archive = step("archive")
    assert await ask.find(incident, done) is None
    assert not (await taken((ask, archive))).refused
    assert await is_archived()
    assert await ask.find(incident, done)
    assert not (await taken(step("unarchive", state="open"))).was
    assert not await is_archived()
    assert (await taken(step("unarchive", state="open"))).was


@pytest.mark.parametrize(("does", "state"), [("archive", "open"), ("archive", "resolved"), ("unarchive", "closed")])
def test_it_is_looked_at_again_how_the_incident_stands(step, does, state):
    """What was overtaken meanwhile is not done any more."""
    assert step(does, state=state) == ()


async def test_nothing_is_archived_before_all_is_said(step, taken, is_archived):
    """Nobody, and no worker, writes into an archived channel."""

    async def not_yet(_incident, _entry):
        return False

    with pytest.raises(Transient, match="still to be said"):
        await taken(step("archive", is_said=not_yet))
    assert not await is_archived()


async def test_what_could_not_be_said_for_a_day_keeps_no_channel_open(lane, response_of, taken, is_archived):
    """Nobody will say it any more."""

    async def never(_incident, _entry):
        return False

    entry = entry_of("archived", 20, "It is over.", does=("archive",))
    entry = entry.model_copy(update={"recorded_at": entry.recorded_at - timedelta(days=2)})
    await taken(lane(is_said=never).playbook(entry, response_of("closed")))
    assert await is_archived()


async def test_without_the_permission_it_stays_open_and_people_read_why(team, step, taken, is_archived):
    """Once, and with what can be done about it."""
    team.stand_in.grants.change({"ChannelSettings.ReadWrite.All": False})
    changed = await taken(step("archive"))
    assert "ChannelSettings.ReadWrite.All" in changed.refused
    assert not await is_archived()


async def test_what_hangs_is_left_to_a_later_look(team, incident, step, done, taken):
    """The wait has an end; who looks later asks for nothing a second time."""
    ask, archive = step("archive", patience=SHORT)
    team.disturb(behaviour="stall")
    known = Done({**done, AskToArchive: await taken((ask,))})
    for _ in range(2):
        with pytest.raises(Transient, match="not ended yet") as raised:
            await archive.run(incident, known)
    assert raised.value.retry_after >= timedelta(seconds=5)
    team.server.faults.clear("graph")
    assert (await archive.find(incident, known)) or (await archive.run(incident, known))
    assert asked_for(team) == ["archive"]


async def test_what_failed_in_the_end_is_asked_for_again(team, incident, step, done, taken, is_archived):
    """Graph changed nothing, and will not."""
    ask, archive = step("archive", patience=SHORT)
    team.disturb(behaviour="fail-later")
    known = Done({**done, AskToArchive: await taken((ask,))})
    with pytest.raises(Transient):
        await archive.run(incident, known)
    team.server.faults.clear("graph")
    assert not (await archive.run(incident, known)).refused
    assert await is_archived()


@pytest.mark.parametrize("is_known", [True, False])
async def test_what_comes_about_after_a_reopening_is_undone(team, incident, step, done, taken, is_archived, is_known):
    """Whether or not somebody heard how Graph calls it: an open incident ends with an open channel."""
    team.disturb(behaviour="stall")
    asked = await taken(step("archive")[:1])
    before, ask, opened = step("unarchive", state="open", archived_by=20)
    known = Done({**done, AskedBefore: asked if is_known else await taken((before,))})
    assert await ask.find(incident, known) is None
    with pytest.raises(Transient, match="not ended yet to archive"):
        await ask.run(incident, known)
    team.server.faults.clear("graph")
    await eventually(is_archived)
    assert not (await taken((ask, opened), known)).was
    assert not await is_archived()
    assert asked_for(team) == ["archive", "unarchive"]


async def test_what_was_archived_and_opened_by_somebody_is_open(team, step, done, taken):
    """Graph says that it has ended what was asked for, so nothing is waited for."""
    asked = (await taken(step("archive")[:1]),)
    await taken(step("archive")[1:], Done({**done, AskToArchive: asked[0]}))
    await taken(step("unarchive", state="open"))
    _, *steps = step("unarchive", state="open", archived_by=20)
    assert (await taken(steps, Done({**done, AskedBefore: asked[0]}))).was
    assert asked_for(team)[:2] == ["archive", "unarchive"]


async def test_how_it_was_asked_for_is_known_by_the_same_name(step):
    """So that who opens it reads what who archived it has left, and asks for nothing."""
    ask, _ = step("archive")
    before, *_ = step("unarchive", state="open", archived_by=20)
    assert before.name == ask.name


async def test_without_a_channel_there_is_nothing_to_archive(step, taken):
    """And nothing to wait for."""
    assert (await taken(step("archive"), Done())).was


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
    entry = entry_of(does, 20, "What she wrote.", does=(does,), says=(Say(text="Ada has reopened it."),))
    name = f"{does}-20"
    made = Checkpoint(name, StepState.DONE, 1, begun_at=entry.at, ended_at=entry.at, result=changed.model_dump_json())
    acts = list(lane().follow(entry, {name: made}))
    assert [act.text.endswith(text) for act in acts] == ([True] if text else [])
    assert {act.id for act in acts} <= {f"outcome:{name}"}
