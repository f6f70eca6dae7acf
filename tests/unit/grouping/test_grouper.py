"""The times for which an incident takes alerts, to the second, by a table store whose clock a test sets."""

from datetime import timedelta

import pytest
from grouping_run import NOON, a_resolve, an_alert
from memory_table import MemoryTable, MemoryTableClient, straight
from settable_clock import SettableClock

from worker.domain.alert_status import Disposition
from worker.domain.alert_summary import summarised
from worker.domain.grouping_rules import GroupingRules
from worker.grouping.alert_store import AlertStore
from worker.grouping.grouper import Grouper, Windows

REOPEN, WINDOW, IDLE = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=24)
UNCOUNTED = timedelta(minutes=5)
A_SECOND = timedelta(seconds=1)
JOINED, OPENED, RECORDED = Disposition.JOINED, Disposition.OPENED, Disposition.RECORDED


class Bench:
    """Alerts are placed by workers that remember nothing, and counted when it is said."""

    def __init__(self):
        self.clock = SettableClock(NOON)
        table = MemoryTable(self.clock)
        table.create()
        self.store = AlertStore(MemoryTableClient(table, straight))

    async def place(self, alert):
        return await Grouper(self.store, GroupingRules((), WINDOW), Windows(REOPEN, IDLE)).place(alert)

    async def count(self, incident):
        alerts = await self.store.alerts(incident)
        assert await self.store.store_count(incident, summarised(alerts.records), alerts.counted)

    def later(self, time):
        self.clock.now += time


@pytest.fixture
def bench():
    return Bench()


@pytest.mark.parametrize(
    ("after", "disposition"),
    [(REOPEN, JOINED), (REOPEN + UNCOUNTED, JOINED), (REOPEN + UNCOUNTED + A_SECOND, RECORDED)],
    ids=["in the window", "just after it", "long after it"],
)
async def test_a_resolve_just_after_the_window_is_not_lost(bench, after, disposition):
    """A firing that the incident took last of all may not have been counted yet, and it is its end that comes."""
    alert = an_alert()
    await bench.place(alert)
    await bench.place(a_resolve())
    await bench.count(alert.id)
    bench.later(after)
    assert (await bench.place(a_resolve(received=3))).disposition is disposition


@pytest.mark.parametrize(("after", "disposition"), [(REOPEN, JOINED), (REOPEN + A_SECOND, OPENED)])
@pytest.mark.parametrize("again", ["f", "g"], ids=["its fingerprint", "its group"])
async def test_what_fires_again_within_the_window_belongs_to_the_incident(bench, after, disposition, again):
    """And later to a new one."""
    alert = an_alert()
    await bench.place(alert)
    await bench.place(a_resolve())
    await bench.count(alert.id)
    bench.later(after)
    assert (await bench.place(an_alert(again, at=30, received=30))).disposition is disposition


@pytest.mark.parametrize("counted", [True, False], ids=["counted", "not counted yet"])
@pytest.mark.parametrize(
    ("again", "within"), [("f", IDLE), ("g", WINDOW)], ids=["of its fingerprint", "that agrees with it"]
)
async def test_an_incident_takes_an_alert_within_the_time_for_its_kind(bench, again, within, counted):
    """Counted from the last that was heard of it."""
    alert = an_alert()
    await bench.place(alert)
    if counted:
        await bench.count(alert.id)
    bench.later(within)
    assert (await bench.place(an_alert(again, at=1))).disposition is JOINED
    bench = Bench()
    await bench.place(alert)
    if counted:
        await bench.count(alert.id)
    bench.later(within + A_SECOND)
    assert (await bench.place(an_alert(again, at=1))).disposition is OPENED


async def test_a_closed_incident_takes_neither_firings_nor_ends(bench):
    """Nobody will ever launch it."""
    alert = an_alert()
    await bench.place(alert)
    await bench.count(alert.id)
    await bench.store.close(alert.id)
    assert (await bench.place(a_resolve())).disposition is RECORDED
    assert (await bench.place(an_alert(at=1))).disposition is OPENED


async def test_what_is_remembered_of_a_state_is_bounded_and_soon_forgotten(bench, monkeypatch):
    """In a storm a state is read once; what takes no more alerts is read anew for each."""
    grouper = Grouper(bench.store, GroupingRules((), WINDOW), Windows(REOPEN, IDLE))
    seconds = SettableClock(7.0)
    monkeypatch.setattr("worker.grouping.grouper.time.monotonic", seconds)
    reads = []
    state = bench.store.state

    async def counted(incident):
        reads.append(incident)
        return await state(incident)

    monkeypatch.setattr(bench.store, "state", counted)
    alert = an_alert()
    for number in range(3):
        await grouper.place(an_alert(at=number))
    assert reads == [alert.id]
    seconds.now += 2.1
    await grouper.place(an_alert(at=4))
    assert reads == [alert.id] * 2
    await grouper.place(a_resolve(at=4, received=5))
    await bench.count(alert.id)
    seconds.now += 2.1
    for number in (6, 7):
        await grouper.place(an_alert(at=number, received=number))
    assert len(reads) >= 4
