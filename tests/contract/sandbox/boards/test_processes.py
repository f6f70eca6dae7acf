"""The four processes on the Boards stand-in: which types each has, and their states with categories and colours."""

import pytest

from worker.sandbox.boards import Boards
from worker.sandbox.world import DEFAULT_WORLD

PROPOSED, AT_WORK, RESOLVED, COMPLETED, REMOVED = "Proposed", "InProgress", "Resolved", "Completed", "Removed"
AGILE_BUG = {"New": PROPOSED, "Active": AT_WORK, "Resolved": RESOLVED, "Closed": COMPLETED}
CMMI = {"Proposed": PROPOSED, "Active": AT_WORK, "Resolved": RESOLVED, "Closed": COMPLETED}
SCRUM_ITEM = {
    "New": PROPOSED,
    "Approved": PROPOSED,
    "Committed": AT_WORK,
    "Done": COMPLETED,
    "Removed": REMOVED,
}


@pytest.mark.parametrize(
    ("process", "kind", "states"),
    [
        ("Basic", "Issue", {"To Do": PROPOSED, "Doing": AT_WORK, "Done": COMPLETED}),
        ("Agile", "Bug", AGILE_BUG),
        ("Agile", "User Story", {**AGILE_BUG, "Removed": REMOVED}),
        ("Agile", "Issue", {"Active": AT_WORK, "Closed": COMPLETED}),
        ("Scrum", "Product Backlog Item", SCRUM_ITEM),
        ("Scrum", "Impediment", {"Open": AT_WORK, "Closed": COMPLETED}),
        ("CMMI", "Issue", CMMI),
        ("CMMI", "Requirement", {**CMMI, "Resolved": AT_WORK}),
    ],
)
async def test_a_project_takes_a_process_and_has_its_states(organisation, conforms, process, kind, states):
    """The states of a type are those of the process, in its order, with the published shape."""
    await organisation.arrange("process", process=process.lower())
    answer = await organisation.http.get(f"{organisation.url}/Incidents/_apis/wit/workitemtypes/{kind}/states")
    listed = answer.json()["value"]
    assert [(each["name"], each["category"]) for each in listed] == list(states.items())
    for each in listed:
        conforms("WorkItemStateColor", each)
    item = await organisation.create(kind=kind)
    assert item.fields["System.State"] == next(iter(states))


async def test_each_project_has_a_process_of_its_own(organisation):
    """The other project stays Basic, and has no type of Scrum's."""
    await organisation.arrange("process", process="Scrum", project="Storefront")
    first = await organisation.call("get_work_item_types", "Incidents")
    second = await organisation.call("get_work_item_types", "Storefront")
    assert "Impediment" not in [kind.name for kind in first]
    assert "Impediment" in [kind.name for kind in second]


async def test_an_item_outlives_the_process_it_was_made_in(organisation):
    """A type that the new process lacks is still that of the items there are."""
    item = await organisation.create(kind="Bug")
    await organisation.arrange("process", process="CMMI")
    issue = await organisation.create()
    await organisation.arrange("process", process="Scrum")
    assert (await organisation.as_person(item.id, by="Amara Okafor", state="New", title="Same state"))["rev"] == 2
    assert (await organisation.as_person(item.id, by="Amara Okafor", state="Committed"))["rev"] == 3
    assert (await organisation.as_person(issue.id, by="Amara Okafor", title="Else"))["rev"] == 2


@pytest.mark.parametrize(("process", "kind"), [("basic", None), ("agile", "Bug"), ("scrum", "Bug"), ("cmmi", "Bug")])
async def test_a_sandbox_begins_with_a_process(process, kind):
    """Both projects have it, and incidents become a type that it has; what is kept goes before it."""
    boards = Boards(DEFAULT_WORLD, process=process)
    state = boards.state()
    assert [each["process"].lower() for each in state["processes"].values()] == [process, process]
    assert boards.settings("").get("boards_work_item_type") == kind
    kept = Boards(DEFAULT_WORLD)
    kept.restore(state)
    assert kept.settings("") == boards.settings("")
