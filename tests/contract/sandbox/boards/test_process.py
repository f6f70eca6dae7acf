"""Types, fields, comments and addresses on the Boards stand-in."""

import asyncio
import json

import pytest
from azure.devops.connection import Connection
from azure.devops.exceptions import AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import CommentCreate
from msrest.authentication import BasicAuthentication

from worker.sandbox.boards import Boards
from worker.sandbox.world import DEFAULT_WORLD

SEVERITY = "Microsoft.VSTS.Common.Severity"


async def test_the_connection_finds_the_client_by_itself(organisation):
    """A connection asks for locations and resource areas, and its client then works."""
    connection = Connection(organisation.url, BasicAuthentication("", "a-token"))
    client = await asyncio.to_thread(connection.clients_v7_1.get_work_item_tracking_client)
    types = await asyncio.to_thread(client.get_work_item_types, "Incidents")
    assert [t.name for t in types] == ["Epic", "Issue", "Task", "Bug"]


async def test_only_some_types_have_a_severity(organisation):
    """A bug has one, an issue has not: a client must look before it writes."""
    bug = await organisation.call("get_work_item_type_fields_with_references", "Incidents", "Bug", expand="all")
    issue = await organisation.call("get_work_item_type_fields_with_references", "Incidents", "Issue")
    severity = next(f for f in bug if f.reference_name == SEVERITY)
    assert severity.allowed_values == ["1 - Critical", "2 - High", "3 - Medium", "4 - Low"]
    assert SEVERITY not in [f.reference_name for f in issue]


async def test_one_field_of_a_type_can_be_asked_for(organisation):
    """A field the type has is answered, one it has not is TF51535."""
    ask = "get_work_item_type_field_with_references"
    assert (await organisation.call(ask, "Incidents", "Bug", SEVERITY)).name == "Severity"
    with pytest.raises(AzureDevOpsServiceError, match="TF51535"):
        await organisation.call(ask, "Incidents", "Issue", SEVERITY)


async def test_types_and_fields_conform_to_the_published_definitions(organisation, conforms):
    """Types, their states and fields, and the fields of the organisation have the published shape."""

    async def get(path):
        return (await organisation.http.get(f"{organisation.url}{path}")).json()

    conforms("WorkItemType", await get("/Incidents/_apis/wit/workitemtypes/Bug"))
    for state in (await get("/Incidents/_apis/wit/workitemtypes/Bug/states"))["value"]:
        conforms("WorkItemStateColor", state)
    for field in (await get("/Incidents/_apis/wit/workitemtypes/Bug/fields?$expand=all"))["value"]:
        conforms("WorkItemTypeFieldWithReferences", field)
    for field in (await get("/_apis/wit/fields"))["value"]:
        conforms("WorkItemField2", field)


async def test_states_and_fields_are_listed_through_the_sdk(organisation):
    """The SDK reads a type's states, all fields, and one field by its reference."""
    states = await organisation.call("get_work_item_type_states", "Incidents", "Issue")
    fields = await organisation.call("get_work_item_fields")
    title = await organisation.call("get_work_item_field", "System.Title", "Incidents")
    assert [s.name for s in states] == ["To Do", "Doing", "Done"]
    assert SEVERITY in [f.reference_name for f in fields]
    assert title.name == "Title"


async def test_comments_are_added_and_listed_newest_first(organisation, conforms):
    """A comment is a revision of its work item, is found in the list, and has the published shape."""
    item = await organisation.create()
    first = await organisation.call("add_comment", CommentCreate(text="One"), "Incidents", item.id)
    await organisation.call(
        "add_comment", CommentCreate(text="Two"), "Incidents", item.id, user="bruno@contoso.example"
    )
    listed = await organisation.call("get_comments", "Incidents", item.id, top=1)
    assert (first.id, first.text, first.created_by.display_name) == (1, "One", "Tocsin")
    assert [(c.text, c.created_by.display_name) for c in listed.comments] == [("Two", "Bruno Costa")]
    assert listed.total_count == 2
    assert (await organisation.call("get_work_item", item.id)).rev == 3
    raw = await organisation.http.get(f"{organisation.url}/Incidents/_apis/wit/workItems/{item.id}/comments")
    conforms("CommentList", raw.json())
    conforms("Comment", raw.json()["comments"][0])


async def test_an_empty_comment_is_refused(organisation):
    """A comment without text is a 400 and makes no revision."""
    item = await organisation.create()
    with pytest.raises(AzureDevOpsServiceError, match="needs a text"):
        await organisation.call("add_comment", CommentCreate(text=" "), "Incidents", item.id)


@pytest.mark.parametrize(
    "path", ["/incidents/_APIS/WIT/WorkItems/$issue", f"/{DEFAULT_WORLD.project_id}/_apis/wit/workitems/%24Issue"]
)
async def test_addresses_are_read_in_any_spelling(organisation, path):
    """Case does not matter in an address, nor whether the dollar is encoded, nor how the project is named."""
    answer = await organisation.post(path, [{"op": "add", "path": "/fields/System.Title", "value": "Down"}])
    assert answer.status_code == 200, answer.text
    assert answer.json()["fields"]["System.WorkItemType"] == "Issue"


async def test_the_state_survives_a_restart_whole(organisation, boards, clock):
    """What is given away as JSON and taken in again is the same organisation."""
    parent = await organisation.create("Down")
    await organisation.call("add_comment", CommentCreate(text="One"), "Incidents", parent.id)
    await organisation.post(
        "/Incidents/_apis/wit/workitems/$Task",
        [
            {"op": "add", "path": "/fields/System.Title", "value": "Task"},
            {
                "op": "add",
                "path": "/relations/-",
                "value": {"rel": "System.LinkTypes.Hierarchy-Reverse", "url": parent.url},
            },
            {"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink", "url": "https://x.example"}},
        ],
    )
    state = json.loads(json.dumps(boards.state()))
    restarted = Boards(DEFAULT_WORLD, clock=clock)
    restarted.restore(state)
    assert restarted.state() == state


async def test_numbers_go_on_after_a_restart(organisation, boards):
    """A comment made after a restart has a number of its own."""
    item = await organisation.create()
    first = await organisation.call("add_comment", CommentCreate(text="One"), "Incidents", item.id)
    boards.restore(json.loads(json.dumps(boards.state())))
    second = await organisation.call("add_comment", CommentCreate(text="Two"), "Incidents", item.id)
    assert second.id > first.id
