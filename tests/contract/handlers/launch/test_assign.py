"""The step that gives the incident to the people on call, part by part, against Boards."""

import asyncio

import pytest

from handlers.launch.assign import Assign, Assigned
from handlers.launch.create_work_item import CreateWorkItem
from worker.clients.boards.items import set_field
from worker.domain.errors import Gone, Unknown

ASSIGNED_TO = "System.AssignedTo"


async def carried_out(boards, incident, done):
    """All parts at the same time, as a launch takes them."""
    step = Assign(boards)
    made = await asyncio.gather(*(part.run(incident, done) for part in step.parts(incident, done)))
    return step.gather(made)


def holders(items):
    """Types and people; tasks are made at the same time, so their order means nothing."""
    first, *tasks = [(each["type"], each["fields"].get(ASSIGNED_TO, {}).get("displayName")) for each in items()]
    return [first, *sorted(tasks)]


async def test_the_first_owns_the_item_and_the_others_have_tasks(boards, incident, items, launched):
    """One stands in AssignedTo; each other person has a task whose parent is the item."""
    assigned = await carried_out(boards, incident, await launched("amara", "bruno", "chiyo"))
    assert [each.outcome for each in assigned.people] == ["assigned", "task", "task"]
    assert assigned.holder == "Amara Okafor"
    assert holders(items) == [("Issue", "Amara Okafor"), ("Task", "Bruno Costa"), ("Task", "Chiyo Tanaka")]
    for task in items()[1:]:
        assert task["fields"]["System.Parent"] == items()[0]["id"]
        assert incident.id in task["fields"]["System.Title"]


async def test_tasks_are_not_taken_for_the_item(boards, incident, launched):
    """Tasks name the incident too, and the look-up by title still finds the item itself."""
    done = await launched("amara", "bruno")
    await carried_out(boards, incident, done)
    found = await CreateWorkItem(boards).find(incident, done)
    assert found is not None
    assert found.id == done[CreateWorkItem].id


async def test_an_unknown_person_blocks_nobody(boards, incident, items, launched):
    """Who is unknown to Boards is named in the result; all others are assigned."""
    assigned = await carried_out(boards, incident, await launched("amara", "dario", "chiyo"))
    assert [each.outcome for each in assigned.people] == ["assigned", "unknown-identity", "task"]
    assert [each.name for each in assigned.unknown] == ["Dario Rossi"]
    assert holders(items) == [("Issue", "Amara Okafor"), ("Task", "Chiyo Tanaka")]


async def test_an_unknown_owner_is_stood_in_for(boards, incident, items, launched):
    """The next person whom Boards knows owns the item rather than nobody."""
    assigned = await carried_out(boards, incident, await launched("dario", "nobody", "chiyo"))
    assert [each.outcome for each in assigned.people] == ["unknown-identity", "unknown-identity", "task"]
    assert assigned.holder == "Chiyo Tanaka"
    assert holders(items)[0] == ("Issue", "Chiyo Tanaka")


async def test_people_whom_nobody_knows_leave_the_item_free(boards, incident, items, launched):
    """Where Boards knows none of them, the item is nobody's and the result says so."""
    assigned = await carried_out(boards, incident, await launched("dario", "nobody"))
    assert (len(assigned.unknown), assigned.holder) == (2, "")
    assert holders(items) == [("Issue", None)]


async def test_a_humans_choice_stands(boards, incident, items, launched):
    """Somebody whom a human put there is kept, and named."""
    done = await launched("amara")
    await boards.amend(done[CreateWorkItem].id, lambda _: (set_field(ASSIGNED_TO, "edda@contoso.example"),))
    assigned = await carried_out(boards, incident, done)
    assert [(each.outcome, each.holder) for each in assigned.people] == [("kept", "Edda Lind")]
    assert holders(items) == [("Issue", "Edda Lind")]


async def test_a_human_who_is_quicker_than_us_stands_too(boards, incident, items, launched):
    """A choice made between our reading and our patch is read again, and kept."""
    done = await launched("amara")
    read = boards.get
    human = iter([True])

    async def slowly(item_id):
        item = await read(item_id)
        if next(human, False):
            await boards.amend(item_id, lambda _: (set_field(ASSIGNED_TO, "edda@contoso.example"),))
        return item

    boards.get = slowly
    assigned = await carried_out(boards, incident, done)
    assert assigned.people[0].outcome == "kept"
    assert holders(items) == [("Issue", "Edda Lind")]


async def test_nobody_on_call_is_an_empty_result(boards, incident, launched):
    """Without people there is nothing to do, and that is a result."""
    assert await carried_out(boards, incident, await launched()) == Assigned()


async def test_a_person_named_twice_is_asked_once(boards, incident, launched):
    """Two rows of one address are one person, whatever their case."""
    parts = Assign(boards).parts(incident, await launched("amara", "bruno", "amara"))
    assert len(parts) == 2


async def test_labels_are_the_same_in_every_attempt(boards, incident, launched):
    """The names of the checkpoints depend on the people alone, and are fit for a key."""
    done = await launched("amara", "bruno", "chiyo")
    labels = [part.label for part in Assign(boards).parts(incident, done)]
    assert labels == [part.label for part in Assign(boards).parts(incident, done)]
    assert labels[0] == "owner"
    assert len(set(labels)) == 3
    assert all(len(label) <= 64 and set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for label in labels)


@pytest.mark.parametrize("behaviour", ["drop-after", "drop-before"])
@pytest.mark.parametrize(("method", "person"), [("PATCH", 0), ("POST", 1)])
async def test_a_lost_answer_makes_no_second_one(  # pytest passes them by name
    boards, sandbox, incident, items, launched, behaviour, method, person
):
    """A part whose answer was lost is found if it was applied, and only run again if it was not."""
    done = await launched("amara", "bruno")
    part = Assign(boards).parts(incident, done)[person]
    sandbox.faults.add({"system": "boards", "method": method, "behaviour": behaviour})
    with pytest.raises(Unknown):
        await part.run(incident, done)
    found = await part.find(incident, done)
    assert (found is not None) is (behaviour == "drop-after")
    again = found or await part.run(incident, done)
    assert again.outcome == ("task" if person else "assigned")
    assert len(items()) == 1 + person


async def test_a_task_is_found_though_somebody_renamed_it(boards, incident, launched):
    """A task that still names the incident and its person is theirs, whatever else its title says."""
    done = await launched("amara", "bruno")
    responder = Assign(boards).parts(incident, done)[1]
    made = await responder.run(incident, done)
    await boards.amend(made.task_id, lambda _: (set_field("System.Title", f"DuplicateFinder into {incident.id}"),))
    assert await responder.find(incident, done) == made


async def test_a_deleted_item_is_gone(boards, incident, launched):
    """Who deletes the item in the middle of a launch is told; nothing is made anew."""
    done = await launched("amara", "bruno")
    await asyncio.to_thread(boards._connection._sdk.delete_work_item, done[CreateWorkItem].id)
    owner, responder = Assign(boards).parts(incident, done)
    with pytest.raises(Gone):
        await owner.run(incident, done)
    with pytest.raises(Gone):
        await responder.find(incident, done)
    with pytest.raises(Gone):
        await responder.run(incident, done)
