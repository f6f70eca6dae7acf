"""People who change work items on the Boards stand-in, by what the sandbox is asked for."""

import json
import re
from pathlib import Path

import pytest

from worker.sandbox.boards import Boards
from worker.sandbox.harness.server import SandboxServer
from worker.sandbox.world import DEFAULT_WORLD

PAGE = Path(__file__).parents[4] / "docs" / "sandbox.md"
AMARA, BRUNO = DEFAULT_WORLD.people[0], DEFAULT_WORLD.people[1]


def nested(levels):
    value = "x"
    for _ in range(levels):
        value = {"displayName": value}
    return value


async def test_a_person_changes_an_item_under_their_own_name(organisation):
    """State, assignee, title, priority and a comment are one revision by that person."""
    item = await organisation.create(kind="Bug")
    change = {"state": "Active", "assignee": BRUNO.email, "title": "EU only", "severity": "1 - Critical", "priority": 1}
    await organisation.as_person(item.id, by=AMARA.email, comment="<b>Found it</b>", **change)
    read = await organisation.call("get_work_item", item.id)
    comments = await organisation.call("get_comments", "Incidents", item.id)
    assert (read.rev, read.fields["System.ChangedBy"]["uniqueName"]) == (2, AMARA.email)
    assert read.fields["System.AssignedTo"]["uniqueName"] == BRUNO.email
    assert read.fields["Microsoft.VSTS.Common.Severity"] == "1 - Critical"
    assert [(each.text, each.created_by.display_name) for each in comments.comments] == [
        ("<b>Found it</b>", AMARA.name)
    ]
    assert (await organisation.as_person(item.id, by=AMARA.email, assignee=""))["fields"].get(
        "System.AssignedTo"
    ) is None


async def test_a_person_links_and_unlinks(organisation):
    """To an address, and to another item; at the other end it is an update without a revision."""
    item, other = await organisation.create(), await organisation.create("Other")
    await organisation.as_person(item.id, by=BRUNO.name, link="https://wiki.example/runbook")
    await organisation.as_person(item.id, by=BRUNO.name, link=other.id)
    links = (await organisation.as_person(item.id, by=BRUNO.name, unlink="https://wiki.example/runbook"))["links"]
    assert [link["target"] for link in links] == [other.id]
    updates = await organisation.call("get_updates", other.id)
    assert [update.rev for update in updates] == [1, 1]
    assert updates[1].relations.added[0].rel == "System.LinkTypes.Related"


async def test_a_person_deletes_an_item(organisation):
    """Nobody reads it any more."""
    item = await organisation.create()
    await organisation.as_person(item.id, by=BRUNO.name, deleted=True)
    assert (await organisation.control(f"work-items/{item.id}", by=BRUNO.name, title="x")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": "x"}, "by"),
        ({"by": "nobody@contoso.example", "title": "x"}, "by"),
        ({"by": "dario@contoso.example", "title": "x"}, "by"),
        ({"by": AMARA.email}, "body"),
        ({"by": nested(41)}, "body"),
        ({"by": nested(30)}, "by"),
        ({"by": AMARA.email, "fields": {"System.AssignedTo": nested(60)}}, "body"),
        ({"by": AMARA.email, "colour": "red"}, "colour"),
        ({"by": AMARA.email, "fields": "red"}, "fields"),
        ({"by": AMARA.email, "unlink": 7}, "unlink"),
    ],
)
async def test_a_change_that_means_nothing_is_refused(organisation, body, field):
    """It names what is wrong, and makes no revision."""
    item = await organisation.create()
    answer = await organisation.control(f"work-items/{item.id}", **body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)
    assert (await organisation.call("get_work_item", item.id)).rev == 1


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"', b"[" * 10_000])
async def test_what_is_no_object_is_refused(organisation, body):
    """Whatever is sent, the answer says what is wanted."""
    for path in ("work-items/1", "process", "states", "rules"):
        answer = await organisation.http.post(f"{organisation.server.url}/sandbox/boards/{path}", content=body)
        assert (answer.status_code, answer.json()["error"]["field"]) == (400, "body")


async def test_what_people_do_is_kept_and_told(boards, clock, tmp_path, organisation):
    """A change by a person survives a restart as one by a program does, and whoever watches is told."""
    server = await SandboxServer.start([boards], data=tmp_path)
    before = server.changes.number
    answer = await organisation.http.post(f"{server.url}/sandbox/boards/process", json={"process": "CMMI"})
    assert answer.status_code == 200
    assert server.changes.number > before
    await server.close()
    restarted = Boards(DEFAULT_WORLD, clock=clock)
    again = await SandboxServer.start([restarted], data=tmp_path)
    await again.close()
    assert restarted.state()["processes"]["Incidents"]["process"] == "CMMI"


async def test_faults_of_boards_do_not_reach_people(organisation):
    """While Boards fail for programs, a person's change is made."""
    item = await organisation.create()
    await organisation.fault(system="boards", behaviour="status", status=503, times=None)
    assert (await organisation.as_person(item.id, by=AMARA.email, state="Doing"))["rev"] == 2


async def test_the_examples_of_the_page_can_be_typed_as_they_stand(organisation):
    """In their order, on a sandbox that has had one work item."""
    await organisation.create()
    examples = re.findall(r"curl -d '(\{.*\})' \$SANDBOX/sandbox/boards/(\S+)", PAGE.read_text())
    assert examples
    for body, path in examples:
        await organisation.arrange(path, **json.loads(body))
