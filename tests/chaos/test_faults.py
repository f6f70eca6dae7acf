"""The fault matrix: every remote call on every kind of bad day, with one worker and with two."""

import pytest
from chaos_matrices import EXCLUDED_4XX, faults, faults_each_time, parameters

# A cell waits for its turn on a busy machine, and then for claims and quarantines to pass.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(600)]


@pytest.mark.parametrize("cell", parameters(faults(), faults_each_time()))
async def test_a_launch_survives_what_its_calls_meet(outcome_of, cell):
    """Whatever becomes of a request and its answer, every effect is there once and the queue is empty."""
    outcome = await outcome_of(cell)
    assert outcome.is_clean, str(outcome)


def test_answers_outside_the_contract_are_named_with_a_reason():
    """A refusal after applying that no cell tries is in the table of what is not promised."""
    assert all(reason for reason in EXCLUDED_4XX.values())
