"""Reviews are kept whole, against a real table store."""

import random

import pytest

from worker.storage.stores import open_stores

INCIDENT = "inc-4h7k2m9xqz"


@pytest.fixture
async def reviews(settings):
    async with open_stores(settings, owner="one") as stores:
        await stores.table.prepare()
        yield stores.reviews


async def test_the_newest_review_is_read_as_it_was_kept(reviews):
    """However long; kept again it is the same."""
    digits = random.Random(1).choices("0123456789abcdef \N{PUSHPIN}", k=1_500_000)
    long = "".join(digits)
    assert await reviews.read(INCIDENT) is None
    first = await reviews.keep(INCIDENT, 9, "short")
    assert await reviews.keep(INCIDENT, 9, "short") == first
    assert await reviews.keep(INCIDENT, 12, long) != first
    assert await reviews.read(INCIDENT) == long


async def test_what_an_earlier_making_left_is_no_part_of_it(reviews):
    """Whoever comes after a worker that died may make a shorter one."""
    long = "".join(random.Random(2).choices("0123456789abcdef", k=1_600_000))
    await reviews.keep(INCIDENT, 9, long)
    await reviews.keep(INCIDENT, 9, "short")
    assert await reviews.read(INCIDENT) == "short"
