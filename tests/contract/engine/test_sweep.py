"""What a launch may have left twice, made here by hand beside a real one: the sweep leaves one, and people's things."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from launched_house import LATELY, launched

from handlers.launch.create_channel import description
from handlers.launch.work_item_description import title
from worker.clients.boards.items import PARENT, add_relation, set_field
from worker.clients.posting.poster import Announcement
from worker.clients.posting.routes import open_poster
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.domain.settlement import Complete, DeadLetter
from worker.engine.sweep import RepairOutcome


@pytest.fixture
def posting():
    return "bot"


@pytest.fixture
async def house(settings, posting):
    """An incident that was launched a moment ago, without any duplicates."""
    async with launched(settings, posting) as house:
        yield house


def told(swept):
    return Counter((finding.kind, finding.outcome.value) for finding in swept.findings)


async def test_an_incident_with_everything_once_is_left_as_it_is(house):
    """A sweep over a good launch changes nothing and notes nothing."""
    before = house.board.state()
    swept = await house.sweep()
    assert (swept.incidents, swept.findings) == (1, ())
    assert house.board.state() == before
    assert await house.rows() == {}


async def test_of_two_work_items_the_one_of_the_checkpoint_stays(house):
    """The second one is closed as its duplicate, with a link and a note, and a second sweep finds nothing."""
    twin, kept = await house.twin(), (await house.result("create-work-item"))["id"]
    swept = await house.sweep()
    assert told(swept) == {("work-item", "repaired"): 1}
    assert house.open_items() == [kept]
    closed = await house.boards.get(twin.id)
    assert closed.state == "Done"
    assert closed.is_duplicate_with(kept)
    assert (await house.boards.get(kept)).is_duplicate_with(twin.id)
    assert "this one is closed" in house.items()[-1]["comments"][-1]["text"]
    assert (await house.sweep()).findings == ()
    assert await house.rows() == {f"duplicate:work-item:{twin.id}": "repaired"}


async def test_without_a_checkpoint_the_lowest_stays(house):
    """Where the launch failed before it knew its work item, the first one made is kept."""
    event = Event(title="Payment is down", key="another")
    house.incident = Incident(key="another", event=event, received_at=datetime.now(UTC))
    house.server.faults.add(
        {"system": "boards", "method": "POST", "path": "workitems", "behaviour": "status", "status": 400}
    )
    assert isinstance(await house.launch(), DeadLetter)
    first, second = await house.twin(), await house.twin()
    assert (await house.sweep()).count(RepairOutcome.REPAIRED) == 1
    assert (await house.boards.get(first.id)).state == "To Do"
    assert (await house.boards.get(second.id)).state == "Done"


async def test_the_checkpoints_item_stays_also_when_it_is_not_the_lowest(house):
    """Links, tasks and channel point at it, so a lower one that shows up late is the one to go."""
    house.incident = Incident(key="late", event=Event(title="Late", key="late"), received_at=datetime.now(UTC))
    lower = await house.twin()
    house.server.faults.add({"system": "boards", "behaviour": "lag", "seconds": 60})
    assert await house.launch() == Complete()
    house.server.faults.clear()
    await house.sweep()
    assert (await house.boards.get(lower.id)).state == "Done"
    assert (await house.boards.get((await house.result("create-work-item"))["id"])).state == "To Do"


async def test_the_checkpoints_item_stays_under_any_title(house):
    """People rename what they work on; the one that the checkpoint points at still counts."""
    kept = (await house.result("create-work-item"))["id"]
    async with house.human() as human:
        await human.amend(kept, lambda _: (set_field("System.Title", "Card payments refused"),))
    twin = await house.twin()
    await house.sweep()
    assert house.open_items() == [kept]
    assert (await house.boards.get(twin.id)).is_duplicate_with(kept)


async def test_a_persons_item_with_the_same_title_is_not_touched(house):
    """A copy that a person made carries our mark as well, and is not ours to close."""
    async with house.human() as human:
        theirs = await human.create((set_field("System.Title", title(house.incident)),))
    assert (await house.sweep()).findings == ()
    assert (await house.boards.get(theirs.id)).revision == theirs.revision


async def test_an_item_that_somebody_works_on_is_left_to_people(house):
    """What a person has put into the second item may be needed: it is reported, and stays open."""
    twin = await house.twin()
    async with house.human() as human:
        await human.amend(twin.id, lambda _: (set_field("System.History", "I restart the pods."),))
    swept = await house.sweep()
    assert told(swept) == {("work-item", "left"): 1}
    assert "by hand as a duplicate" in swept.findings[0].because
    assert twin.id in house.open_items()
    assert await house.rows() == {f"duplicate:work-item:{twin.id}": "left"}


async def test_a_duplicate_opened_again_stays_open(house):
    """The link says that people know; a sweep does not argue."""
    twin = await house.twin()
    await house.sweep()
    async with house.human() as human:
        await human.amend(twin.id, lambda _: (set_field("System.State", "Doing"),))
    assert (await house.sweep()).findings == ()
    assert (await house.boards.get(twin.id)).state == "Doing"


async def test_each_type_is_closed_by_its_own_state(house):
    """Basic says Done and Agile says Closed: the process is asked, not guessed."""
    await house.boards.create((set_field("System.Title", title(house.incident)),), work_item_type="Bug")
    await house.sweep()
    assert [item["fields"]["System.State"] for item in house.items("Bug")] == ["Closed"]


async def test_of_two_tasks_for_one_person_one_stays(house):
    """The task in the checkpoint stays; one that a person made beside it is not touched."""
    (kept,) = house.open_items("Task")
    twin = await house.twin_task()
    async with house.human() as human:
        theirs = await house.twin_task(human)
    assert told(await house.sweep()) == {("task", "repaired"): 1}
    assert house.open_items("Task") == [kept, theirs.id]
    assert (await house.boards.get(twin.id)).is_duplicate_with(kept)
    assert (await house.sweep()).findings == ()


async def test_the_checkpoints_task_stays_also_when_it_is_not_the_lowest(house):
    """Whichever task the launch knows of is the one that counts."""
    (lower,), twin = house.open_items("Task"), await house.twin_task()
    await house.point("assign", f'"task_id":{lower}', f'"task_id":{twin.id}')
    await house.sweep()
    assert house.open_items("Task") == [twin.id]


async def test_other_tasks_of_the_same_name_stay(house):
    """Two tasks that nobody made for a person on call are somebody else's business."""
    parent = add_relation(PARENT, house.boards.api_url((await house.result("create-work-item"))["id"]))
    for _ in range(2):
        await house.boards.create((set_field("System.Title", "Write the report"), parent), work_item_type="Task")
    assert (await house.sweep()).findings == ()


