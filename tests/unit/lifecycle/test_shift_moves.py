"""Whoever changes a schedule leaves word of it, and the workers tell those whose shifts it moves."""

import pytest
from shift_bench import LATER, Life, ShiftBench, definitions
from structlog.testing import capture_logs

from worker.lifecycle.shift_moves import leave_word_of_moves
from worker.storage.partitions import NOTICE

EVENING = {"from": "2027-03-30T18:00", "to": "2027-03-30T22:00", "person": "eve"}
MOVED = "Shifts of yours were moved by eve@x.example."


@pytest.fixture
def bench():
    bench = ShiftBench()
    bench.now += 2 * LATER * 24  # the handover of the morning is over
    return bench


async def change(bench, after, by="eve@x.example"):
    before, bench.definitions = bench.definitions, after
    notices = bench.worker().delivery.notices
    return await leave_word_of_moves(notices, before, after, bench.now, by=by)


async def test_who_loses_a_shift_and_who_gets_one_are_told_but_not_who_did_it(bench):
    """Once, by whichever worker looks next."""
    assert await change(bench, definitions(overrides=[EVENING])) == 1
    for _ in range(2):
        await bench.look()
    assert bench.heard() == {"ben": [MOVED]}
    assert await change(bench, definitions(), by="") == 2
    await bench.look()
    assert bench.heard() == {"ben": [MOVED, "Shifts of yours moved."], "eve": ["Shifts of yours moved."]}


async def test_a_change_that_moves_nothing_leaves_no_word(bench):
    """Nor does one of another time."""
    assert await change(bench, definitions()) == 0
    past = {**EVENING, "from": "2027-03-20T18:00", "to": "2027-03-20T22:00"}
    assert await change(bench, definitions(overrides=[past])) == 0
    assert not [name for name in bench.table.partitions() if name.startswith(NOTICE)]


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize("call", range(1, 5))
async def test_wherever_the_worker_is_killed_it_is_read_once(bench, call, applied):
    """What was left is all that the next one needs, whatever the schedules say by then."""
    await change(bench, definitions(overrides=[EVENING]))
    with capture_logs():
        await bench.look(Life(ends_at=call, applied=applied))
    bench.definitions = definitions()
    bench.now += LATER
    await bench.look()
    assert bench.heard() == {"ben": [MOVED]}
