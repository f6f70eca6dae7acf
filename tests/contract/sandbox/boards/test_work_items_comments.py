"""Comments that are changed on the Boards stand-in, through the SDK: their versions, and what they do to their item."""

import json
from datetime import timedelta

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import CommentCreate, CommentUpdate, JsonPatchOperation

from worker.sandbox.boards import Boards
from worker.sandbox.world import DEFAULT_WORLD

PROJECT = DEFAULT_WORLD.project
BRUNO = DEFAULT_WORLD.people[1]


@pytest.fixture
async def commented(organisation):
    """A work item with one comment: the item's number and the comment's."""
    item = await organisation.create()
    comment = await organisation.call("add_comment", CommentCreate(text="3 alerts"), PROJECT, item.id)
    organisation.clock.pass_time(timedelta(minutes=1))
    return item.id, comment.id


async def edit(organisation, commented, text, **others):
    return await organisation.call("update_comment", CommentUpdate(text=text), PROJECT, *commented, **others)


async def test_an_edited_comment_says_the_new_text_in_its_next_version(organisation, commented, conforms):
    """The comment keeps its id and its beginning, counts its versions, and is listed with its newest text."""
    edited = await edit(organisation, commented, "4 alerts")
    await edit(organisation, commented, "5 alerts")
    listed = (await organisation.call("get_comments", PROJECT, commented[0])).comments
    raw = await organisation.http.get(f"{organisation.url}/{PROJECT}/_apis/wit/workItems/{commented[0]}/comments")
    assert (edited.id, edited.version, edited.text) == (commented[1], 2, "4 alerts")
    assert [(each.id, each.version, each.text) for each in listed] == [(commented[1], 3, "5 alerts")]
    assert listed[0].modified_date - listed[0].created_date == timedelta(minutes=1)
    conforms("Comment", raw.json()["comments"][0])


async def test_an_edit_is_a_revision_of_its_work_item(organisation, commented, conforms):
    """The revision names the version that it made, and a patch that tests the one before is refused."""
    await edit(organisation, commented, "4 alerts")
    item = await organisation.call("get_work_item", commented[0])
    updates = await organisation.http.get(f"{organisation.url}/_apis/wit/workitems/{commented[0]}/updates")
    assert (item.rev, item.fields["System.CommentCount"]) == (3, 1)
    assert (item.comment_version_ref.comment_id, item.comment_version_ref.version) == (commented[1], 2)
    conforms("WorkItemUpdate", updates.json()["value"][-1])
    guard = JsonPatchOperation(op="test", path="/rev", value=2)
    title = JsonPatchOperation(op="add", path="/fields/System.Title", value="Else")
    with pytest.raises(AzureDevOpsServiceError) as refused:
        await organisation.update(commented[0], guard, title)
    assert refused.value.type_key == "TestPatchOperationFailedException"


async def test_the_same_text_again_makes_no_version(organisation, commented):
    """An edit that changes nothing leaves comment and item as they are."""
    assert (await edit(organisation, commented, "3 alerts")).version == 1
    assert (await organisation.call("get_work_item", commented[0])).rev == 2


@pytest.mark.parametrize("number", [99, 0, "x", "9" * 20])
async def test_a_comment_that_is_not_there_is_404(organisation, commented, number):
    """An unknown comment of a known item is refused with the body that all refusals have."""
    path = f"/{PROJECT}/_apis/wit/workItems/{commented[0]}/comments/{number}"
    answer = await organisation.send("PATCH", path, {"text": "x"}, "application/json")
    assert answer.status_code == 404
    assert "comment" in answer.json()["message"]
    assert {"typeKey", "errorCode", "eventId"} < answer.json().keys()


async def test_a_comment_of_an_item_that_is_not_there_is_404(organisation, commented):
    """A recycled work item takes its comments along."""
    await organisation.call("delete_work_item", commented[0])
    with pytest.raises(AzureDevOpsServiceError, match="TF401232"):
        await edit(organisation, commented, "4 alerts")


async def test_nobody_changes_what_another_wrote(organisation, commented):
    """A person's edit of the application's comment is refused."""
    with pytest.raises(AzureDevOpsServiceError, match="comments of others"):
        await edit(organisation, commented, "mine", user=BRUNO.email)


@pytest.mark.parametrize("text", ["", " ", "\x00", "x" * 1_000_001])
async def test_a_text_that_is_none_is_refused(organisation, commented, text):
    """Nothing, or what the service does not store, is a 400 and leaves the comment as it was."""
    with pytest.raises(AzureDevOpsServiceError):
        await edit(organisation, commented, text)
    (comment,) = (await organisation.call("get_comments", PROJECT, commented[0])).comments
    assert (comment.version, comment.text) == (1, "3 alerts")


async def test_many_comments_come_in_pages(organisation, commented):
    """The token of a page leads to the next one, and the last page has none."""
    for number in range(4):
        await organisation.call("add_comment", CommentCreate(text=str(number)), PROJECT, commented[0])
    seen, token = [], None
    for _ in range(3):
        page = await organisation.call(
            "get_comments", PROJECT, commented[0], top=2, order="asc", continuation_token=token
        )
        seen += [comment.text for comment in page.comments]
        token = page.continuation_token
    assert (seen, token) == (["3 alerts", "0", "1", "2", "3"], None)


async def test_an_edit_survives_a_restart(organisation, boards, clock, commented):
    """What is given away as JSON and taken in again knows the newest text and its version."""
    await edit(organisation, commented, "4 alerts")
    restarted = Boards(DEFAULT_WORLD, clock=clock)
    restarted.restore(json.loads(json.dumps(boards.state())))
    assert restarted.state() == boards.state()
    boards.restore(restarted.state())
    assert (await edit(organisation, commented, "5 alerts")).version == 3
