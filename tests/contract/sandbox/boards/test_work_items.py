"""Work items on the Boards stand-in, through the SDK: created, changed, read, recycled."""

from datetime import timedelta

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import JsonPatchOperation

from worker.sandbox.world import DEFAULT_WORLD

AMARA, BRUNO = DEFAULT_WORLD.people[:2]


def add(path, value):
    return JsonPatchOperation(op="add", path=path, value=value)


def test_of(path, value):
    return JsonPatchOperation(op="test", path=path, value=value)


test_of.__test__ = False


async def test_a_created_work_item_has_what_was_written_and_what_the_process_adds(organisation):
    """A new issue carries the given fields, the process's defaults, and who made it when."""
    item = await organisation.create("Checkout is down", add("/fields/System.Description", "<p>No one can pay</p>"))
    assert (item.id, item.rev) == (1, 1)
    assert item.fields["System.Title"] == "Checkout is down"
    assert item.fields["System.Description"] == "<p>No one can pay</p>"
    assert item.fields["System.State"] == "To Do"
    assert item.fields["Microsoft.VSTS.Common.Priority"] == 2
    assert item.fields["System.CreatedBy"]["uniqueName"] == DEFAULT_WORLD.service.email
    assert item.fields["System.CreatedDate"] == "2026-03-02T09:05:00.000Z"


async def test_the_address_for_people_leads_to_the_page(organisation):
    """The html link of a work item redirects to its place on the people's page."""
    item = await organisation.create()
    address = item._links.additional_properties["html"]["href"]
    answer = await organisation.http.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/#work-item-{item.id}"


async def test_a_work_item_is_read_back_with_its_relations(organisation):
    """A read with relations gives what was created; a read without leaves the relations out."""
    link = {"rel": "Hyperlink", "url": "https://teams.example/c", "attributes": {"comment": "Channel"}}
    created = await organisation.create("Down", add("/relations/-", link))
    whole = await organisation.call("get_work_item", created.id, expand="Relations")
    bare = await organisation.call("get_work_item", created.id)
    assert whole.fields == created.fields
    assert [(r.rel, r.url, r.attributes["comment"]) for r in whole.relations] == [
        ("Hyperlink", "https://teams.example/c", "Channel")
    ]
    assert bare.relations is None


async def test_answers_conform_to_the_published_definitions(organisation, conforms):
    """A work item, its updates and what deletion answers have the published shape and nothing else."""
    link = {"rel": "Hyperlink", "url": "https://teams.example/c"}
    title = {"op": "add", "path": "/fields/System.Title", "value": "Down"}
    history = {"op": "add", "path": "/fields/System.History", "value": "Channel created"}
    relation = {"op": "add", "path": "/relations/-", "value": link}
    created = await organisation.post("/Incidents/_apis/wit/workitems/$Issue", [title, relation])
    changed = await organisation.patch(1, history)
    read = await organisation.http.get(f"{organisation.url}/_apis/wit/workitems/1?$expand=all")
    updates = await organisation.http.get(f"{organisation.url}/_apis/wit/workitems/1/updates")
    deleted = await organisation.http.delete(f"{organisation.url}/_apis/wit/workitems/1")
    for answer in (created, changed, read):
        assert answer.status_code == 200, answer.text
        conforms("WorkItem", answer.json())
    for update in updates.json()["value"]:
        conforms("WorkItemUpdate", update)
    conforms("WorkItemDelete", deleted.json())


async def test_validate_only_checks_and_saves_nothing(organisation):
    """With validateOnly a good item is answered and not kept, and a bad one is refused."""
    document = [add("/fields/System.Title", "Down")]
    await organisation.call("create_work_item", document, "Incidents", "Issue", validate_only=True)
    bad = [*document, add("/fields/Microsoft.VSTS.Common.Severity", "1 - Critical")]
    with pytest.raises(AzureDevOpsServiceError, match="TF51535"):
        await organisation.call("create_work_item", bad, "Incidents", "Issue", validate_only=True)
    first = await organisation.create()
    assert first.id == 1


async def test_validate_only_of_an_update_changes_nothing(organisation):
    """An update that is only validated leaves the revision where it was."""
    item = await organisation.create()
    document = [add("/fields/System.Title", "Else")]
    await organisation.call("update_work_item", document, item.id, validate_only=True)
    read = await organisation.call("get_work_item", item.id)
    assert (read.rev, read.fields["System.Title"]) == (1, "Checkout is down")


async def test_an_update_makes_a_revision_and_tells_who_changed_what(organisation):
    """Each change is one revision whose update names the person, the old and the new value."""
    item = await organisation.create()
    organisation.clock.pass_time(timedelta(minutes=1))
    changed = await organisation.update(item.id, add("/fields/System.State", "Doing"), user=BRUNO.email)
    updates = await organisation.call("get_updates", item.id)
    assert changed.rev == 2
    assert changed.fields["System.ChangedBy"]["uniqueName"] == BRUNO.email
    assert updates[1].revised_by.display_name == BRUNO.name
    assert updates[1].fields["System.State"].as_dict() == {"old_value": "To Do", "new_value": "Doing"}


async def test_an_update_that_changes_nothing_makes_no_revision(organisation):
    """Writing the value there already is leaves the revision alone."""
    item = await organisation.create("Down")
    same = await organisation.update(item.id, add("/fields/System.Title", "Down"))
    assert same.rev == 1


