"""WIQL on the Boards stand-in: what is found, what is refused, and what a lagging replica misses."""

from datetime import timedelta

import pytest
from azure.devops.exceptions import AzureDevOpsServiceError
from azure.devops.v7_1.work_item_tracking.models import JsonPatchOperation, TeamContext, Wiql

from worker.sandbox.world import DEFAULT_WORLD

SELECT = "Select [System.Id] From WorkItems"
HERE = TeamContext(project="Incidents")


def add(path, value):
    return JsonPatchOperation(op="add", path=path, value=value)


async def find(organisation, where, *, context=HERE, **options):
    query = Wiql(query=f"{SELECT} {where}")
    result = await organisation.call("query_by_wiql", query, context, **options)
    return [reference.id for reference in result.work_items]


@pytest.fixture
async def three(organisation):
    """Three work items: an issue, its task a day later, and a done issue a week later."""
    key = add("/fields/Custom.IncidentKey", "it's 1")
    await organisation.create("inc-0abc Checkout is down", key, add("/fields/System.Tags", "eu; sev1"))
    organisation.clock.pass_time(timedelta(days=1))
    mine = add("/fields/System.AssignedTo", DEFAULT_WORLD.people[0].email)
    await organisation.create("inc-0abcd another", mine, kind="Task")
    organisation.clock.pass_time(timedelta(days=7))
    await organisation.create("Done long ago", add("/fields/System.State", "Done"))
    return organisation


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("", [1, 2, 3]),
        ("Where [System.TeamProject] = @project", [1, 2, 3]),
        ("where [system.teamproject]='incidents' and [Custom.IncidentKey] = 'it''s 1'", [1]),
        ('Where [Incident Key] = "it\'s 1"', [1]),
        ("Where [System.Title] CONTAINS 'INC-0abc'", [1, 2]),
        ("Where [System.Title] Contains Words 'inc-0abc'", [1]),
        ("Where [System.Title] Contains Words 'checkout is'", [1]),
        ("Where [System.Tags] Contains 'sev1'", [1]),
        ("Where [System.Id] >= 2", [2, 3]),
        ("Where [System.Id] > 1 And [System.Id] < 3", [2]),
        ("Where [System.Id] <> 2 Order By [System.Id] Desc", [3, 1]),
        ("Where [System.State] <> 'Done'", [1, 2]),
        ("Where [System.WorkItemType] = 'Task'", [2]),
        ("Where [System.Id] In (3, 1, 99)", [1, 3]),
        ("Where [System.Id] not in (3, 99) And [System.State] In ('done', 'TO DO')", [1, 2]),
        ("Where [System.AssignedTo] In ('nobody@contoso.example', 'Amara Okafor')", [2]),
        ("Where [System.AssignedTo] Not In ('amara@contoso.example')", [1, 3]),
        ("Where [System.CreatedDate] In ('2026-03-02')", []),
        ("Where [System.AssignedTo] = 'amara@contoso.example'", [2]),
        ("Where [System.AssignedTo] = 'Amara Okafor'", [2]),
        ("Where [System.CreatedDate] >= @Today - 7", [2, 3]),
        ("Where [System.CreatedDate] >= @Today-7", [2, 3]),
        ("Where [System.CreatedDate] >= '2026-03-03'", [2, 3]),
        ("Where [Microsoft.VSTS.Common.Priority] = 2", [1, 2, 3]),
        ("Where [Microsoft.VSTS.Common.Severity] = '1 - Critical'", []),
        ("Order By [System.Title] Asc, [System.Id]", [3, 1, 2]),
    ],
)
async def test_a_query_finds_what_its_clauses_say(three, where, found):
    """Each clause the service has, of those we use, picks the same work items as there."""
    assert await find(three, where) == found


async def test_a_query_returns_no_more_than_asked_for(three):
    """The top option cuts the result, in its order."""
    assert await find(three, "Order By [System.Id] Desc", top=2) == [3, 2]


