"""What time it is for a worker whose machine may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.domain.errors import Unreachable
from worker.storage.store_time import StoreTime


@pytest.mark.parametrize(
    ("ahead", "counts"), [(timedelta(minutes=7), True), (timedelta(minutes=-7), True), (timedelta(seconds=1), False)]
)
async def test_a_machine_that_is_wrong_goes_by_the_store(ahead, counts):
    """What the store's whole seconds cannot tell is left to the finer clock."""

    async def ask():
        return ahead

    before = datetime.now(UTC)
    now = await StoreTime(ask).now()
    meant = ahead if counts else timedelta()
    assert before + meant <= now <= datetime.now(UTC) + meant


async def test_it_is_asked_once_in_a_while():
    """A launch waits for no look that another one has made."""
    asked = []

    async def ask():
        asked.append(1)
        return timedelta()

    clock = StoreTime(ask)
    await clock.now()
    await clock.now()
    assert len(asked) == 1


async def test_a_store_that_does_not_answer_stops_nobody():
    """The machine's own clock counts, and the next one asks again."""
    answers = [Unreachable("No."), timedelta(hours=1)]

    async def ask():
        answer = answers.pop(0)
        if isinstance(answer, Unreachable):
            raise answer
        return answer

    clock = StoreTime(ask)
    assert abs(await clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert await clock.now() - datetime.now(UTC) > timedelta(minutes=59)
