"""The step that keeps one message in the channel that says what all alerts of the incident come to."""

from datetime import UTC, datetime, timedelta

import pytest
from cards_read import buttons, card_of, small_print, texts
from launch_results import WORK_ITEM

from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.marks import ALERTS, mark
from handlers.summary.post_summary import PostSummary
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest
from worker.domain.errors import Unknown
from worker.engine.step import Done

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def done(own_channel):
    return Done({CreateChannel: own_channel, CreateWorkItem: WORK_ITEM})


@pytest.fixture
def step(poster):
    """Tells of so many alerts, where `before` was told already."""

    def made(alerts, before=None):
        summary = AlertSummary(alerts=alerts, faults=1, firing=1, first_at=NOON, last_at=NOON, severity=1)
        return PostSummary(poster, Digest(summary=summary, reopen=timedelta(minutes=10)), before)

    return made


async def test_it_is_posted_once_and_changed_from_then_on(team, step, incident, done):
    """A card alone, with its mark in the small print and the way to the work item."""
    first = await step(2).run(incident, done)
    await step(3, first).run(incident, done)
    (message,) = team.messages()
    card = card_of(message)
    assert message["id"] == first.id
    assert texts(card)[0].startswith("3 alerts of one fault")
    assert buttons(card) == {"Open work item 131": WORK_ITEM.url}
    assert small_print(card).startswith(f"{mark(incident, ALERTS)}/")


async def test_after_a_lost_answer_it_is_found_or_changed(team, step, incident, done, a_post):
    """What says the same is found; what says something else by now is changed, never posted beside."""
    team.disturb(**a_post, behaviour="drop-after")
    with pytest.raises(Unknown):
        await step(2).run(incident, done)
    assert await step(2).find(incident, done)
    assert await step(3).find(incident, done) is None
    await step(3).run(incident, done)
    (message,) = team.messages()
    assert texts(card_of(message))[0].startswith("3 alerts")


async def test_a_note_without_an_id_is_looked_up_before_it_is_changed(team, step, incident, done):
    """Teams had told no id of it: it is there, so it is not posted again."""
    first = await step(2).run(incident, done)
    again = await step(3, first.model_copy(update={"id": ""})).run(incident, done)
    (message,) = team.messages()
    assert again.id == message["id"]
    assert texts(card_of(message))[0].startswith("3 alerts")


async def test_a_deleted_note_is_told_anew(team, step, incident, done):
    """Somebody took it away; what there is to tell is told all the same."""
    first = await step(2).run(incident, done)
    messages = team.stand_in.messages
    messages.delete(messages.get(done[CreateChannel].id, first.id), team.stand_in.clock())
    again = await step(3, first).run(incident, done)
    assert again.id != first.id
    assert texts(card_of(team.messages()[1]))[0].startswith("3 alerts")