async def test_of_two_announcements_one_stays(house):
    """The one in the checkpoint stays; the other, sent again without its mentions, is deleted."""
    (kept,) = await house.messages()
    await house.poster.post(await house.channel(), await house.announced())
    assert told(await house.sweep()) == {("announcement", "repaired"): 1}
    assert await house.messages() == [kept]
    assert (await house.sweep()).findings == ()


async def test_the_checkpoints_announcement_stays_also_when_it_is_not_the_first(house):
    """Whichever message the launch knows of is the one that counts."""
    (first,) = await house.messages()
    second = await house.poster.post(await house.channel(), await house.announced())
    await house.point("announce", first, second.id)
    await house.sweep()
    assert await house.messages() == [second.id]


async def test_the_same_words_of_another_application_stay(house):
    """A bot that repeats what ours says is not ours."""
    await house.quoted_by({"application": {"id": "another", "displayName": "Echo"}, "device": None, "user": None})
    assert (await house.sweep()).findings == ()
    assert len(await house.messages()) == 2


async def test_other_messages_of_ours_and_of_people_stay(house):
    """Another message of the bot about the incident, and a person who quotes the announcement, are no duplicates."""
    announced = await house.announced()
    mended = {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "Mended."}]}
    card = {**announced.card, "body": [*announced.card["body"], mended]}
    update = Announcement(announced.marker, announced.summary, card)
    await house.poster.post(await house.channel(), update)
    person = house.settings.model_copy(update={"posting": "delegated"})
    async with open_poster(person, house.teams, None) as quoting:
        await quoting.post(await house.channel(), announced)
    assert (await house.sweep()).findings == ()
    assert len(await house.messages()) == 3


