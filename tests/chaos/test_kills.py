"""The kill matrix: SIGKILL at every moment of a launch, and the world is as it should be."""

import pytest
from chaos_matrices import kills, kills_each_time, parameters

# A cell waits for its turn on a busy machine, and then for leases and quarantines to pass.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("cell", parameters(kills(), kills_each_time()))
async def test_a_launch_survives_the_death_of_its_worker(outcome_of, cell):
    """Whenever the worker is killed, every effect is there once and the queue is empty."""
    outcome = await outcome_of(cell)
    assert outcome.is_clean, str(outcome)
