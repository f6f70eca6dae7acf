"""How many of one lane are brought about at once: people who are told wait for none of them."""

import asyncio

from patience import LIMIT

from worker.engine.lane import Lane, LaneOrder
from worker.lifecycle.response.lane_limit import LaneLimit


def lane(name, order=LaneOrder.NEWEST):
    return Lane(name, order, lambda _: True, lambda *_: ())


class Crowd:
    """So many who are within at once, and stay there."""

    def __init__(self, limit):
        self.limit, self.within, self.tasks = limit, 0, []
        self.leave = asyncio.Event()

    def enter(self, of, count):
        self.tasks += [asyncio.create_task(self._stay(of)) for _ in range(count)]

    async def _stay(self, of):
        async with self.limit.turn(of):
            self.within += 1
            await self.leave.wait()

    async def settled(self):
        for _ in range(5):
            await asyncio.sleep(0)
        return self.within

    async def end(self):
        self.leave.set()
        await asyncio.wait_for(asyncio.gather(*self.tasks), LIMIT)


async def test_of_each_lane_so_many_are_done_at_once():
    """None waits for another one, and whoever is told something waits for nothing; those behind have their turn."""
    crowd = Crowd(LaneLimit(at_once=2, patience=LIMIT))
    crowd.enter(lane("card"), 4)
    assert await crowd.settled() == 2
    crowd.enter(lane("work-item"), 4)
    assert await crowd.settled() == 4
    crowd.enter(lane("tells", LaneOrder.EACH), 4)
    assert await crowd.settled() == 8
    await crowd.end()
    assert crowd.within == 12


async def test_nobody_waits_for_long_behind_a_system_that_hangs():
    """It goes on beside those that came first, and takes nobody's turn."""
    crowd = Crowd(LaneLimit(at_once=1, patience=0.01))
    crowd.enter(lane("card"), 3)

    async def all_within():
        while crowd.within < 3:
            await asyncio.sleep(0.01)

    await asyncio.wait_for(all_within(), LIMIT)
    await crowd.end()
    follower = Crowd(crowd.limit)
    follower.enter(lane("card"), 1)
    assert await follower.settled() == 1
    await follower.end()
