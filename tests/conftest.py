"""What several tiers of tests stand on: one Azurite and one nursery of processes for the whole run."""

import uuid
from datetime import timedelta

import hypothesis
import pytest
import pytest_asyncio
import structlog
from nursery import open_nursery
from patience import PATIENCE
from seen import Seen
from xdist.scheduler import LoadFileScheduling

from worker.observability.telemetry import reporting_to
from worker.sandbox.tables.azurite import start_azurite
from worker.settings import Settings

# How long an example takes says more about the machine than about us.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

# Their cells share a runner, so that no more of them run at once than two cores bear; see chaos_runner.
_OF_ONE_RUNNER = {f"tests/chaos/test_{matrix}.py" for matrix in ("faults", "kills", "pauses")}


class _ByFile(LoadFileScheduling):
    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return "the matrices" if file in _OF_ONE_RUNNER else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Each file's tests in one process, whose sandbox they share."""
    return _ByFile(config, log)


@pytest.fixture
def seen():
    """All that is told to telemetry during the test."""
    seen = Seen()
    with reporting_to(seen.telemetry):
        yield seen
    seen.close()


@pytest.fixture(autouse=True)
def plain_logging():
    """Each test hears all log lines, whatever level a command set for its process in the test before."""
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def azurite():
    """The connection string of a table store that lives as long as the test run."""
    running = await start_azurite()
    yield running.connection_string
    await running.close()


@pytest.fixture(scope="session")
def nursery():
    """Where the processes of all houses and matrices are born."""
    with open_nursery() as nursery:
        yield nursery


@pytest.fixture
def settings(azurite):
    """Settings with a table of the test's own, and times that no busy machine exceeds."""
    return Settings.read(
        _env_file=None,
        tables_connection_string=azurite,
        tables_incidents=f"t{uuid.uuid4().hex}",
        lease_seconds=PATIENCE,
        call_timeout_seconds=PATIENCE,
        lookup_lag_seconds=1,
    )


@pytest.fixture
def hasty_settings(settings):
    """The same with leases that a test can wait for, where nothing has to be done before they end."""
    return settings.model_copy(update={"lease_seconds": timedelta(seconds=2)})
