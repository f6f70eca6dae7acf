"""What becomes of the message of an act: people are told at once, whatever else is being shown."""

import asyncio
from datetime import timedelta

import pytest
from bare_response import bare_response
from lane_bench import INCIDENT, NOW, LaneBench
from patience import LIMIT

from worker.domain.event import Event, EventType
from worker.domain.incident import Incident
from worker.domain.response.act import Act, ActKind
from worker.domain.response.actor import Actor, ActorKind
from worker.domain.settlement import Complete, RetryLater
from worker.engine.lane import LaneOrder

ADA = Actor(kind=ActorKind.PERSON, id="ada")


class Desk:
    """A worker that has room to show one thing at a time, on one incident."""

    def __init__(self):
        self.bench = LaneBench()
        lanes = (self.bench.lane(LaneOrder.NEWEST, "card"), self.bench.lane(LaneOrder.EACH, "tells"))
        self.response = bare_response(self.bench.stores, self._publish, lanes=lanes, effects=1)
        self.noted = 0

    async def _publish(self, encoded, *, at, mark):
        """No timer is awaited here."""

    async def note(self, *, age=timedelta()):
        """Of the next note, which was sent so long ago."""
        self.noted += 1
        act = Act(act=ActKind.NOTE, id=f"note-{self.noted}", actor=ADA, text="Still here.")
        event = Event(type=EventType.ACT, title="Note", key=INCIDENT.key, act=act)
        message = Incident(key=INCIDENT.key, event=event, received_at=NOW)
        return await self.response.deliver(message, self.bench.stopping, lambda: NOW + age)


@pytest.fixture(name="desk")
async def _desk():
    desk = Desk()
    await desk.bench.launch()
    desk.bench.world.hangs.add("card-1")
    showing = asyncio.create_task(desk.note())
    await asyncio.wait_for(desk.bench.world.reached.wait(), LIMIT)
    yield desk
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)


async def test_people_are_told_while_no_more_can_be_shown(desk):
    """What is shown of it comes back, behind what can be received meanwhile."""
    decided = await desk.note()
    assert isinstance(decided, RetryLater)
    assert (decided.crowded, decided.outage) == (True, True)
    assert desk.bench.world.made == ["tells-1", "tells-2"]


async def test_what_a_later_message_shows_need_not_come_back(desk):
    """The newest comes back for all of them."""
    for _ in range(2):
        assert isinstance(await desk.note(), RetryLater)
    desk.noted = 1
    assert await desk.note() == Complete()
    assert isinstance(await desk.note(), RetryLater)


async def test_what_has_waited_for_long_is_shown_beyond_the_limit(desk):
    """The lane itself is another's still: that is all that it waits for then."""
    decided = await desk.note(age=timedelta(minutes=2))
    assert isinstance(decided, RetryLater)
    assert not decided.crowded
    assert "is launching lane:" in decided.because
