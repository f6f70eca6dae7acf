"""Links on the Boards stand-in: hyperlinks, and the tree of parents and children."""

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import JsonPatchOperation

from worker.sandbox.boards import Boards
from worker.sandbox.boards.links import CHILD, DUPLICATE, DUPLICATE_OF, PARENT
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.world import DEFAULT_WORLD

CHANNEL = "https://teams.example/l/channel/19%3Aabc%40thread.tacv2/inc-1?groupId=1&tenantId=2"


def add_link(rel, url, comment=None):
    value = {"rel": rel, "url": url, "attributes": {"comment": comment}}
    return JsonPatchOperation(op="add", path="/relations/-", value=value)


async def relations(organisation, number):
    item = await organisation.call("get_work_item", number, expand="Relations")
    return [(r.rel, r.url) for r in item.relations or []]


async def test_a_hyperlink_keeps_its_address_to_the_letter(organisation):
    """The address of a channel comes back with its percent-encoding as it was."""
    item = await organisation.create()
    await organisation.update(item.id, add_link("Hyperlink", CHANNEL, "Incident channel"))
    assert await relations(organisation, item.id) == [("Hyperlink", CHANNEL)]


async def test_the_same_hyperlink_twice_is_two_links_by_default(organisation):
    """Nothing stops a client that does not look first."""
    item = await organisation.create("Down", add_link("Hyperlink", CHANNEL))
    await organisation.update(item.id, add_link("Hyperlink", CHANNEL))
    assert len(await relations(organisation, item.id)) == 2


async def test_the_same_hyperlink_twice_can_be_made_a_refusal(organisation):
    """The other behaviour that is told of the service: 400 for a relation that exists."""
    server = await SandboxServer.start([Boards(DEFAULT_WORLD, duplicate_hyperlinks=False)])
    strict = type(organisation)(server, organisation.http, organisation.clock)
    item = await strict.create("Down", add_link("Hyperlink", CHANNEL))
    with pytest.raises(AzureDevOpsServiceError, match="already exists"):
        await strict.update(item.id, add_link("Hyperlink", CHANNEL))
    await server.close()


async def test_a_child_made_with_its_parent_is_seen_from_both_ends(organisation):
    """One request makes the child and the link, and the parent shows it beside what it had."""
    parent = await organisation.create("Down", add_link("Hyperlink", CHANNEL))
    child = await organisation.create("On call: Bruno", add_link(PARENT, parent.url), kind="Task")
    assert child.fields["System.Parent"] == parent.id
    assert await relations(organisation, child.id) == [(PARENT, parent.url)]
    assert await relations(organisation, parent.id) == [("Hyperlink", CHANNEL), (CHILD, child.url)]


async def test_a_new_child_leaves_the_parents_revision_alone(organisation):
    """A link made from the other end is an update of the parent's history, but no revision."""
    parent = await organisation.create()
    await organisation.create("Task", add_link(PARENT, parent.url), kind="Task")
    read = await organisation.call("get_work_item", parent.id)
    updates = await organisation.call("get_updates", parent.id)
    assert read.rev == 1
    assert [(u.id, u.rev) for u in updates] == [(1, 1), (2, 1)]
    assert updates[1].relations.added[0].rel == CHILD


async def test_a_second_parent_is_refused(organisation):
    """A work item has one parent; another is TF201036, and no half of the link stays."""
    first, second = await organisation.create("One"), await organisation.create("Two")
    child = await organisation.create("Task", add_link(PARENT, first.url), kind="Task")
    for number, link in ((child.id, add_link(PARENT, second.url)), (second.id, add_link(CHILD, child.url))):
        with pytest.raises(AzureDevOpsServiceError, match="TF201036"):
            await organisation.update(number, link)
    assert await relations(organisation, second.id) == []


async def test_a_circle_of_parents_is_refused(organisation):
    """A work item cannot become the child of its own grandchild, nor of itself."""
    top = await organisation.create("Top")
    middle = await organisation.create("Middle", add_link(PARENT, top.url))
    bottom = await organisation.create("Bottom", add_link(PARENT, middle.url))
    with pytest.raises(AzureDevOpsServiceError, match="TF201035"):
        await organisation.update(top.id, add_link(PARENT, bottom.url))
    with pytest.raises(AzureDevOpsServiceError, match="TF201034"):
        await organisation.update(top.id, add_link(PARENT, top.url))


