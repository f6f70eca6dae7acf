"""The fault matrix: every remote call on every kind of bad day, with one worker and with two."""

import pytest
from chaos_contracts import EXCLUDED, taken_for_not_applied
from chaos_matrices import faults, faults_each_time, parameters


# A cell waits for its turn on a busy machine, and then for leases and quarantines to pass.
@pytest.mark.timeout(600)
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("cell", parameters(faults(), faults_each_time()))
async def test_a_launch_survives_what_its_calls_meet(outcome_of, cell):
    """Whatever becomes of a request and its answer, every effect is there once and the queue is empty."""
    outcome = await outcome_of(cell)
    assert outcome.is_clean, str(outcome)


def test_the_refusals_that_are_trusted_are_named_with_a_reason():
    """What a client takes for "not applied" is in the table of excluded cells; all else is looked for first."""
    named = {(call, status) for status, (calls, _) in EXCLUDED.items() for call in calls}
    assert named == set(taken_for_not_applied())
