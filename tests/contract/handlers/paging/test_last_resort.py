"""The step that tells whom the settings name when nobody else could be told."""

from datetime import timedelta

import pytest
from launch_results import people

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.last_resort import PageLastResort
from worker.domain.last_resort import read_last_resort
from worker.domain.page import LAST_RESORT, Page, Paged
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

BRUNO = DEFAULT_WORLD.people[1]
TARGETS = read_last_resort(f"{BRUNO.email}, {BRUNO.phone}, webhook:pager")
NOBODY = Page(person="x", name="X", by="mention", told=False, answer="not in the team", why="You are on call.")
SOMEBODY = NOBODY.model_copy(update={"told": True})


@pytest.fixture
def step(open_ways):
    return lambda targets=TARGETS: PageLastResort(open_ways(), targets, patience=timedelta(seconds=15))


async def test_each_of_them_is_told_why(incident, step, told, phones, chat_of):
    """By chat, SMS and webhook; a number is shown in part wherever it is kept."""
    done = Done({FindOnCall: people()}, pages=told(NOBODY))
    resort = step()
    assert resort.without_effect(incident, done) is None
    pages = resort.gather([await part.run(incident, done) for part in resort.parts(incident, done)]).pages
    assert [(page.by, page.person, page.told) for page in pages] == [
        ("chat", BRUNO.email, True),
        ("sms", "+1500…02", True),
        ("webhook:pager", "pager", True),
    ]
    assert {page.level for page in pages} == {LAST_RESORT}
    assert "Nobody on call could be told." in phones.sms.messages[0]["message"]
    assert phones.sms.messages[0]["to"] == BRUNO.phone
    assert phones.pager.calls[0]["body"]["level"] == "last-resort"
    assert len(chat_of(1)) == 1


@pytest.mark.parametrize(("page", "targets"), [(SOMEBODY, TARGETS), (NOBODY, ())], ids=["told", "none named"])
async def test_once_anybody_was_told_or_where_none_is_named_there_is_nothing_to_do(
    incident, step, told, phones, page, targets
):
    """Without a request."""
    assert step(targets).without_effect(incident, Done(pages=told(page))) == Paged()
    assert phones.server.requests.listing() == []


async def test_a_part_that_has_not_begun_is_spared_when_somebody_is_told_meanwhile(incident, step, told):
    """Each asks for itself."""
    pages = told(NOBODY)
    first, *_ = step().parts(incident, Done(pages=pages))
    assert first.without_effect(incident, Done(pages=pages)) is None
    pages.note(SOMEBODY)
    assert not first.without_effect(incident, Done(pages=pages)).told
