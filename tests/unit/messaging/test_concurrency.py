"""Permits: as many receive as may, and one whose message waits lets another receive."""

import asyncio
import contextlib

from worker.messaging.concurrency import ConcurrencyLimit


async def is_free(permit):
    """Whether it can be taken at once; then it is."""
    taking = asyncio.create_task(permit.take())
    for _ in range(3):
        await asyncio.sleep(0)
    if not taking.done():
        taking.cancel()
        return False
    return True


async def test_no_more_receive_than_may():
    """Whoever comes later waits; taking twice is taking once."""
    limit = ConcurrencyLimit(2, 1)
    one, two, three = (limit.permit() for _ in range(3))
    assert await is_free(one)
    assert await is_free(one)
    assert await is_free(two)
    assert not await is_free(three)
    assert (one.taken, two.taken, three.taken) == (True, True, False)


async def test_a_released_permit_is_anothers():
    """And its own receiver goes on without one afterwards."""
    limit = ConcurrencyLimit(1, 1)
    one, two = limit.permit(), limit.permit()
    await one.take()
    with one.released():
        assert not one.taken
        assert await is_free(two)
    assert not one.taken
    assert not await is_free(one)


async def test_only_as_many_are_released_as_others_stand_by():
    """A slot is free for another again when the wait is over, however it ended."""
    limit = ConcurrencyLimit(2, 1)
    one, two = limit.permit(), limit.permit()
    assert not one.can_be_released
    await one.take()
    await two.take()
    assert two.can_be_released
    with contextlib.suppress(KeyError), one.released():
        assert not two.can_be_released
        raise KeyError
    assert two.can_be_released
    assert not one.can_be_released
