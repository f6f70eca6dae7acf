"""A table store that fails while a message is handled is known to have failed, whatever the message was about."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bare_response import bare_response
from grouping_run import NOON, a_resolve, an_alert
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from patience import PATIENCE
from somebody_told import SomebodyTold

from worker.domain.errors import Unreachable
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident
from worker.domain.settlement import Complete, RetryLater
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher, store_breaker
from worker.grouping.alert_store import AlertStore
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.dispatcher import Dispatcher
from worker.lifecycle.reminders import ReminderScheduler, reminder
from worker.lifecycle.report_joining import ReportJoining
from worker.lifecycle.summary_update import SummaryUpdate
from worker.messaging.mark import Marks
from worker.resilience.admission import Admission
from worker.resilience.circuit_breaker import State
from worker.storage.stores import Stores

HOUR = timedelta(hours=1)
TIMING = Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1))
REMINDER = reminder("k", datetime.now(UTC))
ACT = Event.model_validate(
    {
        "type": "act",
        "title": "Ada has it",
        "key": "k",
        "act": {"act": "acknowledge", "id": "1", "actor": {"kind": "person", "id": "ada"}},
    }
)
REPORT = Event(type=EventType.REPORT, title="No one can pay", key="k", received_at=NOON)
BY_KEY = Event(title="Down", key="k", received_at=NOON)


def incident_of(event):
    return Incident(key="k", event=event, received_at=datetime.now(UTC))


ALONE = Incident(key="random:1", event=Event(title="Down", received_at=NOON), received_at=NOON)
KINDS = {
    "an alert": an_alert(),
    "an end": a_resolve(),
    "what its sender named": incident_of(BY_KEY),
    "a report": incident_of(REPORT),
    "a reminder": incident_of(REMINDER),
}


class Worker:
    """A store may be away from its next operation on, or after so many; the reminders are kept."""

    def __init__(self, failures=1):
        self.left = 1_000
        self.reminders = []
        table = MemoryTable(utc_now)
        table.create()
        client = MemoryTableClient(table, self._through)
        stores = Stores.of(client, owner="one", lease_duration=PATIENCE)
        alerts = AlertStore(client)
        update = SummaryUpdate(
            store=stores.incidents,
            alert_store=alerts,
            launch=(),
            summary_steps=(),
            playbook_of=lambda *_: (),
            timing=TIMING,
            reopen=HOUR,
            give_up_after=HOUR,
        )
        self.tables = store_breaker(failures=failures)
        launcher = Launcher((SomebodyTold(),), stores, TIMING, HOUR, tables=self.tables)
        grouper = Grouper(alerts, GroupingRules((), HOUR), Windows(HOUR, HOUR))
        reminders = ReminderScheduler(self._publish, timedelta(seconds=15), Marks(stores.mark_key.read_or_create))
        reports = ReportJoining(stores.incidents, alerts)
        response = bare_response(stores, self._publish, tables=self.tables)
        self.dispatcher = Dispatcher(launcher, grouper, update, reports, reminders, Admission(4), response)

    async def _through(self, kind, name, happen):
        self.left -= 1
        if self.left < 0:
            raise Unreachable("The table does not answer.")
        return await straight(kind, name, happen)

    async def _publish(self, encoded, *, at, mark):
        self.reminders.append(encoded.event.key)

    async def handle(self, incident):
        return await self.dispatcher.handle(incident, asyncio.Event(), lambda: NOON)


@pytest.fixture
def worker():
    return Worker()


@pytest.mark.parametrize("incident", [*KINDS.values(), incident_of(ACT)], ids=[*KINDS, "an act"])
async def test_a_store_that_is_away_stops_the_receiving(worker, incident):
    """Each kind of message waits for it, is nobody's fault, and lets the others be waited with."""
    worker.left = 0
    decided = await worker.handle(incident)
    assert isinstance(decided, RetryLater)
    assert decided.outage
    assert worker.dispatcher.tables is worker.tables
    assert worker.tables.state is State.OPEN


@pytest.mark.parametrize("incident", [*KINDS.values(), incident_of(ACT), ALONE], ids=[*KINDS, "an act", "alone"])
async def test_what_asks_nothing_is_no_answer(incident):
    """An outage is one over many messages, whatever is done for each without the store."""
    worker = Worker(failures=3)
    worker.left = 0
    for _ in range(3):
        assert worker.tables.state is State.CLOSED
        await worker.handle(incident)
    assert worker.tables.state is State.OPEN


@pytest.mark.parametrize("incident", KINDS.values(), ids=KINDS)
async def test_a_store_that_answers_is_no_outage(worker, incident):
    """Whatever a message is about, it is done with."""
    assert await worker.handle(incident) == Complete()
    assert worker.tables.state is State.CLOSED


async def test_who_has_more_to_tell_is_reminded_after_the_launch(worker):
    """Of a launch with one alert nobody is; of an end that overtook it somebody is."""
    assert await worker.handle(an_alert()) == Complete()
    assert worker.reminders == []
    other = Worker()
    await other.handle(a_resolve())
    assert other.reminders == []
    assert await other.handle(an_alert()) == Complete()
    assert other.reminders == [an_alert().key]


async def test_a_store_that_goes_away_after_the_launch_leaves_the_message(worker):
    """The launch is done, and what it is to be reminded of is found out by the next delivery."""
    counting = Worker()
    assert await counting.handle(an_alert()) == Complete()
    worker.left = 1_000 - counting.left - 1
    assert isinstance(await worker.handle(an_alert()), RetryLater)
    assert worker.tables.state is State.OPEN
    worker.left = 1_000
