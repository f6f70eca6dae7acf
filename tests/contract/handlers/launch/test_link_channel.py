"""The step that links the channel on the work item and says who is on it, against Boards."""

import asyncio

import pytest

from handlers.launch.assign import Assign, Assigned, Assignment
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.link_channel import LinkChannel
from worker.clients.boards.items import HYPERLINK, add_relation
from worker.domain.errors import Gone, Unknown
from worker.engine.step import Done


def links(items):
    return [link["url"] for link in items()[0]["links"] if link["rel"] == HYPERLINK]


def history(items):
    return "\n".join(comment["text"] for comment in items()[0]["comments"])


def also(done, assigned):
    return Done({**done, Assign: assigned})


async def test_link_and_line_come_in_one_change(boards, incident, items, channel, launched):
    """The item links the channel and says who is on it, in a single revision."""
    people = (
        Assignment(name="Amara Okafor", email="a@x", outcome="assigned", holder="Amara Okafor"),
        Assignment(name="Bruno Costa", email="b@x", outcome="task", task_id=2),
        Assignment(name="Dario <Rossi>", email="d@x", outcome="unknown-identity"),
    )
    done = also(await launched("amara", "bruno", "dario"), Assigned(people=people))
    linked = await LinkChannel(boards).run(incident, done)
    assert (linked.work_item_id, linked.url) == (items()[0]["id"], channel.url)
    assert links(items) == [channel.url]
    assert items()[0]["rev"] == 2
    told = history(items)
    assert "inc-0000000000-checkout &lt;down&gt;" in told
    assert "Assigned to Amara Okafor" in told
    assert "Bruno Costa" in told
    assert "Dario &lt;Rossi&gt; (d@x) is unknown to Azure DevOps" in told


async def test_who_was_passed_over_is_named(boards, incident, items, launched):
    """Where a human's choice was kept, the line names both the holder and who is on call."""
    kept = Assignment(name="Amara Okafor", email="a@x", outcome="kept", holder="Edda Lind")
    await LinkChannel(boards).run(incident, also(await launched("amara"), Assigned(people=(kept,))))
    assert "Assigned to Edda Lind" in history(items)
    assert "Amara Okafor is on call" in history(items)


async def test_nobody_on_call_is_said_loudly(boards, incident, items, launched):
    """An empty roster is never silent."""
    done = also(await launched(note="The roster has no rows for checkout."), Assigned())
    await LinkChannel(boards).run(incident, done)
    assert "<b>Nobody is on call" in history(items)
    assert "no rows for checkout" in history(items)


async def test_a_roster_that_could_not_be_read_is_said_loudly(boards, incident, items, launched):
    """Without the look-up's result the line says that, and the link is made all the same."""
    await LinkChannel(boards).run(incident, await launched(looked_up=False))
    assert "<b>Who is on call could not be looked up" in history(items)
    assert len(links(items)) == 1


async def test_a_failed_assignment_is_said_loudly(boards, incident, items, launched):
    """Who should be there is named when assigning failed."""
    await LinkChannel(boards).run(incident, await launched("amara"))
    assert "<b>Not everybody could be assigned. On call: Amara Okafor" in history(items)


async def test_a_link_is_made_once(boards, incident, items, launched):
    """Run again, or found, it stays one link and one line."""
    done = await launched("amara")
    step = LinkChannel(boards)
    assert await step.find(incident, done) is None
    made = await step.run(incident, done)
    assert await step.run(incident, done) == made
    assert await step.find(incident, done) == made
    assert (len(links(items)), len(items()[0]["comments"])) == (1, 1)


async def test_two_workers_at_once_make_one_link(boards, incident, items, launched):
    """Workers that both read an item without the link leave it with one: the second one's revision has passed."""
    done = await launched("amara")
    made = await asyncio.gather(*(LinkChannel(boards).run(incident, done) for _ in range(4)))
    assert len(set(made)) == 1
    assert (len(links(items)), len(items()[0]["comments"])) == (1, 1)


@pytest.mark.parametrize("behaviour", ["drop-after", "drop-before"])
async def test_a_lost_answer_makes_no_second_link(  # pytest passes them by name
    boards, sandbox, incident, items, launched, behaviour
):
    """The step finds its link if the patch was applied, and makes it if it was not."""
    done = await launched("amara")
    step = LinkChannel(boards)
    sandbox.faults.add({"system": "boards", "method": "PATCH", "behaviour": behaviour})
    with pytest.raises(Unknown):
        await step.run(incident, done)
    found = await step.find(incident, done)
    assert (found is not None) is (behaviour == "drop-after")
    assert found or await step.run(incident, done)
    assert len(links(items)) == 1


async def test_a_refused_second_link_is_the_link(boards, sandbox, incident, items, launched):
    """Where the service refuses an equal link and it stands there by now, the step is done."""
    done = await launched("amara")
    url = done[CreateChannel].url
    read, calls = boards.get, []

    async def before_the_other(item_id):
        # The first reading is that of a moment before somebody else's identical link.
        item = await read(item_id)
        if not calls:
            calls.append(item_id)
            body = '{"message": "Relation already exists.", "typeKey": "RelationAlreadyExistsException"}'
            await boards.amend(item_id, lambda _: (add_relation(HYPERLINK, url),))
            sandbox.faults.add(
                {"system": "boards", "method": "PATCH", "behaviour": "status", "status": 400, "body": body}
            )
        return item

    boards.get = before_the_other
    assert (await LinkChannel(boards).run(incident, done)).url == url
    assert len(links(items)) == 1


async def test_a_deleted_item_is_gone(boards, incident, launched):
    """Nothing is recreated for somebody who deleted the item."""
    done = await launched("amara")
    await asyncio.to_thread(boards._connection._sdk.delete_work_item, done[CreateWorkItem].id)
    with pytest.raises(Gone):
        await LinkChannel(boards).run(incident, done)
