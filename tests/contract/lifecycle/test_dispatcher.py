"""What is done about each kind of event, against a real table store; the launch itself has no steps here."""

import asyncio
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from bare_response import bare_response
from grouping_run import NOON, a_resolve, an_alert
from somebody_told import SomebodyTold

from worker.domain.alert_identity import tracking_id
from worker.domain.alert_status import Disposition
from worker.domain.errors import Unreachable
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident, generation_key, incident_id, sender_key
from worker.domain.lease import AlreadyLaunched, Closing
from worker.domain.sender_rate import SenderRate
from worker.domain.sender_scope import SenderScope
from worker.domain.settlement import Complete, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.engine.launcher import Launcher
from worker.grouping.alert_store import open_alert_store
from worker.grouping.flood_guard import FloodGuard
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.dispatcher import Dispatcher
from worker.lifecycle.reminders import ReminderScheduler, reminder
from worker.lifecycle.report_joining import ReportJoining
from worker.lifecycle.summary_update import SummaryUpdate
from worker.messaging.mark import Marks
from worker.resilience.admission import Admission
from worker.resilience.urgency import Urgency
from worker.storage.stores import open_stores

KEY = "disk-db1"
HOUR = timedelta(hours=1)
TIMING = Timing(allowance=timedelta(minutes=2), lookup_lag=timedelta(seconds=1))


class Worker:
    """One worker's handling, the reminders that it sent, and the digests that it told."""

    def __init__(self, store, alert_store, rate=None):
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
        launcher = Launcher((SomebodyTold(),), store, TIMING, HOUR)
        floods = FloodGuard(store.sender_windows, lambda _: rate)
        grouper = Grouper(alert_store, GroupingRules((), HOUR), Windows(HOUR, HOUR), floods)
        reports = ReportJoining(store.incidents, alert_store)
        reminders = ReminderScheduler(self._publish, timedelta(seconds=15), Marks(store.mark_key.read_or_create))
        response = bare_response(store, self._publish)
        self.handling = Dispatcher(launcher, grouper, summary_update, reports, reminders, Admission(3), response)

    async def handle(self, incident):
        return await self.handling.handle(incident, asyncio.Event(), lambda: NOON)

    async def remind(self, key):
        event = reminder(key, datetime.now(UTC))
        return await self.handle(Incident(key=key, event=event, received_at=datetime.now(UTC)))

    async def state(self, incident):
        known = await self.store.incidents.summary(incident)
        return known.state if known is not None else None

    async def _publish(self, encoded, *, at, mark):
        if self.broker_is_away:
            raise Unreachable("The broker is away.")
        assert mark == await Marks(self.store.mark_key.read_or_create).make(encoded.body)
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


def by_key(received=0, **facts):
    return an_alert(**{"fingerprint": "", "key": KEY, "occurred_at": None, **facts, "received": received})


async def test_a_second_telling_of_a_key_is_told(worker):
    """Counted, with the worse severity; its message is done with once the broker has the reminder."""
    opened = by_key(severity=4)
    for each in (opened, by_key(1, title="database down", severity=1)):
        assert await worker.handle(each) == Complete()
    assert worker.reminders == [KEY]
    await worker.remind(KEY)
    [digest] = worker.digests
    assert (digest.summary.alerts, digest.summary.severity, digest.summary.worst) == (2, 1, "database down")


async def test_the_same_words_by_a_key_are_told_to_nobody_before_their_end(worker):
    """A message that comes twice, or a sender that repeats itself; after the end they are another firing."""
    for received in range(3):
        assert await worker.handle(by_key(received)) == Complete()
    assert worker.reminders == []
    for each in (by_key(3, type=EventType.RESOLVE), by_key(4)):
        assert await worker.handle(each) == Complete()
    assert worker.reminders == [KEY]
    await worker.remind(KEY)
    [digest] = worker.digests
    assert (digest.summary.alerts, digest.summary.firing) == (2, 1)


async def test_a_later_incident_of_a_key_is_launched_and_told_as_its_own(worker):
    """Under its own key and id, once, however often its message comes; what follows is told there."""
    first, second = by_key(), by_key(20, title="database down")
    await worker.handle(first)
    await worker.alert_store.close(first.id)
    for _ in range(2):
        assert await worker.handle(second) == Complete()
    assert await worker.handle(by_key(21, type=EventType.RESOLVE)) == Complete()
    key = generation_key(second.event)
    assert await worker.state(incident_id(key)) is LaunchState.LAUNCHED
    assert worker.reminders == [key]
    await worker.remind(key)
    [digest] = worker.digests
    assert (digest.summary.alerts, digest.summary.firing, digest.summary.worst) == (1, 0, "database down")
    assert {each.incident_id: each.event.title for each in await worker.store.listing.newest(5)} == {
        first.id: first.event.title,
        incident_id(key): "database down",
    }


