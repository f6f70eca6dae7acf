"""A storm against Graph's own limits: it takes hardly longer than they do, and burns no deliveries."""

from itertools import pairwise

import pytest
import pytest_asyncio
from house import House
from unattended import all_launched, queue_of, raise_burst

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

# One channel a second is the narrowest of the limits that a launch meets.
SECONDS_PER_INCIDENT = 1.0
SLACK = 1.25
# So many times a busy machine may stand still without the launches' being blamed for it.
STALLS = 2
# So many launches may ask for the same person before the first answer is there.
AT_ONCE = 4


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory, nursery):
    documented = {"teams_requests_per_second": 4, "teams_channels_per_second": 1, "call_timeout_seconds": 10}
    async with House(tmp_path_factory.mktemp("storm"), nursery=nursery, **documented) as running:
        yield running


@pytest.mark.parametrize("incidents", [12, pytest.param(100, marks=pytest.mark.soak)])
async def test_a_storm_ends_about_when_the_limits_let_it(house, incidents):
    """From the first channel to the last it takes little more than the limit's own minimum, whoever asks first."""
    await house.fault(system="graph", behaviour="throttle")
    intake, worker = await house.intake(), await house.work()
    before = len(await house.requests())
    raised = await raise_burst(intake, incidents, titled=f"Storm of {incidents}")
    await all_launched(house, raised, limit=incidents * 2 + 60)
    requests = (await house.requests())[before:]
    made = [each for each in requests if is_new_channel(each) and each["status"] == 201]
    moments = sorted(each["start"] for each in made)
    gaps = sorted(later - earlier for earlier, later in pairwise(moments))[:-STALLS]
    # On a busy machine two requests may arrive closer together than they left; each refusal asks for a second.
    refusals = sum(each["status"] == 429 for each in requests)
    assert sum(gaps) <= len(gaps) * SECONDS_PER_INCIDENT * SLACK + refusals
    assert refusals <= incidents / 4
    assert (await queue_of(house))["dead_letters"] == []
    assert looked_up(requests) <= AT_ONCE
    assert await worker.stop() == 0


def is_new_channel(request):
    return request["method"] == "POST" and request["path"].endswith("/channels")


def looked_up(requests):
    """How often each person was asked for: nobody's id changes during a storm."""
    users = [each["path"] for each in requests if "/users/" in each["path"] and each["status"] == 200]
    return max((users.count(path) for path in users), default=0)
