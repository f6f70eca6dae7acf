"""Who was told by Boards alone."""

import pytest

from handlers.launch.assign import Assign, Assigned, Assignment
from handlers.paging.work_item import ToldByWorkItem
from worker.domain.page import Page, Paged
from worker.engine.pages import Pages
from worker.engine.step import Done

ADDRESS = "edda@contoso.example"


def page(told, *, by="mention", person=ADDRESS):
    return Page(person=person, name="Edda", by=by, told=told, answer="said", why="You are on call.")


def done(*pages, outcome="assigned", email=ADDRESS):
    noted = Pages()
    noted.note(Paged(pages=pages))
    assignment = Assignment(name="Edda", email=email, outcome=outcome, holder="Edda")
    return Done({Assign: Assigned(people=(assignment,))}, pages=noted)


async def test_whoever_was_missed_by_all_ways_and_has_the_work_item_is_told_by_that(incident):
    """Boards writes to whom it assigns; the spelling of an address does not matter."""
    step, results = ToldByWorkItem(), done(page(told=False), page(told=False, by="sms"), email=ADDRESS.upper())
    assert step.without_effect(incident, results) is None
    (told,) = (await step.run(incident, results)).pages
    assert (told.person, told.by, told.told, told.why) == (ADDRESS, "work-item", True, "You are on call.")
    assert told.message == ""


async def test_a_task_tells_as_well(incident):
    """Whoever gets one is written to like the owner."""
    assert (await ToldByWorkItem().run(incident, done(page(told=False), outcome="task"))).pages[0].told


@pytest.mark.parametrize(
    "results",
    [
        done(page(told=False), page(told=True, by="chat")),
        done(),
        done(page(told=False), outcome="kept"),
        done(page(told=False), outcome="unknown-identity"),
        done(page(told=False, person="other@contoso.example")),
    ],
    ids=["told otherwise", "not tried yet", "kept", "unknown", "somebody else"],
)
def test_nobody_else_counts_as_told(incident, results):
    """Neither whom another way reached or may yet reach, nor whoever got nothing."""
    assert ToldByWorkItem().without_effect(incident, results) == Paged()
