"""A project's process as administrators change it: states added, renamed and removed, in their order, and kept."""

import json

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError

from worker.sandbox.boards import Boards
from worker.sandbox.world import DEFAULT_WORLD


async def names(organisation, kind="Issue"):
    return [each.name for each in await organisation.call("get_work_item_type_states", "Incidents", kind)]


@pytest.mark.parametrize(
    ("state", "order"),
    [
        ({"add": "Waiting", "category": "InProgress"}, ["To Do", "Doing", "Waiting", "Done"]),
        ({"add": "Looked at", "category": "InProgress", "after": "To Do"}, ["To Do", "Looked at", "Doing", "Done"]),
        ({"add": "Mended", "category": "Resolved"}, ["To Do", "Doing", "Mended", "Done"]),
        ({"rename": "Doing", "to": "In Arbeit"}, ["To Do", "In Arbeit", "Done"]),
        ({"remove": "Doing"}, ["To Do", "Done"]),
    ],
)
async def test_a_state_of_ones_own(organisation, state, order):
    """A new state stands behind those of its category, or where it is put; others can be renamed or removed."""
    await organisation.arrange("states", type="issue", **state)
    assert await names(organisation) == order
    assert await names(organisation, "Task") == ["To Do", "Doing", "Done"]


async def test_items_follow_a_renamed_state(organisation):
    """Whoever stands in it has the new name without a revision, and the old one is refused."""
    item = await organisation.create()
    await organisation.arrange("states", type="Issue", rename="To Do", to="Offen")
    read = await organisation.call("get_work_item", item.id)
    assert (read.rev, read.fields["System.State"]) == (1, "Offen")
    with pytest.raises(AzureDevOpsServiceError, match="'To Do' that is not in the list of supported values"):
        await organisation.as_state(item.id, "To Do")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("process", {"process": "Waterfall"}, "process"),
        ("process", {"process": "Agile", "project": "Nowhere"}, "project"),
        ("states", {"type": "Nothing", "add": "X", "category": "Resolved"}, "type"),
        ("states", {"type": "Issue"}, "add"),
        ("states", {"type": "Issue", "add": "X", "rename": "Done", "to": "Y"}, "add"),
        ("states", {"type": "Issue", "add": "X", "category": "Half"}, "category"),
        ("states", {"type": "Issue", "add": "doing", "category": "InProgress"}, "add"),
        ("states", {"type": "Issue", "add": " ", "category": "InProgress"}, "add"),
        ("states", {"type": "Issue", "add": "X", "category": "InProgress", "after": "Nowhere"}, "after"),
        ("states", {"type": "Issue", "add": "X", "category": "InProgress", "after": 7}, "after"),
        ("states", {"type": ["Issue"], "remove": "Done"}, "type"),
        ("states", {"type": "Issue", "rename": "Nowhere", "to": "X"}, "rename"),
        ("states", {"type": "Issue", "remove": "Nowhere"}, "remove"),
    ],
)
async def test_what_cannot_be_changed_is_said(organisation, path, body, field):
    """A change that means nothing names its field, and changes nothing."""
    answer = await organisation.control(path, **body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert await names(organisation) == ["To Do", "Doing", "Done"]


async def test_processes_survive_a_restart(organisation, boards, clock):
    """States, rules and the process chosen are part of the state; a state from before there were any is taken."""
    await organisation.arrange("process", process="Agile", project="Storefront")
    await organisation.arrange("states", type="Issue", rename="Done", to="Fertig")
    await organisation.arrange("rules", type="Issue", rule="forbid", state="Fertig")
    state = json.loads(json.dumps(boards.state()))
    restarted = Boards(DEFAULT_WORLD, clock=clock)
    restarted.restore(state)
    assert restarted.state() == state
    restarted.restore({name: value for name, value in state.items() if name != "processes"})
    assert restarted.state() == state
