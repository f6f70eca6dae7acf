"""The step that tells the last resort that a launch is in trouble."""

import pytest

from handlers.trouble.report_to_last_resort import ReportToLastResort
from worker.domain.last_resort import read_last_resort
from worker.domain.launch_report import Report, Trouble
from worker.domain.page import Page, Paged
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

AMARA = DEFAULT_WORLD.people[0]
GIVEN_UP = Report(Trouble.GIVEN_UP, "wrong-setting. Set TOCSIN_BOARDS_WORK_ITEM_TYPE.")
TOLD = Page(person="x", name="X", by="mention", told=True, answer="mentioned", why="You are on call.")


@pytest.fixture
def step(open_ways):
    return lambda text: ReportToLastResort(open_ways(), read_last_resort(text), GIVEN_UP)


async def test_they_hear_the_sentence_and_the_command(incident, step, told, phones, chat_of):
    """Whoever else was told of the incident itself: this is another matter."""
    done = Done(pages=told(TOLD))
    reporting = step(f"{AMARA.email}, {AMARA.phone}, webhook:pager")
    parts = reporting.parts(incident, done)
    assert all(part.without_effect(incident, done) is None for part in parts)
    paged = reporting.gather([await part.run(incident, done) for part in parts])
    assert [page.told for page in paged.pages] == [True] * 3
    reason = phones.pager.calls[0]["body"]["reason"]
    assert GIVEN_UP.sentence in reason
    assert f"tocsin dead-letters replay --incident {incident.id} --yes" in reason
    assert GIVEN_UP.sentence in phones.sms.messages[0]["message"]
    assert len(chat_of(0)) == 1


async def test_where_none_is_named_there_is_nothing_to_do(incident, step, phones):
    """Without a request."""
    assert step("").without_effect(incident, Done()) == Paged()
    assert phones.server.requests.listing() == []
