"""The lane that keeps the work item current: one patch, nothing of a person's fought, no older over a newer."""

import pytest

from handlers.launch.create_work_item import CreateWorkItem
from handlers.response.item_block import LeftBehind
from handlers.response.show_on_item import Patched, ShowOnItem, last_turn, say_what_was_not_done
from tests.contract.handlers.response.conftest import AT, entry_of, ref_of
from worker.clients.boards.items import set_field
from worker.domain.checkpoint import Checkpoint
from worker.domain.errors import Transient, Unknown
from worker.domain.incident import Incident
from worker.domain.states import StepState
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

BRUNO = DEFAULT_WORLD.people[1]


@pytest.fixture
def show(boards, incident, standing):
    """Let the item show a response; answers what came of it."""

    async def shown(response, says_so="Amara has it.", **more):
        standing.now = response
        given = {"state": response.state, "sets": {"state": response.state}, **more}
        entry = entry_of("acknowledged", response.seq, says_so, **given)
        return await ShowOnItem(boards, standing, entry).run(incident, Done())

    return shown


@pytest.fixture
def fields(boards, item):
    async def read():
        return (await boards.get(item.id)).fields

    return read


async def test_it_shows_state_owner_and_severity_in_one_patch(boards, item, show, response_of):
    """With the reason in its history, and the table at the head of what was said before."""
    before = await boards.get(item.id)
    await show(response_of("acknowledged", owner=ref_of(0), severity=2))
    after = await boards.get(item.id)
    description = after.fields["System.Description"]
    assert after.revision == before.revision + 1
    assert "Amara has it." in str(after.fields["System.History"])
    assert (after.state, after.assigned_to.name) == ("Doing", "Amara Okafor")
    assert after.fields["Microsoft.VSTS.Common.Priority"] == 2
    assert description.endswith(before.fields["System.Description"])
    assert "Acknowledged since 10:04 UTC: Amara Okafor has it." in description


async def test_the_history_names_what_moved_the_item_and_not_what_came_behind(boards, item, show, response_of):
    """A note that came before the item could be moved is no reason for the move."""
    await show(response_of("acknowledged", owner=ref_of(0)), "Restarted the pod.", sets={})
    history = str((await boards.get(item.id)).fields["System.History"])
    assert history.startswith("Acknowledged since 10:04 UTC")
    assert "Restarted" not in history


def test_of_several_entries_the_last_that_changed_the_state_is_the_reason():
    """Where none has, the newest stands for all."""
    turns = [entry_of("acknowledged", 4, "", sets={"state": "acknowledged"}), entry_of("note", 5, "")]
    assert last_turn([entry_of("note", 3, ""), *turns]).seq == 4
    assert last_turn(turns[1:]).seq == 5


async def test_what_is_so_already_is_no_patch(boards, item, show, response_of):
    """Another entry that changes nothing of it costs no revision, and mails nobody."""
    await show(response_of("acknowledged", owner=ref_of(0)))
    before = await boards.get(item.id)
    await show(response_of("acknowledged", seq=8, owner=ref_of(0)))
    assert (await boards.get(item.id)).revision == before.revision


async def test_the_table_is_rewritten_and_what_people_wrote_stays(boards, item, show, fields, response_of):
    """Before it and behind it."""
    await show(response_of())
    table = (await fields())["System.Description"]
    await boards.amend(item.id, lambda _: [set_field("System.Description", f"<p>above</p>{table}<p>below</p>")])
    await show(response_of("mitigated", seq=8, owner=ref_of(0)))
    written = (await fields())["System.Description"]
    assert "<p>above</p>" in written
    assert written.endswith("<p>below</p>")
    assert written.count("Kept current by Tocsin") == 1
    assert "nobody has it yet" not in written


async def test_an_older_one_is_never_written_over_a_newer(boards, item, show, response_of):
    """By a worker that was held up between reading and writing."""
    await show(response_of("resolved", seq=9, owner=ref_of(0)))
    newest = await boards.get(item.id)
    await show(response_of("acknowledged", seq=8, owner=ref_of(0)))
    assert await boards.get(item.id) == newest


async def test_what_a_person_moved_is_left_and_told_of_once(boards, item, show, administer, response_of):
    """Until the response goes on from there."""
    await show(response_of())
    await administer(f"work-items/{item.id}", by=BRUNO.email, state="Done")
    patched = await show(response_of("acknowledged", seq=8, owner=ref_of(0)))
    assert ((await boards.get(item.id)).state, patched.moved_to) == ("Done", "Done")
    again = await show(response_of("acknowledged", seq=9, owner=ref_of(0), phase="fixing"))
    assert again.moved_to == ""


