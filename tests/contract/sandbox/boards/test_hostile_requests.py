"""Whatever a client sends, the Boards stand-in answers or refuses; nothing makes it break."""

import json
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worker.sandbox.boards.patch import read_patch
from worker.sandbox.boards.process import FIELDS
from worker.sandbox.boards.processes import BASIC
from worker.sandbox.boards.project_processes import Processes
from worker.sandbox.boards.refusal import Refusal
from worker.sandbox.boards.revision import Change
from worker.sandbox.boards.wiql import read_query
from worker.sandbox.boards.work_items import WorkItems
from worker.sandbox.world import DEFAULT_WORLD

FROM = "Select [System.Id] From WorkItems"
NO_LAG = timedelta(0)
BROAD = settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300)
links = st.fixed_dictionaries(
    {
        "rel": st.sampled_from(["Hyperlink", "System.LinkTypes.Hierarchy-Reverse", "System.LinkTypes.Related", 5]),
        "url": st.sampled_from(["https://x.example", "x/_apis/wit/workItems/1", "http://["]) | scalars,
    },
    optional={"attributes": scalars | st.dictionaries(st.just("comment"), scalars)},
)
values = (
    scalars
    | links
    | st.lists(scalars, max_size=2)
    | st.dictionaries(st.sampled_from(["text", "descriptor", "displayName"]), scalars)
)
paths = st.sampled_from(
    [f"/fields/{field.reference}" for field in FIELDS]
    + [
        "/id",
        "/rev",
        "/relations/-",
        "/relations/0",
        "/relations/0/attributes/comment",
        "/",
        "",
        "/fields/",
        "/relations/\u00b2",
    ]
)
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "replace", "remove", "test", "move"]), "path": paths, "value": values}
)
WORDS = """
    Where And Or Order By Asc Desc Contains Words = <> < > ( , - + 7 -7 1.5 'x' '' '2026-01-01' @today @project
    [System.Id] [System.CreatedDate] [System.Title] [System.AssignedTo] [System.Tags] [System.Parent]
    [Microsoft.VSTS.Scheduling.RemainingWork]
"""
words = st.sampled_from(WORDS.split())


def refusal_of(action):
    """Give the refusal that an action ends in, or None."""
    try:
        action()
    except Refusal as refusal:
        return refusal
    return None


def blank_organisation():
    return WorkItems(DEFAULT_WORLD, Processes(DEFAULT_WORLD.projects), duplicate_hyperlinks=True)


def seeded(at):
    """A project with one work item of each type, so that links and queries have something to meet."""
    items = blank_organisation()
    for kind in BASIC.types:
        items.create(
            kind,
            read_patch([{"op": "add", "path": "/fields/System.Title", "value": kind.name}]),
            at,
            project="Incidents",
        )
    return items


@BROAD
@given(document=st.lists(operations, min_size=1, max_size=4), number=st.integers(1, 5))
def test_any_patch_is_applied_or_refused(clock, document, number):
    """A patch of any content makes a revision or a refusal, and leaves a state that can be kept."""
    change = Change(author=DEFAULT_WORLD.service, at=clock())
    items = seeded(change)
    before = items.state()
    refusal = refusal_of(lambda: items.update(number, read_patch(document), change))
    if refusal is not None:
        assert 400 <= refusal.status < 500
        assert items.state() == before
    restored = blank_organisation()
    restored.restore(json.loads(json.dumps(items.state(), allow_nan=False)))
    assert restored.state() == items.state()


@BROAD
@given(where=st.lists(words, max_size=8).map(" ".join) | st.text(max_size=50))
def test_any_query_is_run_or_refused(clock, where):
    """A query of any words finds work items or is a refusal, and never breaks."""
    items = seeded(Change(author=DEFAULT_WORLD.service, at=clock()))
    seen = items.seen_by_queries(clock(), lag=NO_LAG)
    refusal = refusal_of(lambda: read_query(f"{FROM} {where}", project="Incidents", now=clock()).run(seen, top=10))
    assert refusal is None or refusal.status == 400
