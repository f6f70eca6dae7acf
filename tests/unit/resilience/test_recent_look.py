"""A look whose result counts for a while."""

import asyncio
from datetime import timedelta

import pytest

from worker.resilience.recent_look import RecentLook


class Looks:
    """Numbered looks; the first fails."""

    def __init__(self, fresh_for, *, fails=0):
        self.made = 0
        self.fails = fails
        self.recent = RecentLook(self.look, lambda: fresh_for)

    async def look(self):
        self.made += 1
        await asyncio.sleep(0)
        if self.made <= self.fails:
            raise ConnectionError
        return self.made


async def test_whoever_asks_within_the_time_has_what_was_seen():
    looks = Looks(timedelta(hours=1))

    assert await asyncio.gather(*(looks.recent.share() for _ in range(20))) == [1] * 20
    assert await looks.recent.share() == 1


async def test_whoever_asks_later_has_a_look_of_their_own():
    looks = Looks(timedelta())

    assert [await looks.recent.share(), await looks.recent.share()] == [1, 2]


async def test_a_look_that_failed_counts_for_nobody_later():
    looks = Looks(timedelta(hours=1), fails=1)

    with pytest.raises(ConnectionError):
        await looks.recent.share()

    assert await looks.recent.share() == 2