async def test_whom_a_person_assigned_keeps_it(boards, item, show, administer, response_of):
    """And so does a severity that a person has set."""
    await administer(f"work-items/{item.id}", by=BRUNO.email, assignee=BRUNO.email, priority=4)
    await show(response_of("acknowledged", owner=ref_of(0), severity=2))
    after = await boards.get(item.id)
    assert after.assigned_to.name == BRUNO.name
    assert after.fields["Microsoft.VSTS.Common.Priority"] == 4


async def test_the_next_owner_follows_ours(boards, item, show, response_of):
    """Whom we assigned we may replace."""
    await show(response_of("acknowledged", owner=ref_of(0)))
    await show(response_of("acknowledged", seq=8, owner=ref_of(1)))
    assert (await boards.get(item.id)).assigned_to.name == BRUNO.name


async def test_what_a_rule_refuses_is_left_out_and_told(boards, item, show, administer, response_of):
    """The rest stands; it is said once for the state, with Azure Boards' own sentence, and tried again later."""
    await administer("rules", type="Issue", rule="forbid", state="Doing")
    patched = await show(response_of("acknowledged", owner=ref_of(0)))
    after = await boards.get(item.id)
    assert (after.state, after.assigned_to.name) == ("To Do", "Amara Okafor")
    (act,) = say_what_was_not_done(entry_of("acknowledged", 7, ""), made(patched))
    assert patched.refused.removeprefix("refused: ") in act.text
    assert act.id == "outcome:item-refused:acknowledged-0"


async def test_an_owner_whom_boards_does_not_know_stops_nothing(boards, item, show, response_of):
    """The state is set all the same."""
    stranger = ref_of(0).model_copy(update={"email": "nobody@contoso.example", "name": "Nobody"})
    patched = await show(response_of("acknowledged", owner=stranger))
    assert (await boards.get(item.id)).state == "Doing"
    assert patched.unknown_owner


async def test_after_a_lost_answer_to_decide_again_is_to_find(boards, item, show, sandbox, response_of):
    """One revision, whichever attempt made it."""
    sandbox.faults.add({"system": "boards", "method": "PATCH", "behaviour": "drop-after", "times": 1})
    before = await boards.get(item.id)
    with pytest.raises(Unknown):
        await show(response_of("acknowledged", owner=ref_of(0)))
    await show(response_of("acknowledged", owner=ref_of(0)))
    assert (await boards.get(item.id)).revision == before.revision + 1


async def test_a_declined_one_is_tagged(boards, item, show, response_of):
    """Beside the tags there are."""
    await show(response_of("declined", declined_because="A test of the alarm"))
    after = await boards.get(item.id)
    assert after.has_tag("declined")
    assert "A test of the alarm" in after.fields["System.Description"]


async def test_a_merged_one_is_a_duplicate_of_the_other(
    boards, incident, item, show, response_of, monkeypatch, standing
):
    """Linked once, whichever of the two is looked at."""
    later = incident.model_copy(update={"key": "another"})
    other = await CreateWorkItem(boards).run(Incident(**later.model_dump()), Done())
    own = standing.done

    async def launched(incident_id):
        return own if incident_id == incident.id else Done({CreateWorkItem: other})

    monkeypatch.setattr(standing, "launched", launched)
    await show(response_of("merged", merged_into="inc-0123456789"))
    await show(response_of("merged", seq=8, merged_into="inc-0123456789", phase="fixing"))
    after = await boards.get(item.id)
    assert after.is_duplicate_with(other.id)
    assert [each.item_id for each in after.relations] == [other.id]


async def test_without_a_work_item_it_waits(show, response_of):
    """The launch is still at it."""
    with pytest.raises(Transient):
        await show(response_of())


@pytest.mark.parametrize("name", ["To Do", "In Arbeit · neu", "<b>"])
def test_what_was_left_behind_is_read_again(name):
    """Whatever a process calls its states."""
    left = LeftBehind(7, 2, name.replace("·", " "), "ann@x.example")
    assert LeftBehind.of(f"<div>Kept current by Tocsin down to the line that says so{left}</div>") == left


def made(patched: Patched):
    result = patched.model_dump_json()
    return {ShowOnItem.name: Checkpoint(ShowOnItem.name, StepState.DONE, 1, begun_at=AT, result=result)}
