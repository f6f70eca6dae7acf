"""One sandbox for each module's tests."""

import pytest_asyncio
from house import House


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    """A sandbox in a process of its own; workers and intakes are started by the tests."""
    settings = {"claim_seconds": 2, "call_timeout_seconds": 2, "lookup_lag_seconds": 1, "slots": 4}
    async with House(tmp_path_factory.mktemp("house"), nursery=nursery, **settings) as running:
        yield running
