"""The event loop's pulse."""

import asyncio
import time
from datetime import timedelta

import pytest
from patience import LIMIT
from structlog.testing import capture_logs

from worker.observability.heartbeat import Heartbeat


@pytest.fixture
async def heartbeat():
    heartbeat = Heartbeat()
    beating = asyncio.create_task(heartbeat.beat())
    await asyncio.sleep(0)
    yield heartbeat
    beating.cancel()


def compute(seconds):
    """As the loop's thread does when it reads a long list."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


async def test_the_longest_pause_is_told_whenever_it_was(seen, heartbeat):
    """One that begins and ends between two reports is seen, and no shorter one hides it; the log says whose it was."""
    with capture_logs() as logs:
        for seconds in (0.01, 0.6, 0.01):
            compute(seconds)
            await asyncio.sleep(0.03)
        async with asyncio.timeout(LIMIT):
            while heartbeat.longest < timedelta(seconds=0.58):
                await asyncio.sleep(0.01)
    longest = heartbeat.longest.total_seconds()
    assert seen.numbers["tocsin_event_loop_lag_seconds_sum",] >= longest
    assert seen.numbers["tocsin_event_loop_longest_pause_seconds",] == longest
    assert any(
        line["event"] == "worker.loop_late" and line["worked_seconds"] == pytest.approx(0.6, abs=0.1) for line in logs
    )