async def test_a_key_that_is_told_again_takes_up_a_launch_that_was_given_up(worker):
    """What is raised a second time is not kept beside what nobody works on."""
    opened = by_key()
    lease = await worker.store.incidents.lease(opened, [])
    await worker.handling.grouper.place(opened)
    await worker.store.incidents.commit(lease, [], Closing(LaunchState.FAILED, failure="refused"))
    assert await worker.handle(by_key(1)) == Complete()
    assert await worker.state(opened.id) is LaunchState.LAUNCHED


@pytest.mark.parametrize("named", ["key", "first", "second"])
async def test_a_report_goes_to_the_incident_that_its_key_has_now(worker, named):
    """By the sender's key, or by that of an incident which has ended, to the one that is open; and leaves a trace."""
    first, second = by_key(), by_key(20)
    await worker.handle(first)
    await worker.alert_store.close(first.id)
    await worker.handle(second)
    report = a_report({"key": KEY, "first": first.key, "second": generation_key(second.event)}[named])
    assert await worker.handle(report) == Complete()
    status = await worker.alert_store.status(tracking_id(report.event))
    assert status.incident_id == incident_id(generation_key(second.event))
    assert (status.disposition, status.because) == (Disposition.JOINED, f"joined {status.incident_id}, which it names")


def a_report(key, title="Checkout is slow", **facts):
    event = Event(type="report", title=title, key=key, source="ada@desk", received_at=NOON, severity=5, **facts)
    return Incident(key=key, event=event, received_at=NOON)


def raised():
    """As `tocsin raise` does: its key is nobody's name."""
    return Incident(key="random:1", event=Event(title="Down", key="random:1"), received_at=NOON)


async def test_a_report_joins_what_a_person_raised_and_is_told_once(worker):
    """However often its message is delivered, and it launches nothing."""
    opened, report = raised(), a_report("random:1", impact="EU cannot pay")
    await worker.handle(opened)
    for _ in range(2):
        assert await worker.handle(report) == Complete()
    await worker.remind(opened.key)
    [digest] = worker.digests
    assert [(each.title, each.impact, each.by) for each in digest.summary.reports] == [
        ("Checkout is slow", "EU cannot pay", "ada@desk")
    ]
    assert (digest.summary.alerts, digest.summary.severity) == (1, opened.event.severity)
    assert len(await worker.store.listing.newest(5)) == 1


@pytest.mark.parametrize(
    ("facts", "joins"),
    [
        ({"sender": "a"}, True),
        ({"sender": "b"}, False),
        ({"sender": "b", "sender_scope": SenderScope(reads_all=True)}, True),
        ({"sender": "b", "sender_scope": SenderScope(services=("checkout",))}, True),
        ({"sender": "b", "sender_scope": SenderScope(ends_all=True)}, False),
        ({"sender": ""}, True),
    ],
)
async def test_a_report_joins_what_its_sender_may_see(worker, facts, joins):
    """By whatever key it names it; else it is an incident of its own, as where there is nothing to join."""
    opened, report = by_key(sender="a", service="checkout"), a_report(KEY, **facts)
    await worker.handle(opened)
    assert await worker.handle(report) == Complete()
    status = await worker.alert_store.status(tracking_id(report.event))
    assert (status.incident_id == opened.id) == joins
    assert (len(await worker.store.listing.newest(5)) == 1) == joins
    assert await worker.state(status.incident_id) is LaunchState.LAUNCHED


async def test_a_key_of_another_sender_is_launched_under_an_id_of_its_own(worker):
    """With its own words, and its own state."""
    ours, theirs = by_key(sender="a"), by_key(1, sender="b", title="theirs")
    for each in (ours, theirs, theirs):
        assert await worker.handle(each) == Complete()
    listed = {each.incident_id: each.event.title for each in await worker.store.listing.newest(5)}
    assert listed == {ours.id: ours.event.title, incident_id(sender_key(theirs.event)): "theirs"}


async def test_a_report_joins_what_an_alert_opened(worker):
    """It is no firing: when all alerts have resolved, so has the incident."""
    alert = an_alert()
    for each in (alert, a_report(alert.key), a_resolve()):
        assert await worker.handle(each) == Complete()
    await worker.remind(alert.key)
    summary = worker.digests[0].summary
    assert (summary.alerts, len(summary.reports), summary.firing) == (1, 1, 0)


async def test_a_report_is_not_done_with_before_its_reminder_is_sent(worker):
    """While the broker is away the message stays, and the report is kept no second time when it comes again."""
    opened, report = raised(), a_report("random:1")
    await worker.handle(opened)
    worker.broker_is_away = True
    assert isinstance(await worker.handle(report), RetryLater)
    worker.broker_is_away = False
    assert await worker.handle(report) == Complete()
    assert worker.reminders == [opened.key]
    assert len((await worker.alert_store.alerts(opened.id)).records) == 1


