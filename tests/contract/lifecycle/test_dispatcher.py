"""What is done about each kind of event, against a real table store; the launch itself has no steps here."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from grouping_run import NOON, a_resolve, an_alert

from worker.domain.errors import Unreachable
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident
from worker.domain.lease import AlreadyLaunched
from worker.domain.settlement import Complete, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.grouping.alert_store import open_alert_store
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.dispatcher import Dispatcher
from worker.lifecycle.reminders import ReminderScheduler, reminder
from worker.lifecycle.summary_update import SummaryUpdate
from worker.storage.stores import open_stores

HOUR = timedelta(hours=1)
TIMING = Timing(allowance=timedelta(minutes=2), lookup_lag=timedelta(seconds=1))


class Worker:
    """One worker's handling, the reminders that it sent, and the digests that it told."""

    def __init__(self, store, alert_store):
        self.store, self.alert_store = store, alert_store
        self.reminders, self.digests = [], []
        self.broker_is_away = False
        summary_update = SummaryUpdate(
            store=store.incidents,
            alert_store=alert_store,
            launch=(),
            summary_steps=(),
            playbook_of=self._tellers,
            timing=TIMING,
            reopen=HOUR,
            give_up_after=HOUR,
        )
        launcher = Launcher((), store, TIMING, HOUR)
        grouper = Grouper(alert_store, GroupingRules((), HOUR), Windows(HOUR, HOUR))
        self.handling = Dispatcher(
            launcher, grouper, summary_update, ReminderScheduler(self._publish, timedelta(seconds=15))
        )

    async def handle(self, incident):
        return await self.handling.handle(incident, asyncio.Event(), lambda: NOON)

    async def remind(self, key):
        event = reminder(key, datetime.now(UTC))
        return await self.handle(Incident(key=key, event=event, received_at=datetime.now(UTC)))

    async def state(self, incident):
        known = await self.store.incidents.summary(incident)
        return known.state if known is not None else None

    async def _publish(self, encoded, *, at):
        if self.broker_is_away:
            raise Unreachable("The broker is away.")
        self.reminders.append(encoded.event.key)

    def _tellers(self, digest, before):
        self.digests.append(digest)
        return ()


@pytest.fixture
async def worker(settings):
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_stores(settings, owner="one"))
        await store.table.prepare()
        yield Worker(store, await stack.enter_async_context(open_alert_store(settings)))


async def test_the_first_alert_is_launched_and_nobody_is_reminded(worker):
    """There is nothing to tell beyond the launch."""
    alert = an_alert()
    assert await worker.handle(alert) == Complete()
    assert await worker.state(alert.id) is LaunchState.LAUNCHED
    assert worker.reminders == []


async def test_a_further_alert_is_told_and_launches_nothing(worker):
    """Its message is done with once the broker has the reminder, which tells it."""
    first, second = an_alert("f"), an_alert("g")
    for alert in (first, second):
        assert await worker.handle(alert) == Complete()
    assert await worker.state(second.id) is None
    assert worker.reminders == [first.key]
    assert await worker.remind(first.key) == Complete()
    assert [digest.summary.alerts for digest in worker.digests] == [2]


async def test_an_alert_is_not_done_with_before_its_reminder_is_sent(worker):
    """While the broker is away the message stays, and is kept no second time when it comes again."""
    first, second = an_alert("f"), an_alert("g")
    await worker.handle(first)
    worker.broker_is_away = True
    assert isinstance(await worker.handle(second), RetryLater)
    worker.broker_is_away = False
    assert await worker.handle(second) == Complete()
    assert worker.reminders == [first.key]
    assert len((await worker.alert_store.alerts(first.id)).records) == 2


async def test_what_joined_before_the_launch_is_told_after_it(worker):
    """The launch ends with another look, also where it was over when its message came again."""
    first, second = an_alert("f"), an_alert("g")
    await worker.handling.grouper.place(first)
    assert await worker.handle(second) == Complete()
    assert await worker.remind(first.key) == Complete()
    assert worker.digests == []
    worker.handling.reminders._sent.clear()  # the next interval
    for _ in range(2):
        assert await worker.handle(first) == Complete()
    assert worker.reminders == [first.key] * 2
    await worker.remind(first.key)
    assert [digest.summary.alerts for digest in worker.digests] == [2]


async def test_a_resolve_is_told_and_one_of_nothing_is_not(worker):
    """The one joins, the other is recorded; neither launches anything."""
    alert = an_alert()
    assert await worker.handle(a_resolve("unknown")) == Complete()
    assert worker.reminders == []
    await worker.handle(alert)
    assert await worker.handle(a_resolve()) == Complete()
    assert worker.reminders == [alert.key]
    await worker.remind(alert.key)
    assert worker.digests[0].summary.resolved_at is not None


async def test_a_resolve_that_overtook_is_told_with_the_launch(worker):
    """The incident is launched, and told as resolved."""
    alert = an_alert()
    await worker.handle(a_resolve())
    await worker.handle(alert)
    assert await worker.state(alert.id) is LaunchState.LAUNCHED
    assert worker.reminders == [alert.key]


async def test_an_acknowledgement_is_told(worker):
    """When it came."""
    alert = an_alert()
    await worker.handle(alert)
    assert await worker.handle(an_alert(type=EventType.ACKNOWLEDGE, received=2)) == Complete()
    await worker.remind(alert.key)
    assert worker.digests[0].summary.acknowledged_at is not None


async def test_what_its_sender_named_is_launched_by_its_name(worker):
    """And its end, named by the same key, is told of it, with what opened it counted as the first alert."""
    event = Event(title="Down", key="the-key", fingerprint="f")
    opened = Incident(key="the-key", event=event, received_at=NOON)
    end = event.model_copy(update={"type": EventType.RESOLVE})
    for each in (event, end):
        assert await worker.handle(Incident(key="the-key", event=each, received_at=NOON)) == Complete()
    assert await worker.state(opened.id) is LaunchState.LAUNCHED
    await worker.remind("the-key")
    [digest] = worker.digests
    assert (digest.summary.alerts, digest.summary.firing) == (1, 0)


async def test_a_reminder_of_nothing_is_done_with(worker):
    """No such incident, or none that is launched: the end of a launch looks again."""
    assert await worker.remind("nobody") == Complete()
    assert worker.digests == []


async def test_an_incident_that_is_being_told_stays_launched(worker, settings):
    """A replay finds it launched; only another reminder has to wait for the end of the lease."""
    alert = an_alert()
    await worker.handle(alert)
    await worker.handle(an_alert("g"))
    async with open_stores(settings, owner="two") as other:
        assert await other.incidents.lease_launched(alert.id) is not None
        assert await worker.store.incidents.lease(alert, []) == AlreadyLaunched()
        assert isinstance(await worker.remind(alert.key), RetryLater)
    assert await worker.state(alert.id) is LaunchState.LAUNCHED
    assert await worker.store.listing.newest(5) != []


async def test_a_table_that_is_away_is_no_fault_of_the_alert(worker, settings):
    """The message waits, and the time does not count."""
    nowhere = settings.model_copy(update={"tables_incidents": "nowhere"})
    async with open_stores(nowhere, owner="one") as store, open_alert_store(nowhere) as alert_store:
        decided = await Worker(store, alert_store).handle(an_alert())
    assert isinstance(decided, RetryLater)
    assert decided.outage
