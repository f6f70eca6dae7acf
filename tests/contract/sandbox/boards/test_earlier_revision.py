"""Updates and revisions on the Boards stand-in: what changed, when, and how the item was before."""

from datetime import UTC, datetime, timedelta

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError

NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
async def item(organisation):
    """Three revisions, a minute apart: created, moved with a comment, renamed."""
    item = await organisation.create("Down")
    organisation.clock.pass_time(timedelta(minutes=1))
    await organisation.as_person(item.id, by="Amara Okafor", state="Doing", comment="Mine", link="https://x.example")
    organisation.clock.pass_time(timedelta(minutes=1))
    await organisation.as_person(item.id, by="Bruno Costa", title="Up")
    return item


async def test_an_update_says_who_changed_what_when(organisation, conforms, item):
    """Its own time is that of its ChangedDate; its revisedDate is that of the next revision, of the last one never."""
    updates = await organisation.call("get_updates", item.id)
    changed = [update.fields["System.ChangedDate"].new_value for update in updates]
    assert changed == ["2026-03-02T09:05:00.000Z", "2026-03-02T09:06:00.000Z", "2026-03-02T09:07:00.000Z"]
    start = organisation.clock.now - timedelta(minutes=2)
    assert [update.revised_date for update in updates] == [
        start + timedelta(minutes=1),
        start + timedelta(minutes=2),
        NEVER,
    ]
    assert [update.revised_by.display_name for update in updates] == ["Tocsin", "Amara Okafor", "Bruno Costa"]
    assert updates[0].fields["System.State"].as_dict() == {"new_value": "To Do"}
    assert updates[1].fields["System.History"].new_value == "Mine"
    assert updates[2].fields["System.Rev"].as_dict() == {"old_value": 2, "new_value": 3}
    raw = await organisation.http.get(f"{organisation.url}/_apis/wit/workItems/{item.id}/updates")
    for update in raw.json()["value"]:
        conforms("WorkItemUpdate", update)


async def test_updates_come_in_pages_and_singly(organisation, item):
    """As many as asked for, from where asked; one that there is not is refused."""
    page = await organisation.call("get_updates", item.id, top=1, skip=1)
    assert [update.id for update in page] == [2]
    assert (await organisation.call("get_update", item.id, 3)).rev == 3
    assert await organisation.call("get_updates", item.id, skip=3) == []
    with pytest.raises(AzureDevOpsServiceError, match="revision 4"):
        await organisation.call("get_update", item.id, 4)


async def test_revisions_are_the_item_as_it_was(organisation, conforms, item):
    """Fields, links and the comment of each revision are its own, and the newest is the item itself."""
    revisions = await organisation.call("get_revisions", item.id, expand="relations")
    assert [each.fields["System.State"] for each in revisions] == ["To Do", "Doing", "Doing"]
    assert [each.fields["System.Title"] for each in revisions] == ["Down", "Down", "Up"]
    assert ["System.History" in each.fields for each in revisions] == [False, True, False]
    assert [len(each.relations or ()) for each in revisions] == [0, 1, 1]
    newest = await organisation.call("get_work_item", item.id, expand="relations")
    assert revisions[-1].as_dict() == newest.as_dict()
    raw = await organisation.http.get(f"{organisation.url}/Incidents/_apis/wit/workItems/{item.id}/revisions/2")
    conforms("WorkItem", raw.json())


async def test_revisions_come_in_pages_and_singly(organisation, item):
    """As many as asked for, from where asked; one that there is not is refused."""
    assert [each.rev for each in await organisation.call("get_revisions", item.id, top=2, skip=1)] == [2, 3]
    assert (await organisation.call("get_revision", item.id, 1)).fields["System.Title"] == "Down"
    for number in (0, 4):
        with pytest.raises(AzureDevOpsServiceError, match="The revision"):
            await organisation.call("get_revision", item.id, number)