async def test_a_time_of_day_needs_time_precision(three):
    """A date with a time is refused, unless the query asks for that precision."""
    where = "Where [System.CreatedDate] > '2026-03-02T09:05:00Z'"
    with pytest.raises(AzureDevOpsServiceError, match="date precision"):
        await find(three, where)
    assert await find(three, where, time_precision=True) == [2, 3]


async def test_a_query_may_name_the_team_or_no_project_at_all(three):
    """The address of a query may have a team, and may lack a project when nothing in it needs one."""
    team = TeamContext(project="Incidents", team="Incident response")
    assert await find(three, "Where [System.TeamProject] = @project", context=team) == [1, 2, 3]
    assert await find(three, "", context=None) == [1, 2, 3]
    with pytest.raises(AzureDevOpsServiceError, match="@project"):
        await find(three, "Where [System.TeamProject] = @project", context=None)


async def test_a_query_result_conforms_to_the_published_definition(three, conforms):
    """The result has the published shape: references only, no fields."""
    body = {"query": f"{SELECT} Order By [System.Id]"}
    answer = await three.post("/Incidents/_apis/wit/wiql", body, "application/json")
    conforms("WorkItemQueryResult", answer.json())
    assert answer.json()["workItems"][0].keys() == {"id", "url"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "SELECT"),
        (None, "SELECT"),
        ("Select [System.Id]", "FROM"),
        ("Select [System.Id] From WorkItemLinks", "WorkItems"),
        (f"{SELECT} Where [No.Such] = 'x'", "TF51005"),
        (f"{SELECT} Where [System.Id] = 'abc'", "TF212023"),
        (f"{SELECT} Where [System.Title] = 7", "TF212023"),
        (f"{SELECT} Where [System.Title] = 'open", "not understood"),
        (f"{SELECT} Where [System.Id] CONTAINS '1'", "cannot be used"),
        (f"{SELECT} Where [System.Description] = 'x'", "cannot be used"),
        (f"{SELECT} Where [System.Id] In 1", "TF51009"),
        (f"{SELECT} Where [System.Id] In (1, 2", "TF51009"),
        (f"{SELECT} Where [System.Id] In ()", "TF212023"),
        (f"{SELECT} Where [System.Id] In ('a')", "TF212023"),
        (f"{SELECT} Where [System.Description] In ('a')", "cannot be used"),
        (f"{SELECT} Where [System.Title] UNDER 'x'", "does not play"),
        (f"{SELECT} Where [System.Id] = 1 Or [System.Id] = 2", "does not play"),
        (f"{SELECT} Where [System.AssignedTo] = @me", "does not play"),
        (f"{SELECT} Where [System.CreatedDate] >= @Today - x", "number of days"),
        (f"{SELECT} Where [System.CreatedDate] >= 'yesterday'", "TF212023"),
        (f"{SELECT} Where [System.Title] = '{'x' * 32_000}'", "VS402335"),
        (f"{SELECT} Where {' And '.join(['[System.Id] > 0'] * 51)}", "50 conditions"),
    ],
)
async def test_a_query_that_is_not_understood_is_refused(organisation, query, sentence):
    """What the language does not have, or the stand-in does not play, is a 400 that says so."""
    answer = await organisation.post("/Incidents/_apis/wit/wiql", {"query": query}, "application/json")
    assert answer.status_code == 400, answer.text
    assert sentence in answer.json()["message"]


async def test_a_lagging_query_misses_what_is_new_while_a_read_does_not(organisation):
    """With a lag a query finds a new work item only later; by its id it is read at once."""
    await organisation.fault(system="boards", behaviour="lag", seconds=30)
    item = await organisation.create()
    assert await find(organisation, "") == []
    assert (await organisation.call("get_work_item", item.id)).id == item.id
    organisation.clock.pass_time(timedelta(seconds=30))
    assert await find(organisation, "") == [item.id]


async def test_a_query_does_not_find_what_is_in_the_recycle_bin(organisation):
    """A deleted work item is in no result."""
    item = await organisation.create()
    await organisation.call("delete_work_item", item.id)
    assert await find(organisation, "") == []
