"""How far a sweep looks back, by a table store whose clock a test sets."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from loop_clock import moved_clock
from memory_table import MemoryTable, MemoryTableClient, straight
from patience import LIMIT
from settable_clock import SettableClock

from worker.engine import sweep_schedule
from worker.engine.sweep_schedule import sweep_if_it_is_our_turn
from worker.storage.turns import Turns

EVERY, HOUR = timedelta(minutes=10), timedelta(hours=1)


class Looked:
    """A sweep that only notes how far it was to look back, and that it was to repair."""

    def __init__(self):
        self.back = []

    async def run(self, since, *, repair):
        assert repair
        self.back.append(since)


@pytest.mark.parametrize(
    ("passed", "back"),
    [(EVERY - timedelta(seconds=1), None), (EVERY, HOUR), (2 * HOUR, 2 * HOUR)],
    ids=["too early", "in turn", "after a night without workers"],
)
async def test_a_sweep_looks_back_an_hour_or_to_the_last_turn(passed, back):
    """What an index showed late to one sweep it shows to one of the next; and no time is left out."""
    clock = SettableClock(datetime(2026, 3, 2, tzinfo=UTC))
    table = MemoryTable(clock)
    table.create()
    turns, looked = Turns(MemoryTableClient(table, straight), owner="one"), Looked()
    assert await sweep_if_it_is_our_turn(looked, turns, EVERY)
    clock.now += passed
    assert await sweep_if_it_is_our_turn(looked, turns, EVERY) is (back is not None)
    assert looked.back == [HOUR, *([back] if back else [])]


async def test_workers_that_start_together_sweep_apart(monkeypatch):
    """The first sweep comes after half the interval at the earliest, and after all of it at the latest."""
    table = MemoryTable(SettableClock(datetime(2026, 3, 2, tzinfo=UTC)))
    table.create()
    turns, looked, shares = Turns(MemoryTableClient(table, straight), owner="one"), Looked(), []

    def share(*bounds):
        shares.append(bounds)
        return bounds[0]

    monkeypatch.setattr(sweep_schedule, "_share", share)
    with moved_clock() as clock:
        sweeping = asyncio.create_task(sweep_schedule.sweep_by_turns(looked, turns, EVERY))
        await asyncio.sleep(0)
        clock.move(EVERY / 2 - timedelta(seconds=60))
        await asyncio.sleep(0.01)
        assert looked.back == []
        clock.move(timedelta(seconds=60))
        async with asyncio.timeout(LIMIT):
            while len(shares) < 2:
                await asyncio.sleep(0.001)
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
    assert (looked.back, shares) == ([HOUR], [(0.5, 1.0), (0.1, 0.2)])
