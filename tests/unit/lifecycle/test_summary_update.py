"""When an incident's alerts are counted and told, on a table store in memory: before, during and after its launch."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from grouping_run import a_resolve, an_alert
from memory_table import MemoryTable, MemoryTableClient, straight, utc_now
from patience import PATIENCE

from worker.domain.alert_record import AlertRecord
from worker.domain.digest import PublishedSummary
from worker.domain.errors import Forbidden, Held, Unreachable
from worker.domain.incident import Incident
from worker.domain.lease import Closing
from worker.domain.settlement import Complete, RetryLater
from worker.domain.states import LaunchState
from worker.engine.executor import Timing
from worker.engine.step import Step
from worker.grouping.alert_store import AlertStore
from worker.lifecycle.summary_update import SummaryUpdate
from worker.storage.incident_store import IncidentStore

ALERT = an_alert()


class Tell(Step[PublishedSummary]):
    """Tells a list, or fails as it is told to."""

    name = "tell"
    result = PublishedSummary

    def __init__(self, bench, digest, before):
        self._bench, self._digest, self._before = bench, digest, before

    def describe(self, result):
        return result.id

    async def find(self, incident, done):
        return None

    async def run(self, incident, done):
        if self._bench.errors:
            raise self._bench.errors.pop(0)
        self._bench.told.append((self._digest.summary.alerts, self._before and self._before.id))
        return PublishedSummary(mark=self._digest.mark, id=str(len(self._bench.told)))


@dataclass
class Bench:
    store: IncidentStore
    alerts: AlertStore
    told: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    responded: list = field(default_factory=list)
    merged: dict = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def update(self):
        return SummaryUpdate(
            store=self.store,
            alert_store=self.alerts,
            launch=(),
            summary_steps=(Tell,),
            playbook_of=lambda digest, before: (Tell(self, digest, before.get("tell")),),
            timing=Timing(allowance=PATIENCE, lookup_lag=timedelta(seconds=1)),
            reopen=timedelta(minutes=10),
            give_up_after=timedelta(hours=1),
            tell_response=self.respond,
            merged_into=self._merged_into,
        )

    async def respond(self, incident, summary):
        self.responded.append((incident.id, summary.firing, summary.faults))

    async def _merged_into(self, incident):
        return self.merged.get(incident, ())

    async def keep(self, alert, *, opened=False):
        assert await self.alerts.keep(ALERT.id, AlertRecord.of(alert, because="", opened=opened))

    async def launch(self, state=LaunchState.LAUNCHED):
        lease = await self.store.lease(ALERT, [])
        await self.store.commit(lease, [], Closing(state))

    async def publish(self, *, due=timedelta()):
        reminder = Incident(key=ALERT.key, event=ALERT.event, received_at=datetime.now(UTC) - due)
        return await self.update.publish(reminder, self.stopping)


@pytest.fixture
def bench():
    table = MemoryTable(utc_now)
    table.create()
    client = MemoryTableClient(table, straight)
    return Bench(IncidentStore(client, owner="one", lease_duration=PATIENCE), AlertStore(client))


async def test_what_comes_before_the_launch_has_ended_is_counted(bench):
    """Nothing is told yet; but the next alert sees how its incident stands, and whoever looks as well."""
    await bench.store.lease(ALERT, [])
    await bench.keep(ALERT, opened=True)
    await bench.keep(a_resolve())
    assert await bench.publish() == Complete()
    assert (await bench.alerts.state(ALERT.id)).resolved
    assert bench.told == []


async def test_a_reminder_of_what_is_being_told_comes_again_in_seconds(bench):
    """Whoever tells it is done long before the lease ends."""
    await bench.launch()
    await bench.store.lease_launched(ALERT.id)
    with pytest.raises(Held) as held:
        await bench.publish()
    assert timedelta() < held.value.retry_after <= timedelta(seconds=3)


async def test_a_launched_incident_is_told_of_all_its_alerts_in_one_place(bench):
    """The second telling changes the first; a third that would say the same is none."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(an_alert(at=1))
    assert await bench.publish() == Complete()
    assert bench.told == [(2, None)]
    await bench.keep(an_alert(at=2))
    assert await bench.publish() == Complete()
    assert bench.told == [(2, None), (3, "1")]
    assert await bench.publish() == Complete()
    assert len(bench.told) == 2


