"""The Boards client against the stand-in, through the real SDK: create, read, change, find."""

import asyncio
import logging
from datetime import timedelta

import pytest
from azure.devops import _file_cache
from patience import LIMIT

from worker.clients.boards.client import Boards
from worker.clients.boards.errors import RefusedByRule, RevisionMoved, UnknownIdentity
from worker.clients.boards.fields import PRIORITY, SEVERITY
from worker.clients.boards.items import DUPLICATE_OF, HYPERLINK, PARENT, add_relation, add_tag, set_field
from worker.domain.errors import Gone, Misconfigured, Rejected
from worker.domain.event import Severity
from worker.settings import Settings

TITLE = "System.Title"
ASSIGNED_TO = "System.AssignedTo"


def titled(title):
    return (set_field(TITLE, title),)


async def until(condition):
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_created_item_is_read_back_with_its_page(boards, sandbox):
    """What is created has an id, a first revision and a page for people."""
    made = await boards.create(titled("Checkout is down"))
    assert (made.title, made.revision) == ("Checkout is down", 1)
    assert made.page.startswith(sandbox.url)
    assert "_workitems/edit" in made.page
    assert (await boards.get(made.id)).title == made.title


async def test_an_item_is_found_by_the_id_at_the_head_of_its_title(boards, incident):
    """Titles that merely mention the id are not taken for the incident's own item."""
    await boards.create(titled(f"On call for [{incident.id}]: Ann"))
    own = await boards.create(titled(f"[{incident.id}] Checkout is down"))
    found = await boards.find(incident)
    assert found is not None
    assert found.id == own.id


async def test_nothing_is_found_where_nothing_was_made(boards, incident):
    """An incident without an item is answered by None."""
    await boards.create(titled("[inc-0000000000] Another incident"))
    assert await boards.find(incident) is None


async def test_of_several_items_the_lowest_id_wins(boards, incident):
    """Every worker that finds two items of one incident takes the same one."""
    ids = [(await boards.create(titled(f"[{incident.id}] {number}"))).id for number in range(3)]
    found = await boards.find(incident)
    assert found is not None
    assert found.id == min(ids)


@pytest.mark.parametrize("key", ["it's", "') OR [System.Id] > 0 --", 'a "quoted" key', "k" * 1_000])
async def test_an_item_is_found_by_its_key_field(connect, incident_of, key):
    """Whatever the key contains, it is a mere text within the query, and only the exact key matches."""
    incident = incident_of(key)
    async with connect(key_field="Custom.IncidentKey") as boards:
        fields = await boards.types.field_map()
        await boards.create((*titled("upper"), set_field("Custom.IncidentKey", key.upper()[:255])))
        own = await boards.create((*titled("own"), *fields.key(incident)))
        found = await boards.find(incident)
    assert found is not None
    assert found.id == own.id


async def test_a_deleted_item_is_gone(boards, sandbox, incident):
    """A deleted item is neither read nor found."""
    made = await boards.create(titled(f"[{incident.id}] x"))
    await asyncio.to_thread(boards._connection._sdk.delete_work_item, made.id)
    with pytest.raises(Gone, match=f"read work item {made.id}.*recycle bin"):
        await boards.get(made.id)
    assert await boards.find(incident) is None


async def test_an_item_is_changed_only_as_it_was_read(boards, sandbox, sent):
    """A human's change between our reading and our patch is read, and decided about anew."""
    made = await boards.create(titled("before"))
    sandbox.faults.add({"system": "boards", "method": "PATCH", "behaviour": "delay", "seconds": 60})
    seen = []

    def decide(item):
        seen.append(item.title)
        return (set_field("System.Description", f"was {item.title}"),)

    changing = asyncio.create_task(boards.amend(made.id, decide))
    await until(lambda: len(sent("PATCH")) == 1)
    await boards.amend(made.id, lambda _: titled("a human's"))
    sandbox.faults.clear()
    changed = await changing
    assert seen == ["before", "a human's"]
    assert changed.fields["System.Description"] == "was a human's"
    assert changed.title == "a human's"


async def test_an_item_that_never_rests_is_left_for_later(boards, sandbox, sent):
    """After five rounds somebody else's changes win for now."""
    made = await boards.create(titled("restless"))
    sandbox.faults.add({"system": "boards", "method": "PATCH", "behaviour": "status", "status": 409, "times": None})
    with pytest.raises(RevisionMoved):
        await boards.amend(made.id, lambda _: titled("again"))
    assert len(sent("PATCH")) == 5


