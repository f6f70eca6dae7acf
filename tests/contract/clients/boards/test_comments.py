"""The one comment that the Boards client keeps up to date, against the stand-in through the real SDK."""

import asyncio
import time

import httpx
import pytest
from patience import LIMIT

from worker.clients.boards.errors import RevisionMoved
from worker.clients.boards.items import set_field
from worker.domain.errors import Forbidden, Gone, Throttled, Transient, Unknown, Unreachable
from worker.domain.event import Severity
from worker.resilience.send_deadline import SendDeadline, sending_before
from worker.sandbox.world import DEFAULT_WORLD

MARKER = "alerts:0123456789"
AMARA = DEFAULT_WORLD.people[0]
TITLE = (set_field("System.Title", "Checkout is down"),)
ADD = {"system": "boards", "method": "POST", "path": "/comments$"}
CHANGE = {"system": "boards", "method": "PATCH", "path": r"/comments/\d+$"}


def sends(sandbox, where):
    """How often comments were asked for, added or changed, the requests cut off included."""
    sent = [each["path"] for each in sandbox.requests.listing() if each["method"] == where["method"]]
    return sum("/comments" in path for path in sent)


def told(alerts):
    return f"<p>{alerts} alerts ({MARKER})</p>"


@pytest.fixture
async def item(boards):
    return await boards.create(TITLE)


@pytest.fixture
def comments(stand_in):
    """What the first work item's discussion says, in the order in which it began."""

    def texts() -> list[str]:
        return [comment["text"] for comment in stand_in.state()["work_items"][0]["comments"]]

    return texts


@pytest.fixture
def said_by_amara(sandbox):
    """Lets a person comment on a work item."""

    async def say(item_id: int, text: str) -> int:
        path = f"{sandbox.url}/boards/{DEFAULT_WORLD.project}/_apis/wit/workItems/{item_id}/comments"
        async with httpx.AsyncClient(verify=False, timeout=LIMIT, auth=(AMARA.email, "secret")) as http:
            answer = await http.post(path, json={"text": text})
        return int(answer.raise_for_status().json()["id"])

    return say


async def test_the_note_is_made_once_and_changed_from_then_on(boards, item, comments):
    """Whether its id is known or has to be looked for, there is one comment, and it says the newest."""
    first = await boards.comments.upsert(item.id, MARKER, told(2))
    known = await boards.comments.upsert(item.id, MARKER, told(3), known=first)
    assert comments() == [told(3)]
    assert await boards.comments.upsert(item.id, MARKER, told(4)) == known == first
    assert comments() == [told(4)]


async def test_a_known_note_costs_one_request(boards, item, sandbox):
    """Nothing is looked for when the id is known."""
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    before = len(sandbox.requests.listing())
    await boards.comments.upsert(item.id, MARKER, told(3), known=note)
    assert len(sandbox.requests.listing()) == before + 1


async def test_a_note_that_says_so_already_is_left_alone(boards, item, sent):
    """What was applied without an answer is found, and is no revision a second time."""
    await boards.comments.upsert(item.id, MARKER, told(2))
    await boards.comments.upsert(item.id, MARKER, told(2))
    assert sent("PATCH") == []
    assert (await boards.get(item.id)).revision == 2


async def test_a_person_who_quotes_the_marker_wrote_no_note(boards, item, comments, said_by_amara):
    """What somebody says of the note, be it earlier, is neither taken for it nor written over."""
    await said_by_amara(item.id, f"What is {MARKER}?")
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    await boards.comments.upsert(item.id, MARKER, told(3))
    assert comments() == [f"What is {MARKER}?", told(3)]
    assert (await boards.comments.find(item.id, MARKER)).id == note


async def test_a_note_that_somebody_deleted_is_made_again(boards, item, comments):
    """A known comment that is not there any more is looked for, and made when there is none."""
    assert await boards.comments.upsert(item.id, MARKER, told(2), known=99)
    assert comments() == [told(2)]


async def test_a_note_is_found_beyond_the_first_page(boards, item, sandbox):
    """A long discussion is read on to its end."""
    comment = {"workItemId": item.id, "id": 1, "text": "chatter"}
    page = {"comments": [comment], "continuationToken": "1"}
    await boards.comments.add(item.id, told(1))
    note = await boards.comments.add(item.id, told(2))
    fault = {"behaviour": "status", "status": 200, "body": page, "headers": {"Content-Type": "application/json"}}
    sandbox.faults.add({"system": "boards", "method": "GET", "path": r"/comments\?", **fault})
    assert (await boards.comments.find(item.id, MARKER)).id == note
    assert "continuationToken=1" in sandbox.requests.listing()[-1]["path"]


async def test_an_endless_discussion_is_not_read_for_ever(boards, item, sandbox):
    """A listing whose pages never end is left after ten."""
    page = {"comments": [], "continuationToken": "1"}
    fault = {"behaviour": "status", "status": 200, "body": page, "headers": {"Content-Type": "application/json"}}
    sandbox.faults.add({"system": "boards", "method": "GET", "path": r"/comments\?", "times": None, **fault})
    assert await boards.comments.find(item.id, MARKER) is None
    assert sends(sandbox, {"method": "GET"}) == 10


async def test_a_deleted_item_takes_no_note(boards, item):
    """Without the item there is nothing to look in, to add to or to change."""
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    await asyncio.to_thread(boards._connection._sdk.delete_work_item, item.id)
    for call in (
        boards.comments.upsert(item.id, MARKER, told(3), known=note),
        boards.comments.find(item.id, MARKER),
        boards.comments.add(item.id, told(3)),
        boards.comments.update(item.id, note, told(3)),
    ):
        with pytest.raises(Gone, match=f"work item {item.id}"):
            await call


