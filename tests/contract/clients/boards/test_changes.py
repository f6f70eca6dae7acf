"""What people changed on a work item, read by the Boards client from the stand-in through the real SDK."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from patience import LIMIT

from worker.clients.boards import changes as boards_changes
from worker.clients.boards.items import CHILD, PARENT, add_relation, set_field
from worker.domain.errors import Gone, TocsinError
from worker.sandbox.boards import Boards as BoardsStandIn
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.world import DEFAULT_WORLD

AMARA, BRUNO = DEFAULT_WORLD.people[0], DEFAULT_WORLD.people[1]
TITLE = (set_field("System.Title", "Checkout is down"),)
START = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)


class Clock:
    now = START

    def __call__(self):
        return self.now

    def minute(self, number):
        self.now = START + timedelta(minutes=number)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def sandbox(clock):
    server = await SandboxServer.start([BoardsStandIn(DEFAULT_WORLD, clock=clock)])
    yield server
    await server.close()


@pytest.fixture
def change(sandbox, clock):
    """Change an item as a person does, so many minutes after it was made."""

    async def changed(minute, person, item, **body):
        clock.minute(minute)
        async with httpx.AsyncClient(verify=False, timeout=LIMIT) as http:
            url = f"{sandbox.url}/sandbox/boards/work-items/{item.id}"
            answer = await http.post(url, json={"by": person.email, **body})
        assert answer.status_code == 200, answer.text

    return changed


@pytest.fixture
async def item(boards):
    return await boards.create(TITLE)


def told(history):
    return [(change.at - START, change.kind.value, change.by.name, change.new or change.text) for change in history]


async def test_what_people_changed_is_told_in_order(boards, item, change):
    """State, assignee, title, comment and link, each with whom it was done by and when it was done."""
    await change(1, AMARA, item, state="Doing", assignee=AMARA.email)
    await change(2, BRUNO, item, comment="<p>It is the <b>valve</b></p>")
    await change(3, AMARA, item, title="Checkout EU is down", link="https://wiki.example/valve")
    history = await boards.changes.read(item.id)
    assert history.gaps == ()
    assert told(history.by_people) == [
        (timedelta(minutes=1), "state", AMARA.name, "Doing"),
        (timedelta(minutes=1), "assignee", AMARA.name, AMARA.name),
        (timedelta(minutes=2), "comment", BRUNO.name, "It is the valve"),
        (timedelta(minutes=3), "title", AMARA.name, "Checkout EU is down"),
        (timedelta(minutes=3), "link", AMARA.name, "https://wiki.example/valve"),
    ]


async def test_ours_are_known(boards, item, change, clock):
    """By the identity that made the item, or by the revision that a patch of ours left."""
    clock.minute(1)
    await boards.amend(item.id, lambda _: (set_field("System.State", "Doing"), set_field("System.History", "Said")))
    await boards.comments.add(item.id, "<p>ours</p>")
    await change(2, AMARA, item, state="Done")
    history = await boards.changes.read(item.id)
    assert [(change.kind.value, change.ours) for change in history.changes] == [
        ("state", True),
        ("comment", True),
        ("comment", True),
        ("state", False),
    ]
    assert (await boards.changes.read(item.id, our_revisions={4})).by_people == ()


async def test_only_what_was_since_a_moment(boards, item, change):
    """The moment itself included."""
    await change(1, AMARA, item, state="Doing")
    await change(2, AMARA, item, state="Done")
    history = await boards.changes.read(item.id, since=START + timedelta(minutes=2))
    assert [change.new for change in history.changes] == ["Done"]
    assert (await boards.changes.read(item.id, since=START + timedelta(minutes=3))).changes == ()


async def test_a_comment_that_is_worded_anew_is_told_twice(boards, item, change, sandbox, clock):
    """As it was said, and as it says now."""
    await change(1, AMARA, item, comment="It is the pump")
    clock.minute(2)
    async with httpx.AsyncClient(verify=False, timeout=LIMIT, auth=(AMARA.email, "a-token")) as http:
        url = f"{sandbox.url}/boards/Incidents/_apis/wit/workItems/{item.id}/comments"
        comment = (await http.get(url)).json()["comments"][0]["id"]
        answer = await http.patch(f"{url}/{comment}", json={"text": "It is the valve"})
        assert answer.status_code == 200, answer.text
    history = await boards.changes.read(item.id)
    assert told(history.by_people) == [
        (timedelta(minutes=1), "comment", AMARA.name, "It is the pump"),
        (timedelta(minutes=2), "comment", AMARA.name, "It is the valve"),
    ]


async def test_a_link_made_at_the_other_end_is_told(boards, item, clock):
    """A task that is put under the item is a change of the item as well, at its own time."""
    clock.minute(4)
    await boards.create((*TITLE, add_relation(PARENT, boards.api_url(item.id))), work_item_type="Task")
    (linked,) = (await boards.changes.read(item.id)).changes
    assert (linked.field, linked.at - START, linked.ours) == (CHILD, timedelta(minutes=4), True)


async def test_many_updates_come_in_pages_and_not_for_ever(boards, item, change, monkeypatch):
    """Every page is read, up to a bound, and what is beyond is told as a gap."""
    monkeypatch.setattr(boards_changes, "_IN_A_PAGE", 2)
    for minute in range(1, 5):
        await change(minute, AMARA, item, title=f"Title {minute}")
    whole = await boards.changes.read(item.id)
    assert [change.new for change in whole.changes] == [f"Title {minute}" for minute in range(1, 5)]
    monkeypatch.setattr(boards_changes, "_PAGES", 2)
    history = await boards.changes.read(item.id)
    assert [change.new for change in history.changes] == [f"Title {minute}" for minute in range(1, 4)]
    assert history.gaps == (f"Of work item {item.id} only the first 4 updates were read.",)


async def test_what_can_be_read_is_told_without_the_comments(boards, item, change, sandbox):
    """Comments that cannot be listed are a gap; the updates say what was said all the same."""
    await change(1, AMARA, item, comment="It is the valve")
    sandbox.faults.add({"system": "boards", "path": "/comments", "behaviour": "status", "status": 403})
    history = await boards.changes.read(item.id)
    assert [change.text for change in history.changes] == ["It is the valve"]
    assert "could not be read" in history.gaps[0]


async def test_an_item_that_was_deleted_is_gone(boards, item, change):
    """Nothing is read of it, and it is not taken for one that nobody changed."""
    await change(1, AMARA, item, deleted=True)
    with pytest.raises(Gone):
        await boards.changes.read(item.id)


@pytest.mark.parametrize("body", [{"value": []}, "<html>Sign in</html>"])
async def test_an_answer_that_is_no_list_is_no_history(boards, item, sandbox, body):
    """A page to sign in, or anything else, is an error and not "nothing changed"."""
    answer = {"behaviour": "status", "status": 200, "body": body, "times": None}
    sandbox.faults.add({"system": "boards", "path": "/updates", **answer})
    with pytest.raises(TocsinError, match="list the updates"):
        await boards.changes.read(item.id)
