"""An incident that waits for its store is said aloud after a while, and none that has it again."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from patience import LIMIT
from structlog.testing import capture_logs

from worker.domain.errors import Rejected, Unreachable
from worker.domain.event import Event
from worker.domain.incident import Incident
from worker.engine.store_alarm import StoreAlarm

AWAY = Unreachable("The table does not answer.")


def incident(key="k"):
    return Incident(key=key, event=Event(title="Down", key=key), received_at=datetime.now(UTC))


class Said:
    def __init__(self, failure=None):
        self.incidents, self.failure = [], failure
        self.heard = asyncio.Event()

    async def __call__(self, incident, error):
        self.incidents.append(incident.id)
        self.heard.set()
        if self.failure:
            raise self.failure


async def test_whatever_waits_is_said_once():
    """However often its message is tried meanwhile."""
    said = Said()
    alarm = StoreAlarm(said, patience=timedelta())
    for _ in range(3):
        alarm.start(incident(), AWAY)
    alarm.start(incident("other"), AWAY)
    async with asyncio.timeout(LIMIT):
        while len(said.incidents) < 2:
            await asyncio.sleep(0.01)
    assert sorted(said.incidents) == sorted([incident().id, incident("other").id])


async def test_a_store_that_comes_back_in_time_is_not_said():
    """Nobody is woken for a moment's outage."""
    said = Said()
    alarm = StoreAlarm(said, patience=timedelta(hours=1))
    alarm.start(incident(), AWAY)
    alarm.stop(incident())
    alarm.stop(incident())
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert said.incidents == []


@pytest.mark.parametrize("failure", [Rejected("No such number."), TimeoutError()])
async def test_a_way_that_fails_is_logged(failure):
    """The worker goes on."""
    said = Said(failure)
    with capture_logs() as logged:
        StoreAlarm(said, patience=timedelta()).start(incident(), AWAY)
        async with asyncio.timeout(LIMIT):
            while len(logged) < 2:
                await asyncio.sleep(0.01)
    assert [line["event"] for line in logged] == ["incident.waits_for_store", "incident.wait_not_said"]
