"""The step that opens the work item, against Boards."""

from html.parser import HTMLParser

import pytest

from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.route import Route, Routed
from worker.clients.boards.place import WorkItemPlace
from worker.domain.errors import Forbidden, Misconfigured, Unknown
from worker.domain.event import Event
from worker.engine.step import Done

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "' OR [System.Id] > 0 --",
    "]] } ${jndi:ldap://x} {{7*7}} %s %n",
    "\U0001f525" * 500,
    "line\none\r\ntwo\x00\x07\u202etxet",
    "</pre></details><h1>mine</h1>",
)


class Tags(HTMLParser):
    """Which elements a browser would see."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)


async def test_the_item_carries_what_is_known(boards, incident, items):
    """The step's result is the item's id, page and revision, and the item says it all."""
    made = await CreateWorkItem(boards).run(incident, Done())
    [item] = items()
    assert (made.id, made.rev) == (item["id"], 1)
    assert "_workitems/edit" in made.url
    assert item["fields"]["System.Title"] == f"[{incident.id}] Checkout is down"
    assert item["fields"]["Microsoft.VSTS.Common.Priority"] == 1
    assert "No one in EU can pay" in item["fields"]["System.Description"]


async def test_a_bug_gets_its_severity_and_the_key(connect, incident, items):
    """What the type has a field for is put there."""
    async with connect(work_item_type="Bug", key_field="Custom.IncidentKey") as boards:
        await CreateWorkItem(boards).run(incident, Done())
    [item] = items()
    assert item["fields"]["Microsoft.VSTS.Common.Severity"] == "1 - Critical"
    assert item["fields"]["Custom.IncidentKey"] == incident.key


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_breaks_nothing(boards, incident, items, text):
    """Whatever stands in an alert is text in the item: made once, found again, without an element of its own."""
    event = Event(
        title=text,
        description=text,
        impact=text,
        service=text,
        source=text,
        labels={text[:50]: text},
        links=[{"href": "https://example.com/?a=1&b=2", "text": text}],
        raw={"deep": [text, {"deeper": text}]},
    )
    incident = incident.model_copy(update={"event": event})
    made = await CreateWorkItem(boards).run(incident, Done())
    assert (await CreateWorkItem(boards).find(incident, Done())) == made
    [item] = items()
    tags = Tags()
    tags.feed(item["fields"]["System.Description"])
    assert tags.seen <= {"table", "tr", "td", "b", "h3", "p", "br", "ul", "li", "a", "details", "summary", "pre"}
    assert len(item["fields"]["System.Title"].encode("utf-16-le")) <= 2 * 255


async def test_an_item_whose_answer_was_lost_is_found(boards, sandbox, incident, items):
    """After a lost answer the step finds its own item, and there is one."""
    sandbox.faults.add({"system": "boards", "method": "POST", "path": r"/\$Issue$", "behaviour": "drop-after"})
    step = CreateWorkItem(boards)
    with pytest.raises(Unknown):
        await step.run(incident, Done())
    found = await step.find(incident, Done())
    assert found is not None
    assert [item["id"] for item in items()] == [found.id]


async def test_an_item_that_was_never_made_is_not_found(boards, sandbox, incident):
    """After a request that was lost on its way there is nothing to find."""
    sandbox.faults.add({"system": "boards", "method": "POST", "path": r"/\$Issue$", "behaviour": "drop-before"})
    step = CreateWorkItem(boards)
    with pytest.raises(Unknown):
        await step.run(incident, Done())
    assert await step.find(incident, Done()) is None


async def test_an_unknown_type_is_a_setting_to_mend(connect, incident):
    """The dead letter names the setting."""
    async with connect(work_item_type="Incident") as boards:
        with pytest.raises(Misconfigured, match=r"'Incident'.*TOCSIN_BOARDS_WORK_ITEM_TYPE"):
            await CreateWorkItem(boards).run(incident, Done())


def by_route(**wishes):
    return Done({Route: Routed(service="checkout", **wishes)})


async def test_the_item_stands_where_the_route_says(boards, incident, items):
    """Project, type, area and iteration; it is found there again, and says who owns the service and where to read."""
    wishes = {"project": "storefront", "work_item_type": "Bug", "area_path": "/Storefront/Web", "owner": "Shop & Co"}
    done = by_route(**wishes, iteration_path=r"Storefront\Sprint 1", runbook="https://wiki.example/?a=1&b=2")
    made = await CreateWorkItem(boards).run(incident, done)
    [item] = items()
    fields = item["fields"]
    assert (item["type"], fields["System.TeamProject"]) == ("Bug", "Storefront")
    assert (fields["System.AreaPath"], fields["System.IterationPath"]) == (r"Storefront\Web", r"Storefront\Sprint 1")
    assert fields["Microsoft.VSTS.Common.Severity"] == "1 - Critical"
    assert "Shop &amp; Co" in fields["System.Description"]
    assert 'href="https://wiki.example/?a=1&amp;b=2"' in fields["System.Description"]
    assert made.place == WorkItemPlace("Storefront", "Bug", r"Storefront\Web", r"Storefront\Sprint 1")
    assert (await CreateWorkItem(boards).find(incident, done)) == made
    assert await CreateWorkItem(boards).find(incident, Done()) is None


SHOP = {"project": "Storefront", "area_path": r"Storefront\Web", "iteration_path": r"Storefront\Sprint 1"}
REFUSED = {
    "area": ({"area_path": "x"}, WorkItemPlace("Storefront", "", "", r"Storefront\Sprint 1"), "area_path 'x'"),
    "iteration": ({"iteration_path": "y"}, WorkItemPlace("Storefront", "", r"Storefront\Web"), "iteration_path 'y'"),
    "both": ({"area_path": "x", "iteration_path": "y"}, WorkItemPlace("Storefront"), "area_path 'x', iteration_path"),
    "type": ({"work_item_type": "Bugg"}, WorkItemPlace(), "project 'Storefront', work_item_type 'Bugg', area_path"),
    "project": ({"project": "Nowhere"}, WorkItemPlace(), "project 'Nowhere', area_path"),
}


@pytest.mark.parametrize("refused", REFUSED)
async def test_what_boards_refuses_of_a_route_is_left_out_and_said(boards, incident, items, refused):
    """A ticket in the wrong place is found by people, one that was never made is not."""
    wishes, place, said = REFUSED[refused]
    done = by_route(**SHOP | wishes)
    made = await CreateWorkItem(boards).run(incident, done)
    [item] = items()
    assert made.place == place
    assert made.note.startswith(f"refused: {said}")
    assert said.partition(" ")[0] in item["fields"]["System.Description"]
    assert (await CreateWorkItem(boards).find(incident, done)).id == made.id


async def test_an_answer_lost_on_the_way_through_the_places_makes_no_second_item(boards, incident, items, sandbox):
    """The route's project refuses it, and the settings' one takes it without a word: it is found there."""
    done = by_route(project="Nowhere")
    sandbox.faults.add(
        {"system": "boards", "method": "POST", "path": r"Incidents/.*workItems", "behaviour": "drop-after"}
    )
    with pytest.raises(Unknown):
        await CreateWorkItem(boards).run(incident, done)
    assert (await CreateWorkItem(boards).find(incident, done)).id == items()[0]["id"]
    assert len(items()) == 1


async def test_where_even_the_settings_are_refused_the_step_fails(connect, incident, items):
    """With the sentence about the last place that was tried."""
    async with connect(work_item_type="Isue") as boards:
        with pytest.raises(Misconfigured, match="Isue"):
            await CreateWorkItem(boards).run(incident, by_route(project="Nowhere"))
    assert items() == []


async def test_a_project_that_may_not_be_asked_hides_no_item_of_the_settings_one(boards, incident, items, sandbox):
    """It is found where it stands; where it is found nowhere, it may be in the hidden one."""
    refused = {"behaviour": "status", "status": 403, "times": None}
    sandbox.faults.add({"system": "boards", "path": "Storefront/", **refused})
    done = by_route(project="Storefront")
    with pytest.raises(Forbidden):
        await CreateWorkItem(boards).find(incident, done)
    made = await CreateWorkItem(boards).run(incident, done)
    assert [item["fields"]["System.TeamProject"] for item in items()] == ["Incidents"]
    assert (await CreateWorkItem(boards).find(incident, done)).id == made.id
