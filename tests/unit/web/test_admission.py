"""Who gets a place, and who makes room."""

import asyncio
from contextlib import ExitStack

import pytest
from patience import LIMIT

from worker.web.admission import KNOWN_BYTES, STRANGERS_BYTES, Admission
from worker.web.problem import Problem

MEGABYTE = 1_000_000


@pytest.fixture
def enter():
    """A visit from an address: one of a stranger that begins to send its body, or one of a known sender."""
    with ExitStack() as stack:

        def begin(admission, address="10.0.0.1", *, known=False):
            visit = stack.enter_context(admission.visit({"client": (address, 1)}))
            if known:
                visit.recognise()
            else:
                admission.let_in(visit)
            return visit

        yield begin


def ended(visits):
    return [number for number, visit in enumerate(visits) if is_ended(visit)]


def is_ended(visit):
    try:
        visit.check_ended()
    except Problem:
        return True
    return False


def aged(visits):
    """Some moments later."""
    for visit in visits:
        visit._began -= 10
    return visits


async def test_the_oldest_that_sent_nothing_makes_room(enter):
    """Whoever comes gets in; whoever has sent more since it came stays."""
    admission = Admission(strangers=3)
    visits = aged([enter(admission) for _ in range(3)])
    visits[0].hold(100_000)
    visits[2].hold(50_000)
    visits.append(enter(admission))
    assert ended(visits) == [1]


async def test_a_network_that_has_many_makes_room_first(enter):
    """A single sender from elsewhere that is no slower than they are keeps its place."""
    admission = Admission(strangers=4)
    visits = aged([enter(admission, address) for address in ("10.0.0.9", *(f"2001:db8::{each}" for each in range(3)))])
    for each in range(2):
        visits.append(enter(admission, f"10.0.1.{each}"))
    assert len(ended(visits)) == 2
    assert 0 not in ended(visits)


async def test_bodies_of_strangers_are_bounded_in_bytes(enter):
    """Where they are too much together, the slowest goes, until they are not."""
    admission = Admission()
    visits = aged([enter(admission) for _ in range(12)])
    for visit in visits:
        visit.hold(900_000)
        assert sum(each.held for each in visits) <= STRANGERS_BYTES
    assert len(ended(visits)) == 1


async def test_known_senders_need_none_of_the_places_of_strangers(enter):
    """Nor do strangers take any of theirs."""
    admission = Admission(requests=2, strangers=1)
    stranger = enter(admission)
    known = [enter(admission, known=True) for _ in range(2)]
    assert not is_ended(stranger)
    with pytest.raises(Problem):
        enter(admission, known=True)
    known[0].leave()
    stranger.hold(MEGABYTE)
    stranger.recognise()
    enter(admission)
    assert not is_ended(stranger)


async def test_bodies_of_known_senders_are_bounded_in_bytes(enter):
    """Whoever comes while they are too much is asked to come again, and what is given back is free again."""
    admission = Admission()
    visits = [enter(admission, known=True) for _ in range(KNOWN_BYTES // MEGABYTE + 1)]
    for visit in visits[1:]:
        visit.hold(MEGABYTE)
    with pytest.raises(Problem) as refusal:
        visits[0].hold(1)
    assert refusal.value.status == 503
    visits[1].leave()
    visits[0].hold(MEGABYTE)


async def test_who_makes_room_is_told_at_once(enter):
    """Its deadline comes at that moment."""
    admission = Admission(strangers=1)

    async def read(visit):
        async with asyncio.timeout(None) as deadline:
            with visit.reading(deadline):
                await asyncio.Event().wait()

    with admission.visit({}) as visit:
        reading = asyncio.create_task(read(visit))
        await asyncio.sleep(0)
        aged([visit])
        enter(admission)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reading, LIMIT)
        with pytest.raises(Problem) as refusal:
            visit.check_ended()
    assert (refusal.value.status, refusal.value.headers["Retry-After"]) == (503, "2")
