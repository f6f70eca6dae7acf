"""How far a sweep looks back, by a table store whose clock a test sets."""

from datetime import UTC, datetime, timedelta

import pytest
from memory_table import MemoryTable, MemoryTableClient, straight
from settable_clock import SettableClock

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
