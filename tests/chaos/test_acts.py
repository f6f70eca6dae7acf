"""The matrix of the response: acts and timers among deaths, faults, pauses and other workers, counted in the world."""

import pytest
import pytest_asyncio
from lived_matrix import each_moment_once, each_time
from lived_runner import open_lived_runner

# A cell waits for its turn on a busy machine, and then for leases and quarantines to pass.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


def parameters():
    """As pytest takes them: what is not run each time is marked, and every trouble at every moment is the runner's."""
    chosen = set(each_time())
    assert chosen <= set(each_moment_once()), "The part must come of the whole."
    marks = {True: (), False: (pytest.mark.soak,)}
    return [pytest.param(cell, id=str(cell), marks=marks[cell in chosen]) for cell in each_moment_once()]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(request, nursery):
    """Runs the cells of all selected tests side by side."""
    ours = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    cells = [item.callspec.params["lived_cell"] for item in ours if "lived_cell" in item.callspec.params]
    async with open_lived_runner(nursery, list(dict.fromkeys(cells))) as runner:
        yield runner


@pytest.mark.parametrize("lived_cell", parameters())
async def test_an_act_or_a_timer_counts_once_and_is_seen_once(lived, lived_cell):
    """Whatever its workers and its requests meet: each page, message, comment and change is there once."""
    outcome = await lived.outcome(lived_cell)
    assert outcome.is_clean, str(outcome)
