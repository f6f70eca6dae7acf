"""How a worker's receivers are shared out between launching and reading on, and how permits pass between them."""

import asyncio
import contextlib

import pytest

from worker.messaging.concurrency import ConcurrencyLimit, Shares


@pytest.mark.parametrize(
    ("slots", "waiting", "shares"),
    [
        (4, 4, Shares(receiving=6, launching=4)),
        (4, 1, Shares(receiving=5, launching=4)),
        (4, 0, Shares(receiving=4, launching=3)),
        (1, 0, Shares(receiving=1, launching=1)),
        (64, 64, Shares(receiving=66, launching=64)),
    ],
)
def test_somebody_reads_on_while_all_slots_launch(slots, waiting, shares):
    """Two of those that stand by, or where none do one of the slots; a slot without company does both."""
    assert Shares.of(slots, waiting) == shares


@pytest.mark.parametrize("slots", range(1, 9))
@pytest.mark.parametrize("waiting", range(9))
def test_no_more_receive_than_there_are(slots, waiting):
    """A receiver is a connection, and they are bounded by the two settings together."""
    assert Shares.of(slots, waiting).receiving <= slots + waiting


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