async def test_a_second_channel_is_reported_and_never_archived(house):
    """People may be talking there: the sweep names both channels and touches neither; archived by them, it is done."""
    second = await house.teams.create_channel("inc-second", description(house.incident))
    await house.teams.create_channel("a persons own", f"about {house.incident.id}")
    swept = await house.sweep()
    assert told(swept) == {("channel", "left"): 1}
    assert (swept.findings[0].id, swept.findings[0].kept) == (second.id, (await house.channel()).id)
    assert not [listed for listed in await house.teams.channels() if listed.archived]
    house.team.channels.archive(house.team.channels.get(second.id), archived=True)
    assert (await house.sweep()).findings == ()


async def test_without_a_wish_to_heal_nothing_is_changed(house):
    """What would be repaired is found and told, and neither the board nor the table changes."""
    await house.twin()
    before = house.board.state()
    assert told(await house.sweep(repair=False)) == {("work-item", "found"): 1}
    assert house.board.state() == before
    assert await house.rows() == {}


async def test_two_sweeps_at_once_heal_once(house):
    """Whoever comes second finds it done: one note, one link, and one of the two counts it."""
    twin = await house.twin()
    await house.twin_task()
    await house.poster.post(await house.channel(), await house.announced())
    swept = await asyncio.gather(house.sweep(), house.sweep())
    assert sum(each.count(RepairOutcome.REPAIRED) for each in swept) == 3
    assert sum(each.count(RepairOutcome.FAILED) for each in swept) == 0
    assert len((await house.boards.get(twin.id)).relations) == 1
    assert set((await house.rows()).values()) == {"repaired"}


async def test_a_lost_answer_to_a_healing_is_no_failure(house):
    """The closing was applied and its answer lost: it is asked again, found done, and counted."""
    twin = await house.twin()
    house.server.faults.add({"system": "boards", "method": "PATCH", "behaviour": "drop-after"})
    assert told(await house.sweep()) == {("work-item", "repaired"): 1}
    assert len((await house.boards.get(twin.id)).relations) == 1


async def test_a_look_that_fails_is_told_and_stops_no_other(house):
    """While Boards refuses queries the channel is still looked at."""
    await house.poster.post(await house.channel(), await house.announced())
    house.server.faults.add({"system": "boards", "path": "wiql", "behaviour": "status", "status": 403, "times": None})
    assert told(await house.sweep()) == {("create-work-item", "failed"): 1, ("announcement", "repaired"): 1}


async def test_a_launch_under_way_is_left_to_its_steps(house):
    """Before the work item's step is done its own look decides which item counts."""
    house.incident = Incident(key="now", event=Event(title="Now", key="now"), received_at=datetime.now(UTC))
    await house.stores.incidents.lease(house.incident, [])
    await house.stores.listing.add(house.incident)
    await house.twin()
    await house.twin()
    swept = await house.sweep()
    assert (swept.incidents, swept.findings) == (2, ())


async def test_what_was_not_touched_lately_is_not_looked_at(house):
    """The look goes back as far as it is told to."""
    await asyncio.sleep(0)
    moment = datetime.now(UTC) + timedelta(minutes=1)
    assert await house.stores.listing.touched_since(moment) == []
    assert await house.stores.listing.touched_since(moment - LATELY) == [house.incident.id]


class TestDelegated:
    """The route that posts in a person's name."""

    @pytest.fixture
    def posting(self):
        return "delegated"

    async def test_without_the_right_to_delete_it_is_reported(self, house):
        """A duplicate that may not be deleted stays, and the report says which consent is missing."""
        await house.poster.post(await house.channel(), await house.announced())
        refusal = {"method": "POST", "path": "softDelete$", "behaviour": "status", "status": 403}
        house.server.faults.add({"system": "graph", **refusal})
        swept = await house.sweep()
        assert told(swept) == {("announcement", "failed"): 1}
        assert "ChannelMessage.ReadWrite" in swept.findings[0].because

    async def test_the_second_one_is_deleted_softly(self, house):
        """With the consent the older one stays; the deletion names the younger one."""
        (kept,) = await house.messages()
        posted = await house.poster.post(await house.channel(), await house.announced())
        accepted = {"method": "POST", "path": "softDelete$", "behaviour": "status", "status": 204, "body": ""}
        house.server.faults.add({"system": "graph", **accepted})
        swept = await house.sweep()
        assert [(each.id, each.kept, each.outcome) for each in swept.findings] == [(posted.id, kept, "repaired")]
        assert f"{posted.id}/softDelete" in house.server.requests.listing()[-1]["path"]
