"""A wrong clock is said again and again, a right one never, and a silent store changes nothing."""

import asyncio
from datetime import timedelta

import pytest
import structlog

from worker.app import clock_watch
from worker.app.clock_watch import watch_clock
from worker.domain.errors import Unreachable


@pytest.fixture
def told(monkeypatch):
    """What is logged while the store answers so, each answer once."""
    monkeypatch.setattr(clock_watch, "_LOOK_AGAIN", timedelta())

    async def told(*answers):
        left, all_asked = list(answers), asyncio.Event()

        async def ask():
            if not left:
                all_asked.set()
                return timedelta()
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        with structlog.testing.capture_logs() as lines:
            watching = asyncio.create_task(watch_clock(ask))
            await asyncio.wait({asyncio.create_task(all_asked.wait()), watching}, return_when=asyncio.FIRST_COMPLETED)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        return [line for line in lines if line["log_level"] == "error"]

    return told


async def test_an_hour_is_named(told):
    """Which way, by how much, and what comes of it."""
    [late, early] = await told(timedelta(hours=1), timedelta(seconds=20), timedelta(hours=-1))
    assert late["event"] == "clock.wrong"
    assert "3600 s behind that of the service" in late["error"]
    assert "3600 s ahead of that of the service" in early["error"]
    assert (late["seconds"], early["seconds"]) == (3600, -3600)


async def test_a_silent_store_ends_nothing(told):
    """It is asked again, and what it says then counts."""
    [line] = await told(Unreachable("nobody there"), timedelta(minutes=2))
    assert line["seconds"] == 120