async def test_the_same_work_item_link_twice_is_refused(organisation):
    """Links between work items are unique, from either end."""
    one, two = await organisation.create("One"), await organisation.create("Two")
    await organisation.update(two.id, add_link(DUPLICATE_OF, one.url))
    for number, link in ((two.id, add_link(DUPLICATE_OF, one.url)), (one.id, add_link(DUPLICATE, two.url))):
        with pytest.raises(AzureDevOpsServiceError, match="already exists"):
            await organisation.update(number, link)


async def test_a_removed_link_is_gone_from_both_ends(organisation):
    """Removing by index takes the link away here and there."""
    parent = await organisation.create()
    child = await organisation.create("Task", add_link(PARENT, parent.url), kind="Task")
    changed = await organisation.update(child.id, JsonPatchOperation(op="remove", path="/relations/0"))
    assert "System.Parent" not in changed.fields
    assert await relations(organisation, parent.id) == []


async def test_the_comment_of_a_link_can_be_replaced(organisation):
    """A link's comment is changed by its index."""
    item = await organisation.create("Down", add_link("Hyperlink", CHANNEL, "Old"))
    path = "/relations/0/attributes/comment"
    changed = await organisation.update(item.id, JsonPatchOperation(op="replace", path=path, value="New"))
    assert changed.relations[0].attributes["comment"] == "New"


async def test_a_recycled_child_vanishes_from_its_parent(organisation):
    """A parent does not show a child that is in the recycle bin."""
    parent = await organisation.create()
    child = await organisation.create("Task", add_link(PARENT, parent.url), kind="Task")
    await organisation.call("delete_work_item", child.id)
    assert await relations(organisation, parent.id) == []


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ({"op": "add", "path": "/relations", "value": []}, "top level property"),
        ({"op": "add", "path": "/relations/-", "value": "https://x.example"}, "needs a rel"),
        ({"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink"}}, "needs a url"),
        ({"op": "add", "path": "/relations/-", "value": {"rel": "Nonsense", "url": "https://x.example"}}, "unknown"),
        (
            {"op": "add", "path": "/relations/-", "value": {"rel": "Hyperlink", "url": "javascript:alert(1)"}},
            "safe to open",
        ),
        ({"op": "add", "path": "/relations/-", "value": {"rel": PARENT, "url": "https://x.example/1"}}, "API address"),
        ({"op": "add", "path": "/relations/-", "value": {"rel": PARENT, "url": "http://["}}, "API address"),
        (
            {
                "op": "add",
                "path": "/relations/-",
                "value": {"rel": "Hyperlink", "url": "https://x.example", "attributes": {"comment": "c" * 256}},
            },
            "255 characters",
        ),
        ({"op": "remove", "path": "/relations/7"}, "out of range"),
        ({"op": "test", "path": "/relations/0", "value": {}}, "not supported"),
    ],
)
async def test_a_relation_of_the_wrong_shape_is_refused(organisation, operation, sentence):
    """A relation that the service could not store is a 400 that says why."""
    item = await organisation.create()
    answer = await organisation.patch(item.id, operation)
    assert answer.status_code == 400
    assert sentence in answer.json()["message"]


async def test_a_link_to_no_work_item_is_refused(organisation):
    """A parent that does not exist is answered as a work item that does not exist."""
    url = f"{organisation.url}/_apis/wit/workItems/99"
    answer = await organisation.post(
        "/Incidents/_apis/wit/workitems/$Task",
        [
            {"op": "add", "path": "/fields/System.Title", "value": "Task"},
            {"op": "add", "path": "/relations/-", "value": {"rel": PARENT, "url": url}},
        ],
    )
    assert answer.status_code == 404
    assert answer.json()["message"].startswith("TF401232")


async def test_a_work_item_has_room_for_a_thousand_links(organisation):
    """The thousand-and-first link is refused."""
    item = await organisation.create()
    for first in range(0, 1000, 200):
        many = [add_link("Hyperlink", f"https://x.example/{first + n}") for n in range(200)]
        await organisation.update(item.id, *many)
    with pytest.raises(AzureDevOpsServiceError, match="1000 links"):
        await organisation.update(item.id, add_link("Hyperlink", "https://x.example/one-more"))
