"""A person is told, whatever is down: each system away in each way, alone and in pairs, with real processes."""

import pytest
import pytest_asyncio
from told_matrix import told_cells
from told_runner import open_told_runner

# A cell waits for its turn on a busy machine, and then for leases and quarantines to pass.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told_runner(request, nursery):
    """Runs the cells of all selected tests of this file, some ahead of the test that asks."""
    chosen = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    cells = [told for item in chosen if (told := item.callspec.params.get("told")) is not None]
    async with open_told_runner(nursery, cells) as opened:
        yield opened


@pytest.mark.parametrize("told", told_cells(), ids=str)
async def test_a_person_is_told_whatever_is_down(told_runner, told):
    """Somebody is told in time, or it is said that nobody is; once healed, every effect is there once."""
    outcome = await told_runner.outcome(told)
    assert not outcome.problems, str(outcome)
