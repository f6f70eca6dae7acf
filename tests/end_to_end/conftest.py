"""One sandbox for each module's tests."""

import pytest_asyncio
from house import House


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    """A sandbox in a process of its own; workers and intakes are started by the tests, with times that are kept."""
    settings = {"lease_seconds": 30, "call_timeout_seconds": 30, "lookup_lag_seconds": 1, "slots": 4}
    async with House(tmp_path_factory.mktemp("house"), nursery=nursery, **settings) as running:
        yield running