async def test_nothing_is_sent_when_nothing_is_to_change(boards, sent):
    """A decision without operations sends no patch."""
    made = await boards.create(titled("as it should be"))
    assert (await boards.amend(made.id, lambda _: ())).revision == made.revision
    assert sent("PATCH") == []


async def test_an_unknown_person_is_told_apart(boards):
    """Somebody whom the organisation does not know is refused as such, with what to do."""
    with pytest.raises(UnknownIdentity, match=r"gone@contoso.example.*organisation"):
        await boards.create((*titled("x"), set_field(ASSIGNED_TO, "gone@contoso.example")))


async def test_a_known_person_is_read_back(boards):
    """The service answers with its own idea of a person, which answers to address and name."""
    made = await boards.create((*titled("x"), set_field(ASSIGNED_TO, "amara@contoso.example")))
    assert made.assigned_to is not None
    assert made.assigned_to.answers_to("AMARA@contoso.example")
    assert made.assigned_to.answers_to("Amara Okafor <amara@contoso.example>")
    assert not made.assigned_to.answers_to("bruno@contoso.example")


async def test_a_child_is_seen_from_its_parent_at_once(boards):
    """A task made with its parent relation stands among the parent's children."""
    parent = await boards.create(titled("parent"))
    patch = (*titled("child"), add_relation(PARENT, boards.api_url(parent.id)))
    child = await boards.create(patch, work_item_type="Task")
    assert (await boards.get(parent.id)).children == (child.id,)


async def test_a_hyperlink_is_recognised_however_it_is_written(boards):
    """Addresses that differ only in percent-encoding, case of the host or a last slash are one."""
    made = await boards.create(titled("linked"))
    url = "https://teams.microsoft.com/l/channel/19%3aabc%40thread.tacv2/name?groupId=1"
    linked = await boards.amend(made.id, lambda _: (add_relation(HYPERLINK, url, "Channel"),))
    assert linked.links_to("https://Teams.Microsoft.com/l/channel/19%3Aabc%40thread.tacv2/name/?groupId=1")
    assert not linked.links_to("https://teams.microsoft.com/l/channel/19%3Aother%40thread.tacv2/name?groupId=1")


async def test_urgency_goes_only_where_the_type_has_a_place_for_it(connect):
    """A bug has a severity, and its priority is people's; an issue of the Basic process has a priority alone."""
    async with connect() as issues, connect(work_item_type="Bug") as bugs:
        of_issue = (await issues.types.field_map()).urgency(Severity.CRITICAL)
        of_bug = (await bugs.types.field_map()).urgency(Severity.INFORMATION)
        await bugs.create((*titled("x"), *of_bug))
    assert [(each.path, each.value) for each in of_issue] == [(f"/fields/{PRIORITY}", 1)]
    assert [(each.path, each.value) for each in of_bug] == [(f"/fields/{SEVERITY}", "4 - Low")]


async def test_the_check_passes_and_makes_nothing(connect, sandbox, stand_in):
    """Every type and the key field pass the check, after which the project is as empty as before."""
    for settings in ({}, {"work_item_type": "Bug"}, {"key_field": "Custom.IncidentKey"}):
        async with connect(**settings) as boards:
            await boards.check()
    assert stand_in.state()["work_items"] == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"work_item_type": "Incident"}, "TOCSIN_BOARDS_WORK_ITEM_TYPE"),
        ({"project": "Nowhere"}, "TOCSIN_BOARDS_PROJECT"),
        ({"key_field": "Custom.Missing"}, "no field Custom.Missing.*TOCSIN_BOARDS_KEY_FIELD"),
    ],
)
async def test_the_check_names_the_setting_that_is_wrong(connect, settings, sentence):
    """A wrong type, project or key field is a wrong setting, and the sentence names it."""
    async with connect(**settings) as boards:
        with pytest.raises(Misconfigured, match=sentence):
            await boards.check()


def test_a_key_field_that_is_no_reference_name_is_refused(connect):
    """What could change the meaning of a query is refused before it is ever part of one."""
    with pytest.raises(Misconfigured, match="reference name"):
        connect(key_field="Custom.Key] = '' OR [System.Id")


async def test_a_rule_of_the_type_is_told(boards):
    """What a rule forbids is refused for good, with the service's own words."""
    with pytest.raises(Rejected, match=r"TF401320.*Title"):
        await boards.create(titled(""))


