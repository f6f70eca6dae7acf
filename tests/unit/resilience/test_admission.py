"""Which launches are begun at once, and when those come again that find no place, by a clock that the tests turn."""

import heapq
import itertools
from contextlib import ExitStack

import pytest

from worker.resilience.admission import Admission
from worker.resilience.urgency import Urgency

STORM, OTHER = Urgency(3, "storm"), Urgency(3, "other")


class Clock:
    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def admission(clock):
    return Admission(4, clock=clock)


@pytest.fixture
def full(admission):
    """All places are taken by one sender's storm; closed, they are free."""
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(admission.taken(STORM))
        yield stack


def seconds(wait):
    return round(wait.total_seconds(), 3) if wait is not None else 0


def test_one_sender_may_have_all_places_while_nobody_else_waits(admission):
    """As many launches at once as there are places, and none beyond."""
    with ExitStack() as stack:
        for _ in range(4):
            assert admission.wait(STORM) is None
            stack.enter_context(admission.taken(STORM))
        assert admission.wait(STORM) is not None
    assert admission.wait(STORM) is None


def test_a_place_is_kept_for_the_urgent(admission, full):
    """A severity 1 or 2 begins while all that is not urgent waits."""
    assert admission.wait(Urgency(1, "other")) is None
    with admission.taken(Urgency(2, "other")):
        assert admission.wait(Urgency(1, "third")) is not None


def test_a_place_is_kept_for_what_is_not_urgent(admission):
    """However many urgent ones come."""
    urgent = Urgency(1, "storm")
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(admission.taken(urgent))
        assert admission.wait(urgent) is not None
        assert admission.wait(OTHER) is None


def test_those_that_are_put_off_come_one_after_another(admission, full):
    """As quickly as places become free, and not all at once."""
    assert [seconds(admission.wait(STORM)) for _ in range(3)] == [1, 2, 3]


def test_another_sender_does_not_wait_behind_a_storm(admission, full):
    """Behind one of it, however many there are."""
    for _ in range(50):
        admission.wait(STORM)
    assert seconds(admission.wait(OTHER)) == 2


def test_the_urgent_do_not_wait_behind_what_is_not(admission, full):
    """Where they have to wait at all: only for each other."""
    for _ in range(50):
        admission.wait(STORM)
    with admission.taken(Urgency(2, "other")):
        assert seconds(admission.wait(Urgency(1, "third"))) == 1


def test_a_sender_with_half_of_the_places_leaves_the_others_to_who_waits(admission, full, clock):
    """A place that becomes free goes to the other sender, and again to the storm once nobody else is expected."""
    admission.wait(OTHER)
    full.pop_all().close()
    with admission.taken(STORM), admission.taken(STORM):
        assert admission.wait(STORM) is not None
        assert admission.wait(OTHER) is None
        clock.now += 60
        assert admission.wait(STORM) is None


def test_nobody_is_put_off_for_longer_than_two_minutes(admission, full):
    """Other workers may have come meanwhile; and those who would wait longer do not all come at one moment."""
    waits = [seconds(admission.wait(STORM)) for _ in range(1_000)]
    beyond = waits[120:]
    assert max(waits) <= 120
    assert len(set(beyond)) > 100
    assert min(beyond) >= 60


@pytest.mark.parametrize("apart", [0.25, 3.0])
def test_the_pace_is_learnt(admission, clock, apart):
    """How quickly launches end while all places are taken says when a place will be free."""
    running = [ExitStack() for _ in range(4)]
    for stack in running:
        stack.enter_context(admission.taken(STORM))
    for number in range(60):
        clock.now += apart
        running[number % 4].close()
        running[number % 4].enter_context(admission.taken(STORM))
    assert seconds(admission.wait(STORM)) == pytest.approx(apart, rel=0.05)
    for stack in running:
        stack.close()


def test_senders_without_number_are_remembered_together(admission, full):
    """What is remembered of them is bounded, and none is refused for it."""
    waits = [admission.wait(Urgency(3, f"sender {number}")) for number in range(1_500)]
    assert all(waits)
    assert len(admission._due) <= 1_003


def test_a_storm_of_one_sender_hardly_delays_the_others(clock):
    """650 of one sender and then 25 of others, at one launch a second: the 25 take little more than twice their 25,
    a severity 1 among them no more than one launch takes, and in the end everything is launched."""
    admission = Admission(4, clock=clock)
    began = run(admission, clock, [STORM] * 650 + [Urgency(3, f"other {n}") for n in range(24)] + [Urgency(1, "other")])
    others = [at for urgency, at in began if urgency is not STORM]
    assert len(began) == 675
    assert max(others) <= 65
    assert next(at for urgency, at in began if urgency.rank == 1) <= 1
    assert max(at for _, at in began) <= 675 * 1.3


def run(admission, clock, urgencies):
    """When each begins, in seconds, where every launch takes four; whoever is put off comes again."""
    start, began, numbers = clock.now, [], itertools.count()
    arrivals = [(start, next(numbers), urgency) for urgency in urgencies]
    endings = []
    while arrivals:
        at, _, urgency = heapq.heappop(arrivals)
        while endings and endings[0][0] <= at:
            clock.now, _, ending = heapq.heappop(endings)
            ending.close()
        clock.now = max(clock.now, at)
        if wait := admission.wait(urgency):
            heapq.heappush(arrivals, (at + wait.total_seconds(), next(numbers), urgency))
            continue
        began.append((urgency, at - start))
        ending = ExitStack()
        ending.enter_context(admission.taken(urgency))
        heapq.heappush(endings, (at + 4, next(numbers), ending))
    return began