async def test_a_patch_is_applied_whole_or_not_at_all(organisation):
    """When one operation is refused the others have no effect."""
    item = await organisation.create("Down")
    with pytest.raises(AzureDevOpsServiceError):
        await organisation.update(item.id, add("/fields/System.Title", "Else"), add("/fields/No.Such", "x"))
    read = await organisation.call("get_work_item", item.id)
    assert (read.rev, read.fields["System.Title"]) == (1, "Down")


async def test_a_test_of_the_present_revision_lets_the_patch_through(organisation):
    """A patch that tests the revision there is takes effect."""
    item = await organisation.create()
    changed = await organisation.update(item.id, test_of("/rev", 1), add("/fields/System.Title", "Else"))
    assert changed.rev == 2


async def test_a_test_of_an_old_revision_is_answered_412(organisation):
    """A patch that tests an old revision is refused and changes nothing."""
    item = await organisation.create()
    await organisation.update(item.id, add("/fields/System.Title", "By a human"))
    answer = await organisation.patch(
        item.id,
        {"op": "test", "path": "/rev", "value": 1},
        {"op": "add", "path": "/fields/System.Title", "value": "Late"},
    )
    assert answer.status_code == 412
    assert answer.json()["typeKey"] == "TestPatchOperationFailedException"
    read = await organisation.call("get_work_item", item.id)
    assert read.fields["System.Title"] == "By a human"


async def test_a_field_can_be_tested_too(organisation):
    """A test of AssignedTo by address holds for the person who is assigned, and for nobody else."""
    item = await organisation.create("Down", add("/fields/System.AssignedTo", AMARA.email))
    await organisation.update(
        item.id, test_of("/fields/System.AssignedTo", AMARA.email), add("/fields/System.State", "Doing")
    )
    with pytest.raises(AzureDevOpsServiceError) as refused:
        await organisation.update(item.id, test_of("/fields/System.AssignedTo", BRUNO.email))
    assert refused.value.type_key == "TestPatchOperationFailedException"


async def test_tags_are_added_to_and_replaced(organisation):
    """Adding tags joins them with those there are, whatever their case; replacing forgets the old ones."""
    item = await organisation.create("Down", add("/fields/System.Tags", "sev1; incident"))
    more = await organisation.update(item.id, add("/fields/System.Tags", "Incident; eu"))
    assert more.fields["System.Tags"] == "eu; incident; sev1"
    other = JsonPatchOperation(op="replace", path="/fields/System.Tags", value="closed")
    assert (await organisation.update(item.id, other)).fields["System.Tags"] == "closed"


async def test_a_person_is_assigned_by_any_of_the_accepted_spellings(organisation):
    """An address, a name with an address, a name, and an identity object all find the person."""
    item = await organisation.create()
    identity = {"descriptor": AMARA.boards_descriptor, "displayName": "ignored"}
    for value in (AMARA.email.upper(), f"{AMARA.name} <{AMARA.email}>", AMARA.name, identity):
        await organisation.update(item.id, add("/fields/System.AssignedTo", ""))
        changed = await organisation.update(item.id, add("/fields/System.AssignedTo", value))
        assert changed.fields["System.AssignedTo"]["id"] == AMARA.boards_id


async def test_history_becomes_a_comment_in_the_same_revision(organisation):
    """Text written to the history is a comment, is shown in its own revision only, and is counted."""
    item = await organisation.create()
    linked = await organisation.update(item.id, add("/fields/System.History", "Channel <b>created</b>"))
    assert linked.comment_version_ref.comment_id == 1
    assert linked.fields["System.CommentCount"] == 1
    later = await organisation.update(item.id, add("/fields/System.State", "Doing"))
    assert "System.History" not in later.fields
    assert later.comment_version_ref is None


async def test_some_fields_of_some_work_items_are_read_at_once(organisation):
    """Several work items are read in the order asked, with a gap where one is missing, if that is allowed."""
    await organisation.create("One")
    await organisation.create("Two")
    found = await organisation.call("get_work_items", [2, 9, 1], fields=["System.Title"], error_policy="omit")
    assert [item and item.fields for item in found] == [{"System.Title": "Two"}, None, {"System.Title": "One"}]
    with pytest.raises(AzureDevOpsServiceError, match="TF401232"):
        await organisation.call("get_work_items", [2, 9])


async def test_a_recycled_work_item_is_gone(organisation):
    """What a human deleted is neither read nor changed, as if it had never been there."""
    item = await organisation.create()
    await organisation.call("delete_work_item", item.id)
    for attempt in ("get_work_item", "delete_work_item"):
        with pytest.raises(AzureDevOpsServiceError, match="TF401232"):
            await organisation.call(attempt, item.id)
    with pytest.raises(AzureDevOpsServiceError) as refused:
        await organisation.update(item.id, add("/fields/System.Title", "Else"))
    assert refused.value.type_key == "WorkItemUnauthorizedAccessException"


async def test_the_number_of_a_recycled_work_item_is_not_given_again(organisation):
    """The next work item gets the next number."""
    item = await organisation.create()
    await organisation.call("delete_work_item", item.id)
    assert (await organisation.create()).id == item.id + 1