async def test_another_ones_comment_is_not_ours_to_change(boards, item, said_by_amara):
    """The service's refusal is permanent and says which comment was meant."""
    theirs = await said_by_amara(item.id, "mine")
    with pytest.raises(Forbidden, match=f"change the comment {theirs} of work item {item.id}"):
        await boards.comments.update(item.id, theirs, told(2))


@pytest.mark.parametrize(
    "fault",
    [
        {"behaviour": "status", "status": 408},
        {"behaviour": "status", "status": 500},
        {"behaviour": "status", "status": 200, "body": "{}"},
        {"behaviour": "apply-then-status", "status": 503},
        {"behaviour": "drop-before"},
        {"behaviour": "drop-after"},
    ],
    ids=lambda fault: f"{fault['behaviour']}-{fault.get('status', '')}",
)
async def test_a_doubtful_note_is_sent_once_and_ends_as_one(boards, item, sandbox, comments, fault):
    """Whether it was applied nobody knows; the next note is the only one either way."""
    note = None
    for where in (ADD, CHANGE):
        before = sends(sandbox, where)
        sandbox.faults.add({**where, **fault})
        with pytest.raises(Unknown, match="comment"):
            await boards.comments.upsert(item.id, MARKER, told(2), known=note)
        assert sends(sandbox, where) == before + 1
        note = await boards.comments.upsert(item.id, MARKER, told(1))
        assert comments() == [told(1)]


@pytest.mark.parametrize("status", [409, 412, 429])
async def test_a_note_that_was_not_applied_is_sent_again_in_place(boards, item, sandbox, comments, status):
    """Somebody's patch at the same moment, or a throttle, costs a moment."""
    for where in (ADD, CHANGE):
        sandbox.faults.add({**where, "behaviour": "status", "status": status})
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    await boards.comments.upsert(item.id, MARKER, told(3), known=note)
    assert comments() == [told(3)]
    assert [sends(sandbox, where) for where in (ADD, CHANGE)] == [2, 2]


@pytest.mark.parametrize(("status", "error"), [(409, RevisionMoved), (429, Throttled)])
async def test_a_note_that_is_never_let_in_is_left_for_later(boards, item, sandbox, status, error):
    """Three tries are enough, after which nothing is in doubt."""
    sandbox.faults.add({**ADD, "behaviour": "status", "times": None, "status": status})
    with pytest.raises(error):
        await boards.comments.upsert(item.id, MARKER, told(2))
    assert sends(sandbox, ADD) == 3


@pytest.mark.parametrize("body", ["null", '{"comments": [{}]}', "<html>"])
async def test_a_listing_in_another_form_is_no_listing(boards, item, sandbox, body):
    """Above all it is never taken for a discussion without the note, which would be answered with a second one."""
    fault = {"status": 200, "body": body, "headers": {"Content-Type": "application/json"}, "times": None}
    sandbox.faults.add({"system": "boards", "path": r"/comments\?", "behaviour": "status", **fault})
    with pytest.raises(Unreachable):
        await boards.comments.upsert(item.id, MARKER, told(2))
    assert sends(sandbox, ADD) == 0


async def test_no_note_leaves_after_its_deadline(boards, item, comments):
    """A worker that stood still neither adds nor changes."""
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    with sending_before(SendDeadline(time.monotonic() + 1)):
        for write in (boards.comments.add(item.id, told(3)), boards.comments.update(item.id, note, told(3))):
            with pytest.raises(Transient, match="stood still"):
                await write
    assert comments() == [told(2)]


async def test_a_note_between_reading_and_patching_lets_the_patch_decide_anew(boards, item, sandbox, sent):
    """A note is a revision of its item, so the guard of a patch that was decided before it refuses."""
    note = await boards.comments.upsert(item.id, MARKER, told(2))
    patch = {"system": "boards", "method": "PATCH", "path": r"/workItems/\d+\?"}
    sandbox.faults.add({**patch, "behaviour": "delay", "seconds": 60})
    seen = []

    def decide(read):
        seen.append(read.revision)
        return (set_field("System.State", "Doing"),)

    amending = asyncio.create_task(boards.amend(item.id, decide))
    async with asyncio.timeout(LIMIT):
        while not sent("PATCH"):
            await asyncio.sleep(0.01)
    await boards.comments.upsert(item.id, MARKER, told(3), known=note)
    sandbox.faults.clear()
    assert (await amending).state == "Doing"
    assert seen == [2, 3]


async def test_severity_state_and_history_go_in_one_guarded_patch(connect):
    """What an incident became is one revision: urgency where the type has it, the state, and why."""
    async with connect(work_item_type="Bug") as bugs:
        fields = await bugs.types.field_map()
        bug = await bugs.create((*TITLE, *fields.urgency(Severity.MEDIUM)))
        states = await bugs.types.states("Bug")
        assert not states.is_over(bug.state)
        patch = (set_field("System.State", states.closed), set_field("System.History", "All members have resolved."))
        changed = await bugs.amend(bug.id, lambda _: (*fields.urgency(Severity.CRITICAL), *patch))
        assert states.is_over(changed.state)
    assert changed.revision == bug.revision + 1
    assert changed.fields["Microsoft.VSTS.Common.Severity"] == "1 - Critical"
    assert changed.fields["System.History"] == "All members have resolved."
