"""The step that lets the announcement be as urgent as the worst of the incident's alerts."""

from datetime import UTC, datetime, timedelta

import pytest
from cards_read import buttons, card_of, facts, shown
from launch_results import WORK_ITEM, people

from handlers.launch.announce import Announce
from handlers.launch.create_channel import CreateChannel
from handlers.launch.create_work_item import CreateWorkItem
from handlers.launch.find_on_call import FindOnCall
from handlers.summary.show_severity import ShowSeverity
from worker.domain.alert_summary import AlertSummary
from worker.domain.digest import Digest, PublishedSummary
from worker.domain.errors import Unknown
from worker.domain.event import Event, Severity
from worker.domain.incident import Incident
from worker.engine.step import Done

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(params=["bot", "delegated"])
def posting(request):
    return request.param


@pytest.fixture
def incident():
    return Incident(key="the-key", event=Event(title="Checkout is slow", severity=3), received_at=NOON)


@pytest.fixture
async def done(poster, incident, own_channel):
    found = {CreateChannel: own_channel, FindOnCall: people(0), CreateWorkItem: WORK_ITEM}
    return Done({**found, Announce: await Announce(poster, patience=timedelta()).run(incident, Done(found))})


def digest(severity):
    summary = AlertSummary(alerts=2, faults=2, firing=2, first_at=NOON, last_at=NOON, severity=severity)
    return Digest(summary=summary, reopen=timedelta(minutes=10))


@pytest.fixture
def step(poster):
    return lambda severity, before=None: ShowSeverity(poster, digest(severity), before)


async def test_the_card_rises_with_the_alerts(team, step, incident, done):
    """The same message, its severity said with the one before, and all the rest as it was."""
    shown_now = await step(1).run(incident, done)
    (message,) = team.messages()
    card = card_of(message)
    assert facts(card)["Severity"] == "1 (critical), raised from 3"
    assert message["importance"] == "high"
    assert message["summary"].startswith("CRITICAL")
    assert "Amara Okafor" in shown(card)
    assert buttons(card) == {"Open work item 131": WORK_ITEM.url}
    assert (shown_now.severity, shown_now.mark) == (Severity.CRITICAL, digest(1).mark)


@pytest.mark.parametrize(("severity", "before"), [(3, None), (4, None), (2, 1), (1, 1)])
async def test_it_never_falls_and_rises_once(team, step, incident, done, severity, before):
    """What it shows already, or what is less than that, is no change and no request."""
    known = PublishedSummary(mark="earlier", severity=before) if before else None
    requests = len(team.server.requests.listing())
    result = step(severity, known).without_effect(incident, done)
    assert result.severity == (before or 3)
    assert result.mark == digest(severity).mark
    assert len(team.server.requests.listing()) == requests


async def test_after_a_lost_answer_the_change_is_found(team, step, incident, done, an_update):
    """By the words on the card; before there is nothing to find."""
    raising = step(2)
    assert raising.without_effect(incident, done) is None
    assert await raising.find(incident, done) is None
    team.disturb(**an_update, behaviour="drop-after", times=3)
    with pytest.raises(Unknown):
        await raising.run(incident, done)
    assert (await raising.find(incident, done)).severity == Severity.HIGH
    assert len(team.messages()) == 1


async def test_an_announcement_without_an_id_is_found_before_it_is_changed(team, step, incident, done):
    """Teams had told no id of it."""
    nameless = done[Announce].model_copy(update={"id": ""})
    await step(1).run(incident, Done({**done, Announce: nameless}))
    assert facts(card_of(team.messages()[0]))["Severity"].startswith("1")


async def test_a_deleted_announcement_is_no_fault(team, step, incident, done):
    """The summary in the channel says it, too; nothing is posted anew."""
    messages = team.stand_in.messages
    messages.delete(messages.get(done[CreateChannel].id, done[Announce].id), team.stand_in.clock())
    assert (await step(1).run(incident, done)).severity == Severity.CRITICAL
    assert len(team.messages()) == 1


async def test_an_announcement_that_may_not_be_changed_is_no_fault(team, step, incident, done, an_update):
    """A person may have consented to posting alone."""
    team.disturb(**an_update, behaviour="status", status=403)
    assert (await step(1).run(incident, done)).severity == Severity.CRITICAL
    assert facts(card_of(team.messages()[0]))["Severity"] == "3 (medium)"
