"""Where alerts go of incidents that people have merged or ended, by a table store whose clock a test sets."""

from datetime import timedelta
from itertools import pairwise

import pytest
from grouping_run import NOON, a_resolve, an_alert
from memory_table import MemoryTable, MemoryTableClient, straight
from settable_clock import SettableClock

from worker.domain.alert_status import Disposition
from worker.domain.event import Event, EventType
from worker.domain.grouping_rules import GroupingRules
from worker.domain.incident import Incident
from worker.domain.response.state import ResponseState
from worker.grouping.alert_store import AlertStore
from worker.grouping.courses import Courses
from worker.grouping.grouper import Grouper, Windows
from worker.lifecycle.report_joining import ReportJoining
from worker.lifecycle.response.deciding import opened
from worker.storage.incident_store import IncidentStore
from worker.storage.response_store import ResponseStore

REOPEN, WINDOW, IDLE = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=24)
A_SECOND = timedelta(seconds=1)
JOINED, OPENED = Disposition.JOINED, Disposition.OPENED
OTHERS = [Incident(key=f"k-{number}", event=Event(title="Payments are down"), received_at=NOON) for number in range(3)]


def by_key(minute=0, **facts):
    event = Event(**{"title": "Checkout is down", "key": "disk", "source": "probe", **facts})
    received_at = NOON + timedelta(minutes=minute)
    return Incident(key="disk", event=event.model_copy(update={"received_at": received_at}), received_at=received_at)


class Bench:
    """Alerts are placed by workers that remember nothing."""

    def __init__(self):
        self.clock = SettableClock(NOON)
        table = MemoryTable(self.clock)
        table.create()
        client = MemoryTableClient(table, straight)
        self.alerts, self.responses = AlertStore(client), ResponseStore(client)
        self.incidents = IncidentStore(client, owner="one", lease_duration=timedelta(minutes=1))

    @property
    def courses(self):
        return Courses(self.incidents, self.responses, REOPEN)

    async def place(self, alert):
        windows = Windows(REOPEN, IDLE)
        return await Grouper(self.alerts, GroupingRules((), WINDOW), windows, courses=self.courses).place(alert)

    async def respond(self, incident, state, **facts):
        """Let the incident be launched, and its response stand so from now on."""
        if await self.incidents.summary(incident.id) is None:
            await self.incidents.lease(incident, [])
        before = await self.responses.read(incident.id)
        changes = {"state": ResponseState(state), "since": self.clock.now, **facts}
        after = opened(incident, NOON, 60.0).model_copy(update=changes)
        await self.responses.append(before, after, [])

    async def merge(self, incident, into):
        await self.respond(incident, "merged", merged_into=into.id)


@pytest.fixture
def bench():
    return Bench()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (an_alert(), an_alert(at=1)),
        (an_alert(), an_alert("g", at=1)),
        (by_key(), by_key(1)),
    ],
    ids=["of its fingerprint", "that agrees with it", "of its key"],
)
@pytest.mark.parametrize("merges", [1, 2, 3])
async def test_a_firing_belongs_to_the_incident_into_which_its_own_was_merged(bench, first, again, merges):
    """At the end of all merges, and once however often its message comes."""
    opened_by = await bench.place(first)
    chain = [Incident(key=opened_by.key, event=first.event, received_at=NOON), *OTHERS[:merges]]
    await bench.respond(chain[-1], "acknowledged")
    for incident, into in pairwise(chain):
        await bench.merge(incident, into)
    placed = await bench.place(again)
    assert (placed.disposition, placed.key) == (JOINED, chain[-1].key)
    assert (await bench.place(again)).key == placed.key
    assert len((await bench.alerts.alerts(chain[-1].id)).records) == 1


async def test_what_it_took_before_it_was_merged_stays_there(bench):
    """However often its message is delivered: the answer is the same for ever."""
    first, again = an_alert(), an_alert(at=1)
    await bench.place(first)
    before = await bench.place(again)
    await bench.respond(OTHERS[0], "open")
    await bench.merge(first, OTHERS[0])
    assert (await bench.place(first)).key == first.key
    assert (await bench.place(again)).key == before.key == first.key


async def test_the_end_of_what_it_took_is_told_to_the_other_one_as_well(bench):
    """That counts its alerts, and so learns that they have resolved."""
    first = an_alert()
    await bench.place(first)
    await bench.respond(OTHERS[0], "open")
    await bench.merge(first, OTHERS[0])
    placed = await bench.place(a_resolve())
    assert (placed.key, placed.also) == (first.key, (OTHERS[0].key,))


@pytest.mark.parametrize(
    ("state", "after", "disposition"),
    [
        ("open", timedelta(), JOINED),
        ("mitigated", timedelta(), JOINED),
        ("resolved", REOPEN, JOINED),
        ("resolved", REOPEN + A_SECOND, OPENED),
        ("closed", timedelta(), OPENED),
        ("declined", timedelta(), OPENED),
    ],
)
@pytest.mark.parametrize("is_merged", [False, True], ids=["its own", "the one it was merged into"])
async def test_what_people_have_ended_takes_no_new_firing(bench, state, after, disposition, is_merged):
    """Whatever its alerts say: else nobody is called for what breaks anew. What was resolved may be reopened by one."""
    first = an_alert()
    await bench.place(first)
    if is_merged:
        await bench.merge(first, OTHERS[0])
    await bench.respond(OTHERS[0] if is_merged else first, state)
    bench.clock.now += after
    placed = await bench.place(an_alert(at=11, received=11))
    assert placed.disposition is disposition
    assert placed.key != first.key or not is_merged


async def test_the_same_firing_told_again_stays_with_what_people_have_ended(bench):
    """A monitoring system that repeats itself calls nobody to what they have closed."""
    first = an_alert()
    await bench.place(first)
    await bench.respond(first, "closed")
    assert (await bench.place(an_alert(received=240))).key == first.key


async def test_a_ring_or_a_lost_incident_leads_nowhere(bench):
    """Its firings open incidents of their own: nobody will look at a merged one."""
    first = an_alert()
    await bench.place(first)
    await bench.merge(first, OTHERS[0])
    assert (await bench.place(an_alert(at=1))).disposition is OPENED
    second = an_alert("g", at=60, received=60, service="search")
    await bench.place(second)
    await bench.merge(second, OTHERS[1])
    await bench.merge(OTHERS[1], second)
    assert (await bench.place(an_alert("g", at=61, received=61, service="search"))).disposition is OPENED


async def test_a_report_on_a_merged_incident_is_told_to_the_other_one(bench):
    """Where people are at work on it."""
    await bench.respond(OTHERS[0], "open")
    await bench.respond(OTHERS[1], "open")
    await bench.merge(OTHERS[0], OTHERS[1])
    event = Event(type=EventType.REPORT, title="No one can pay", key=OTHERS[0].key, received_at=NOON)
    report = Incident(key=OTHERS[0].key, event=event, received_at=NOON)
    reports = ReportJoining(bench.incidents, bench.alerts, bench.courses)
    assert await reports.join(report) == await reports.join(report) == OTHERS[1].key
    assert [each.type for each in (await bench.alerts.alerts(OTHERS[1].id)).records] == [EventType.REPORT]
