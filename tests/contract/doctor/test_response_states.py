"""Which states work items are given, as the doctor shows and tries them on the Boards stand-in."""

import pytest

from worker.doctor.finding import Verdict
from worker.doctor.response_states import ResponseStates
from worker.settings import Settings


@pytest.fixture
def check(connect):
    """What is found with these settings, of this type."""

    async def checked(kind="Issue", *, project="Incidents", **given):
        settings = Settings.read(_env_file=None, **given)
        async with connect(work_item_type=kind, states=settings.wished_boards_states) as boards:
            return await ResponseStates("boards", settings).check(boards.at(project))

    return checked


def only(results, verdict):
    [result] = [each for each in results if each.verdict is verdict]
    return result


async def test_each_state_is_shown(check, administer, stand_in):
    """In the words of the process, with what of the response it stands for; and nothing is made."""
    await administer("process", process="Scrum")
    [shown] = await check("Bug")
    assert shown.verdict is Verdict.WELL
    assert shown.what == (
        "A work item of type 'Bug' is New (open), Committed (acknowledged, mitigated), "
        "Done (resolved, closed, declined, merged)."
    )
    assert stand_in.state()["work_items"] == []


async def test_a_state_that_is_wished_is_shown(check, administer):
    """In the place of the one that its category would give, in the spelling of the process."""
    await administer("states", type="Issue", add="In Arbeit", category="InProgress")
    [shown] = await check(boards_states="mitigated=in arbeit")
    assert "Doing (acknowledged), In Arbeit (mitigated)" in shown.what


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"boards_states": "acknowledged=Dooing"}, "TOCSIN_BOARDS_STATES names for acknowledged"),
        ({"boards_resolved_state": "Finished"}, "TOCSIN_BOARDS_RESOLVED_STATE names for resolved"),
    ],
)
async def test_a_state_that_the_type_has_not_is_wrong(check, given, named):
    """The setting is named, with the states that there are."""
    found = only(await check(**given), Verdict.WRONG)
    assert named in found.what
    assert "To Do, Doing, Done" in found.remedy


async def test_a_category_that_the_type_lacks_is_a_note(check, administer):
    """Its items keep their state then, which is worth knowing and stops nothing."""
    await administer("states", type="Issue", remove="Doing")
    missing = [each.what for each in await check() if each.verdict is Verdict.NOTE]
    assert missing == [
        "The type 'Issue' in 'Incidents' has no state for acknowledged.",
        "The type 'Issue' in 'Incidents' has no state for mitigated.",
    ]


async def test_a_state_that_a_rule_refuses_is_a_note(check, administer):
    """With what Boards say of it, and the states of the response that it stands for."""
    await administer("rules", type="Issue", rule="require", field="Custom.RootCause", state="Done")
    note = only(await check(), Verdict.NOTE)
    assert "was refused as 'Done': TF401320: Rule Error for field Root Cause" in note.what
    assert "resolved, closed, declined, merged" in note.why


async def test_states_that_cannot_be_read_are_wrong(check, sandbox):
    """It is said that nothing is known, and not that there are none."""
    sandbox.faults.add({"system": "boards", "path": "/states$", "behaviour": "status", "status": 403})
    assert "could not be found out" in only(await check(), Verdict.WRONG).what


async def test_each_project_has_its_own(check, administer):
    """A type of the same name in another project is asked for there."""
    await administer("process", process="Agile", project="Storefront")
    [shown] = await check(project="Storefront")
    assert "Active (open, acknowledged, mitigated), Closed (resolved" in shown.what