async def test_a_change_of_state_that_a_rule_forbids_is_told_apart(boards, administer):
    """In the service's own sentence; nothing of the patch is applied, and the same without the state is."""
    made = await boards.create(titled("x"))
    await administer("rules", type="Issue", rule="forbid", state="Done")
    for state in ("Done", "Closed"):
        patch = (set_field("System.State", state), set_field("System.History", "said"))
        with pytest.raises(RefusedByRule) as refused:
            await boards.amend(made.id, lambda _, patch=patch: patch)
        assert refused.value.said == (
            f"The field 'State' contains the value '{state}' that is not in the list of supported values"
        )
    assert (await boards.amend(made.id, lambda _: patch[1:])).revision == 2


async def test_states_are_mapped_as_the_type_has_them(connect, administer):
    """Read from the project, another type of it included; a wish of the settings goes before."""
    await administer("process", process="CMMI")
    async with connect(work_item_type="Bug", states={"mitigated": "resolved"}) as boards:
        bugs, tasks = await boards.types.state_map(), await boards.types.state_map("Task")
    assert [bugs.state_for(state, owned=False) for state in ("open", "mitigated", "closed")] == [
        "Proposed",
        "Resolved",
        "Closed",
    ]
    assert tasks.state_for("resolved", owned=False) == "Resolved"


async def test_states_count_for_minutes(boards, administer, sent, loop_clock):
    """Asked for once, and again after a while: an administrator may have renamed one."""
    both = await asyncio.gather(boards.types.states("Issue"), boards.types.state_map())
    assert both[0].names == both[1].states.names == ("To Do", "Doing", "Done")
    assert sum(each["path"].endswith("/states") for each in sent("GET")) == 1
    await administer("states", type="Issue", rename="Doing", to="In Arbeit")
    assert (await boards.types.state_map()).state_for("acknowledged", owned=True) == "Doing"
    loop_clock.move(timedelta(minutes=6))
    assert (await boards.types.state_map()).state_for("acknowledged", owned=True) == "In Arbeit"


async def test_an_item_is_marked_as_a_duplicate_and_tagged(boards):
    """The link is seen from both ends, and a tag stands once beside those of others."""
    kept, other = await boards.create(titled("kept")), await boards.create(titled("other"))
    link = add_relation(DUPLICATE_OF, boards.api_url(kept.id))
    await boards.amend(other.id, lambda _: (set_field("System.Tags", "eu"),))
    await boards.amend(other.id, lambda _: (link, add_tag("merged")))
    again = await boards.amend(other.id, lambda _: (add_tag("Merged"),))
    assert (again.is_duplicate_with(kept.id), again.tags) == (True, ("eu", "merged"))
    assert (await boards.get(kept.id)).is_duplicate_with(other.id)


async def test_bodies_are_not_logged(boards, caplog):
    """Even at DEBUG no text of an incident reaches the log."""
    with caplog.at_level(logging.DEBUG):
        await boards.create(titled("a customer's secret"))
    assert "a customer's secret" not in caplog.text


async def test_nothing_is_kept_on_disk(boards):
    """The SDK's cache of locations stays in memory."""
    await boards.create(titled("x"))
    assert _file_cache.OPTIONS_CACHE.file_name == ""
    assert _file_cache.RESOURCE_CACHE.file_name == ""


async def test_the_settings_make_the_client(sandbox):
    """What the environment says is what the client asks for; without an address there is none."""
    stand_ins = {"credential": "anonymous", "graph_url": f"{sandbox.url}/graph/v1.0", "_env_file": None}
    given = {
        "boards_url": f"{sandbox.url}/boards/",
        "boards_work_item_type": "Bug",
        "boards_key_field": "Custom.IncidentKey",
    }
    async with Boards.from_settings(Settings.read(**stand_ins, **given)) as boards:
        await boards.check()
        assert boards.work_item_type == "Bug"
    with pytest.raises(Misconfigured, match="TOCSIN_BOARDS_URL"):
        Boards.from_settings(Settings.read(**stand_ins))


async def test_another_project_is_had_over_the_same_connection(boards, stand_in):
    """Its items, comments and queries are its own; the same project and type are the same client."""
    there = boards.at("Storefront", "Bug")
    assert boards.at("Storefront", "Bug") is there
    assert boards.at("", "Issue") is boards
    assert (there.at("Incidents", "Issue").project, boards.at("Storefront").work_item_type) == ("Incidents", "Issue")
    made = await there.create(titled("There"))
    assert (made.project, made.kind) == ("Storefront", "Bug")
    assert (await boards.get(made.id)).title == "There"
    await there.comments.add(made.id, "Heard.")
    with pytest.raises(Gone):
        await boards.comments.add(made.id, "Not here.")
    assert [comment["text"] for comment in stand_in.state()["work_items"][0]["comments"]] == ["Heard."]
