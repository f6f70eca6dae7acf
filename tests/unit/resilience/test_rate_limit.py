"""Limits are kept in the order of asking, by a clock that the tests turn."""

import asyncio
from datetime import timedelta

import pytest

from worker.domain.errors import Throttled
from worker.resilience.rate_limit import Limit, Rate, Turn
from worker.resilience.urgency import Urgency, acting_with

SECOND = timedelta(seconds=1)


class Time:
    """A clock that jumps to the end of every sleep."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def limit(time):
    def make(most, name="the team"):
        return Limit(name, Rate(most, SECOND), clock=time)

    return make


async def go(time, *limits, refusal=None, longest=timedelta(hours=1)):
    """The time at which the call was made."""
    async with Turn(*limits, sleep=time.sleep, longest=longest).taken():
        made_at = time.now
        if refusal:
            raise refusal
    return made_at


async def test_as_many_as_are_allowed_go_at_once(time, limit):
    """Four within a second need no wait."""
    four = limit(4)
    assert [await go(time, four) for _ in range(4)] == [0, 0, 0, 0]


async def test_no_stretch_of_that_length_holds_more(time, limit):
    """However many ask at once, any second holds at most four."""
    four = limit(4)
    made = sorted(await asyncio.gather(*(go(time, four) for _ in range(21))))
    assert all(later - earlier > 1 for earlier, later in zip(made, made[4:], strict=False))


async def test_a_storm_takes_hardly_longer_than_its_minimum(time, limit):
    """A hundred calls at one a second end within a tenth of the ninety-nine seconds they need."""
    one = limit(1)
    made = await asyncio.gather(*(go(time, one) for _ in range(100)))
    assert 99 <= max(made) <= 99 * 1.1


async def test_turns_are_given_in_the_order_of_asking(time, limit):
    """Nobody overtakes who is as urgent and of the same sender."""
    one, order = limit(1), []

    async def ask(number):
        await go(time, one)
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_what_is_urgent_overtakes(time, limit):
    """It has the next turn, however many wait for theirs; and senders take turns among the rest."""
    one, order = limit(1), []

    async def ask(urgency):
        with acting_with(urgency):
            await go(time, one)
        order.append(urgency)

    storm, other, urgent = Urgency(3, "storm"), Urgency(3, "other"), Urgency(1, "storm")
    async with one.head():
        asking = [asyncio.create_task(ask(urgency)) for urgency in [storm] * 10 + [other, urgent]]
        await asyncio.sleep(0)
    await asyncio.gather(*asking)
    assert order[:3] == [urgent, other, storm]


async def test_what_is_urgent_is_not_refused_for_those_it_overtakes(time, limit):
    """Its turn is near, though that of the others would be too far off."""
    one = limit(1)
    async with one.head():
        waiting = [asyncio.create_task(go(time, one)) for _ in range(30)]
        await asyncio.sleep(0)
        with acting_with(Urgency(1)):
            assert one.wait <= timedelta(seconds=2)
        assert one.wait >= timedelta(seconds=30)
    await asyncio.gather(*waiting)


async def test_every_limit_of_a_call_is_kept(time, limit):
    """New channels come one a second, though the team would bear four requests."""
    team, channels = limit(4), limit(1, "new channels")
    made = await asyncio.gather(*(go(time, channels, team) for _ in range(3)))
    assert [round(moment) for moment in made] == [0, 1, 2]


async def test_who_waits_for_a_narrow_limit_holds_up_nobody_else(limit, time):
    """A read of the team passes while a channel waits for its turn."""
    team, channels = limit(4), limit(1, "new channels")
    await go(time, channels, team)
    gate = asyncio.Event()

    async def held(_):
        await gate.wait()
        time.now += 10

    async def create():
        async with Turn(channels, team, sleep=held).taken():
            pass

    creating = asyncio.create_task(create())
    await asyncio.sleep(0)
    reading = asyncio.create_task(go(time, team))
    for _ in range(5):
        await asyncio.sleep(0)
    read_before = reading.done()
    gate.set()
    await asyncio.gather(creating, reading)
    assert read_before


async def test_a_refusal_is_waited_out_by_all(time, limit):
    """The patience that the server asks for holds for every call of the limit."""
    four = limit(4)
    with pytest.raises(Throttled):
        await go(time, four, refusal=Throttled("slow", retry_after=timedelta(seconds=7)))
    assert await go(time, four) == 7


async def test_refusals_slow_us_down_and_success_makes_us_quicker_again(time, limit):
    """Processes that share a limit settle below it; whoever is alone is soon as quick as before."""
    one = limit(1)
    for _ in range(5):
        with pytest.raises(Throttled):
            await go(time, one, refusal=Throttled("slow", retry_after=SECOND))
    start = await go(time, one)
    slow = await go(time, one) - start
    for _ in range(100):
        last = await go(time, one)
    assert slow > 2
    assert await go(time, one) - last < 1.1


async def test_two_processes_that_share_a_limit_settle_near_their_shares(time):
    """A server that lets one call a second through refuses fewer and fewer of theirs."""
    ours, theirs = (Limit("the team", Rate(1, SECOND), clock=time) for _ in range(2))
    passed, refused = [], []

    async def call(limit):
        async with Turn(limit, sleep=time.sleep, longest=timedelta(hours=1)).taken():
            if passed and time.now - passed[-1] < 1:
                refused.append(time.now)
                raise Throttled("slow", retry_after=SECOND)
            passed.append(time.now)

    # The clock is one for both, so they take turns at asking.
    for _ in range(200):
        for limit in (ours, theirs):
            try:
                await call(limit)
            except Throttled:
                continue
    assert len(refused) < len(passed) / 4


async def test_a_turn_that_is_too_far_off_is_refused_at_once(time, limit):
    """Nothing is sent, and the message can be given back until its turn may come."""
    gate = asyncio.Event()
    held = limit(1, "making channels")

    async def wait_for_gate(_):
        await gate.wait()
        time.now += 1.1

    async def wait():
        async with Turn(held, sleep=wait_for_gate).taken():
            pass

    waiting = [asyncio.create_task(wait()) for _ in range(20)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(Throttled, match="making channels is limited") as raised:
        await go(time, held, longest=timedelta(seconds=15))
    assert raised.value.retry_after > timedelta(seconds=15)
    gate.set()
    await asyncio.gather(*waiting)


async def test_one_refusal_is_an_accident(time, limit):
    """After it has been waited out, the pace is as before."""
    one = limit(1)
    with pytest.raises(Throttled):
        await go(time, one, refusal=Throttled("slow", retry_after=SECOND))
    start = await go(time, one)
    assert await go(time, one) - start < 1.1