async def test_a_report_that_joined_before_the_launch_ended_is_told_after_it(worker):
    """The end of the launch of what a person raised looks for it too."""
    opened = raised()
    lease = await worker.store.incidents.lease(opened, [])
    await worker.handle(a_report(opened.key))
    await worker.store.incidents.commit(lease, [], Closing(LaunchState.LAUNCHING, failure="later"))
    worker.handling.reminders._sent.clear()  # the next interval
    worker.reminders.clear()
    assert await worker.handle(opened) == Complete()
    assert worker.reminders == [opened.key]


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_report_about_what_nobody_launches_is_an_incident_of_its_own(worker, is_closed):
    """Unknown, or discarded: what a person says is read by somebody; delivered again, it is the same one."""
    report = a_report("random:1")
    if is_closed:
        await worker.store.incidents.lease(raised(), [])
        await worker.alert_store.close(report.id)
    for _ in range(2):
        assert await worker.handle(report) == Complete()
    [own] = [each for each in await worker.store.listing.newest(5) if each.incident_id != report.id]
    status = await worker.alert_store.status(tracking_id(report.event))
    assert (status.disposition, status.incident_id) == (Disposition.OPENED, own.incident_id)
    assert (own.state, own.event.title, own.event.type) == (LaunchState.LAUNCHED, "Checkout is slow", EventType.TRIGGER)


async def test_a_report_that_comes_again_stays_where_it_was(worker):
    """Whatever has been raised by its key meanwhile: what it joined, or the incident of its own."""
    first, second, early, late = by_key(), by_key(20), a_report(KEY, "Early"), a_report(KEY, "Late")
    for each in (early, first, late):
        await worker.handle(each)
    await worker.alert_store.close(first.id)
    await worker.handle(second)
    before = [await worker.alert_store.status(tracking_id(each.event)) for each in (early, late)]
    for each in (early, late):
        assert await worker.handle(each) == Complete()
    assert [await worker.alert_store.status(tracking_id(each.event)) for each in (early, late)] == before
    assert [each.disposition for each in before] == [Disposition.OPENED, Disposition.JOINED]
    kept = (await worker.alert_store.alerts(incident_id(generation_key(second.event)))).records
    assert [each.title for each in kept] == [second.event.title]


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


@contextmanager
def all_taken(admission):
    """By what is not urgent."""
    with ExitStack() as stack:
        while admission.wait(Urgency(3, "others")) is None:
            stack.enter_context(admission.taken(Urgency(3, "others")))
        yield


async def test_what_finds_no_place_is_placed_and_comes_again(worker):
    """Its status says from the beginning where it belongs, and its message waits in the queue, not here."""
    alert, admission = an_alert(), worker.handling.admission
    with all_taken(admission):
        decided = await worker.handle(alert)
        await worker.handle(an_alert("g"))
    assert (decided.crowded, decided.delay > timedelta()) == (True, True)
    assert await worker.state(alert.id) is None
    assert len((await worker.alert_store.alerts(alert.id)).records) == 2
    assert await worker.handle(alert) == Complete()
    assert await worker.state(alert.id) is LaunchState.LAUNCHED


async def test_a_severity_1_finds_a_place(worker):
    """While everything else is put off, the telling of what alerts have come to as well."""
    first, urgent = an_alert(), an_alert("urgent", severity=1, service="payments")
    await worker.handle(first)
    await worker.handle(an_alert("g"))
    with all_taken(worker.handling.admission):
        assert isinstance(await worker.remind(first.key), RetryLater)
        assert await worker.handle(urgent) == Complete()
    assert await worker.state(urgent.id) is LaunchState.LAUNCHED
    assert await worker.remind(first.key) == Complete()


@pytest.fixture
async def workers(settings):
    """Two of them, for senders that may open two incidents in ten minutes."""
    rate = SenderRate(2, timedelta(minutes=10))
    async with AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(open_stores(settings, owner=owner)) for owner in ("one", "two")]
        await stores[0].table.prepare()
        yield [Worker(store, await stack.enter_async_context(open_alert_store(settings)), rate) for store in stores]


def a_fault(number, **facts):
    """Of a service of its own, so that it belongs with no other."""
    return an_alert(f"f{number}", **{"service": f"service {number}", "sender": "prometheus"} | facts)


def raised_by_call(number):
    event = Event(title=f"Number {number}", key=f"random:{number}", sender="prometheus", received_at=NOON)
    return Incident(key=f"random:{number}", event=event, received_at=NOON)