async def test_whoever_responds_learns_what_the_alerts_have_come_to(bench):
    """Before anybody is told, so that what is told is decided by it."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(a_resolve())
    bench.errors = [Unreachable("away")]
    await bench.publish()
    assert bench.responded == [(ALERT.id, 0, 1)]


async def test_nothing_but_what_opened_it_is_not_told(bench):
    """The launch has told that."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    assert await bench.publish() == Complete()
    assert bench.told == []
    assert not await bench.update.has_more(ALERT)
    await bench.keep(an_alert(at=1))
    assert await bench.update.has_more(ALERT)


async def test_what_opened_an_incident_that_its_sender_named_is_counted_too(bench):
    """Only its own event tells of that."""
    await bench.launch()
    await bench.keep(a_resolve())
    assert await bench.publish() == Complete()
    assert bench.told == [(1, None)]
    summary = await bench.alerts.summary(ALERT.id)
    assert (summary.faults, summary.firing, summary.first_at) == (1, 0, ALERT.event.occurred_at)


async def test_an_alert_of_no_incident_is_nothing_to_tell(bench):
    """Its reminder is done with."""
    await bench.keep(an_alert(at=1))
    assert await bench.publish() == Complete()
    assert bench.told == []


async def test_a_reminder_whose_alerts_were_all_told_costs_no_telling(bench):
    """One due before the last telling read its alerts."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(an_alert(at=1))
    await bench.publish()
    await bench.keep(an_alert(at=2))
    assert await bench.publish(due=timedelta(minutes=5)) == Complete()
    assert len(bench.told) == 1
    assert await bench.publish(due=-timedelta(minutes=5)) == Complete()
    assert len(bench.told) == 2


async def test_what_may_still_succeed_is_tried_again_and_what_never_will_is_not(bench):
    """A telling is worth less than a launch: it is never dead-lettered, and given up in the end."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(an_alert(at=1))
    bench.errors = [Unreachable("away"), Unreachable("away"), Forbidden("no right")]
    assert isinstance(await bench.publish(due=timedelta(minutes=59)), RetryLater)
    assert await bench.publish(due=timedelta(minutes=61)) == Complete()
    assert await bench.publish() == Complete()
    assert bench.told == []
    assert await bench.publish(due=timedelta(minutes=5)) == Complete()
    assert bench.told == [(2, None)]


async def test_a_worker_that_is_stopping_hands_the_telling_on(bench):
    """At once, and without a failure."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(an_alert(at=1))
    bench.stopping.set()
    decided = await bench.publish()
    assert decided == RetryLater(timedelta(), "The worker is stopping.")
    bench.stopping.clear()
    assert await bench.publish() == Complete()
    assert bench.told == [(2, None)]


async def test_the_lease_is_given_back_after_each_telling(bench):
    """The next one need not wait for its end."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    for number in range(1, 4):
        await bench.keep(an_alert(at=number))
        assert await bench.publish() == Complete()
    assert len(bench.told) == 3


async def test_those_who_count_too_are_waited_for_a_moment(bench, monkeypatch):
    """Ten others may be quicker; then the message comes again."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(an_alert(at=1))
    tries = []

    async def quicker(*_):
        tries.append(1)
        return False

    monkeypatch.setattr(bench.alerts, "store_count", quicker)
    with pytest.raises(Held) as held:
        await bench.publish()
    assert len(tries) == 10
    assert held.value.retry_after > timedelta()


async def test_the_alerts_of_what_was_merged_into_it_count_as_well(bench):
    """It has resolved only once theirs have, too."""
    await bench.launch()
    await bench.keep(ALERT, opened=True)
    await bench.keep(a_resolve())
    other = an_alert("g")
    await bench.alerts.keep(other.id, AlertRecord.of(other, because="", opened=True))
    bench.merged[ALERT.id] = [other.id]
    assert await bench.publish() == Complete()
    assert (await bench.alerts.summary(ALERT.id)).firing == 1
    await bench.alerts.keep(other.id, AlertRecord.of(a_resolve("g"), because=""))
    assert await bench.publish() == Complete()
    assert (await bench.alerts.summary(ALERT.id)).resolved_at is not None
    assert await bench.update.has_more(ALERT)
