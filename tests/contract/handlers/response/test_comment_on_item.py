"""The lane that comments on the work item what people are written to of."""

import pytest

from handlers.response.comment_on_item import CommentOnItem
from tests.contract.handlers.response.conftest import entry_of
from worker.domain.errors import Transient, Unknown
from worker.engine.step import Done


@pytest.fixture
def part(boards, standing):
    def made(*comments, seq=5):
        entry = entry_of("update", seq, "An update.", comments=comments)
        return CommentOnItem(boards, standing, entry).parts(None, Done())[0]

    return made


async def texts(boards, item):
    return [comment.text async for comment in boards.comments.oldest_first(item.id)]


async def test_a_comment_stands_there_once_after_a_lost_answer(boards, incident, item, part, sandbox):
    """Escaped, line by line, and not taken for that of another entry."""
    await part("Earlier", seq=51).run(incident, Done())
    commenting = part("We roll back\n<script>")
    assert await commenting.find(incident, Done()) is None
    sandbox.faults.add(
        {"system": "boards", "path": "/comments", "method": "POST", "behaviour": "drop-after", "times": 1}
    )
    with pytest.raises(Unknown):
        await commenting.run(incident, Done())
    assert (await commenting.find(incident, Done())).id
    first, second = await texts(boards, item)
    assert "Earlier" in first
    assert "We roll back<br>&lt;script&gt;" in second


async def test_without_a_work_item_it_waits(incident, part):
    """What is to be said is not lost."""
    with pytest.raises(Transient):
        await part("Early").run(incident, Done())


async def test_of_a_restricted_incident_only_that_there_is_something_is_written(boards, incident, item, part):
    """Whoever may read the project is mailed of it."""
    restricted = incident.model_copy(update={"event": incident.event.model_copy(update={"restricted": True})})
    await part("Payroll leaked").run(restricted, Done())
    [text] = await texts(boards, item)
    assert "Payroll" not in text
    assert "It is restricted" in text