async def handled(workers, incidents):
    """All of them at once, by whichever worker; put off ones again until they are done with."""

    async def one(number, incident):
        while await workers[number % 2].handle(incident) != Complete():
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one(*each) for each in enumerate(incidents)))


async def launched(worker):
    return {each.event.title: each for each in await worker.store.listing.newest(50)}


@pytest.mark.parametrize("of_its_own", [a_fault, raised_by_call])
async def test_what_is_beyond_a_senders_rate_is_one_incident(workers, of_its_own):
    """Two workers, ten faults: two incidents and one flood, in which the other eight are counted and told once."""
    incidents = [of_its_own(number) for number in range(10)]
    await handled(workers, incidents)
    found = await launched(workers[0])
    assert len(found) == 3
    flood = found["Flood of alerts from prometheus"]
    assert flood.state is LaunchState.LAUNCHED
    # Once more, as after a worker that died before it settled.
    await handled(reversed_of(workers), incidents)
    assert len(await launched(workers[0])) == 3
    await workers[0].remind(flood.key)
    [digest] = workers[0].digests
    assert (digest.summary.alerts, digest.summary.faults, digest.summary.firing) == (8, 8, 8)


def reversed_of(workers):
    return list(reversed(workers))


async def test_a_flood_is_over_when_all_in_it_has_resolved(workers):
    """A resolve finds its alert there; and the worst of them is the flood's severity."""
    for number in range(5):
        await handled(workers, [a_fault(number, severity=5 - number // 2)])
    flood = (await launched(workers[0]))["Flood of alerts from prometheus"]
    await handled(workers, [a_resolve(f"f{number}", sender="prometheus", at=1) for number in range(5)])
    await workers[0].remind(flood.key)
    [digest] = workers[0].digests
    assert digest.summary.resolved_at is not None
    assert (digest.summary.alerts, digest.summary.severity) == (3, 3)


async def test_what_is_severe_is_counted_apart(workers):
    """A storm of what can wait takes no incident from a severity 1; too many of those are a flood of their own."""
    await handled(workers, [a_fault(number) for number in range(5)])
    await handled(workers, [a_fault(number, severity=1) for number in range(10, 15)])
    found = await launched(workers[0])
    assert len(found) == 6
    assert found["Flood of severe alerts from prometheus"].event.severity == 1
    assert [each.event.severity for each in found.values()].count(1) == 3


async def test_another_sender_is_not_bounded_by_a_flood(workers):
    """Nor is what a person raises by the queue, who names no source."""
    await handled(workers, [a_fault(number) for number in range(5)])
    others = [a_fault(20, sender="grafana"), raised()]
    await handled(workers, others)
    assert {each.event.title for each in others} <= (await launched(workers[0])).keys()


async def test_a_further_alert_of_what_is_open_is_no_new_incident(workers):
    """Neither does it count, nor is it ever taken for a flood's."""
    first = a_fault(0)
    await handled(workers, [first])
    await handled(workers, [*[a_fault(0, at=number) for number in range(1, 6)], a_fault(1)])
    assert "Flood of alerts from prometheus" not in await launched(workers[0])
    await handled(workers, [a_fault(number) for number in range(2, 5)])
    await handled(workers, [a_fault(0, at=10)])
    assert len((await workers[0].alert_store.alerts(first.id)).records) == 7


async def test_whoever_asks_is_told_that_it_joined_and_why(workers):
    """By the status of an alert, and by that of the incident that a call was to open."""
    await handled(workers, [a_fault(number) for number in range(2)])
    alert, call = a_fault(2), raised_by_call(3)
    await handled(workers, [alert])
    await handled(workers, [call])
    flood = (await launched(workers[0]))["Flood of alerts from prometheus"]
    store = workers[0].alert_store
    for asked, disposition in ((tracking_id(alert.event), "opened"), (call.id, "joined")):
        status = await store.status(asked)
        assert (status.disposition, status.incident_id) == (disposition, flood.incident_id)
        assert "prometheus opens more incidents than one sender may at a time" in status.because
    assert await store.status(a_fault(0).id) is None
    assert await store.status("inc-0000000000") is None


async def test_a_report_on_nothing_is_bounded_as_well(workers):
    """It would open an incident of its own; by a person at the queue it names who says it."""
    await handled(workers, [a_report(f"random:{number}", f"Report {number}") for number in range(5)])
    assert len(await launched(workers[0])) == 3


async def test_a_store_that_is_away_loses_nothing_of_a_flood(settings):
    """The message waits, as every other."""
    nowhere = settings.model_copy(update={"tables_incidents": "nowhere"})
    async with open_stores(nowhere, owner="one") as store, open_alert_store(nowhere) as alert_store:
        decided = await Worker(store, alert_store, SenderRate(1, HOUR)).handle(raised_by_call(1))
    assert isinstance(decided, RetryLater)
    assert decided.outage
