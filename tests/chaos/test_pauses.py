"""Workers that stand still for longer than their lease lives, and wake when another has finished."""

import pytest
from chaos_matrices import parameters, pauses, pauses_each_time

# A cell waits for its turn on a busy machine, and then for leases and quarantines to pass.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("cell", parameters(pauses(), pauses_each_time()))
async def test_a_worker_that_wakes_late_changes_nothing(outcome_of, cell):
    """A worker stopped in the middle of a launch and continued after another's end adds nothing to the world."""
    outcome = await outcome_of(cell)
    assert outcome.is_clean, str(outcome)


async def test_nothing_came_after_the_count(runner):
    """Counted again at the very end, the world of every cell is as it was."""
    assert not await runner.recount()
