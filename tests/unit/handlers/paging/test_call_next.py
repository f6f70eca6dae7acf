"""Whether none of the people on call could be told, so that the next are called."""

import pytest
from launch_results import people

from handlers.launch.find_on_call import FindOnCall
from handlers.paging.call_next import CalledNext, CallNext
from worker.domain.page import LAST_RESORT, Page, Paged
from worker.engine.pages import Pages
from worker.engine.step import Done
from worker.sandbox.world import DEFAULT_WORLD

BRUNO = DEFAULT_WORLD.people[1]
MISSED = Page(person=BRUNO.email, name="Bruno", by="mention", told=False, answer="not in the team", why="")
BLOCKED = MISSED.model_copy(update={"by": "chat", "answer": "blocked"})
RESORT = Page(person="pager", name="pager", by="webhook:pager", told=True, answer="taken", why="", level=LAST_RESORT)


def done(*pages):
    noted = Pages()
    noted.note(Paged(pages=pages))
    return Done({FindOnCall: people(1)}, pages=noted)


async def test_the_next_are_called_with_what_the_ways_have_answered(incident):
    """Also where the last resort of the settings was told meanwhile: that is nobody on call."""
    said = []

    async def call(of, sentence):
        said.append((of.id, sentence))

    step, tried = CallNext(call), done(MISSED, BLOCKED, RESORT)
    assert step.without_effect(incident, tried) is None
    assert await step.run(incident, tried) == CalledNext()
    answers = "Bruno by mention: not in the team; Bruno by chat: blocked"
    assert said == [(incident.id, f"Nobody of this level could be told: {answers}")]


@pytest.mark.parametrize(
    "pages",
    [(), (MISSED, BLOCKED.model_copy(update={"told": True}))],
    ids=["nobody is to be called", "told by another way"],
)
def test_nobody_is_called_for_whoever_was_told(incident, pages):
    """Nor where nobody is to be told yet."""
    assert CallNext(lambda *_: None).without_effect(incident, done(*pages)) == CalledNext()
