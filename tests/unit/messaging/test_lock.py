"""The time of a lock is told from the broker's stamps: it holds on machines whose clocks are wrong by minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from worker.messaging.lock import LockTimes, MessageLock

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Machine:
    """Its monotonic clock is right; its wall clock is off by so much."""

    def __init__(self, off=timedelta()):
        self.off = off
        self.passed = timedelta()

    def wall(self):
        return NOON + self.passed + self.off

    def monotonic(self):
        return self.passed.total_seconds()

    def times(self):
        return LockTimes(now=self.wall)

    def lock(self, times, *, waited=timedelta(), duration=MINUTE):
        """Of a message that had waited so long when it was locked just now, by the broker's right clock."""
        made = times.lock(NOON + self.passed - waited, NOON + self.passed + duration)
        return MessageLock(NOON + self.passed + duration, made.duration, clock=self.monotonic)


@pytest.mark.parametrize("minutes", [-20, -3, 0, 3, 20])
def test_a_message_that_did_not_wait_tells_the_duration(minutes):
    """Between its two stamps lies the lock, whatever the wall clock says."""
    machine = Machine(timedelta(minutes=minutes))
    assert machine.lock(machine.times()).duration <= MINUTE
    assert machine.lock(machine.times()).renew_in <= MINUTE / 2


@pytest.mark.parametrize("minutes", [-20, -3, 0, 3, 20])
def test_a_backlog_behind_a_wrong_clock_is_renewed_in_time(minutes):
    """Of messages that waited for hours the stamps say little, so renewals are frequent enough for any usual lock."""
    machine = Machine(timedelta(minutes=minutes))
    lock = machine.lock(machine.times(), waited=timedelta(hours=5), duration=timedelta(seconds=30))
    assert lock.renew_in <= timedelta(seconds=15)


def test_a_right_clock_is_believed_in_a_backlog():
    """The rest of the lock by our own clock is the duration, where that clock says something possible."""
    machine = Machine()
    assert machine.lock(machine.times(), waited=timedelta(hours=5)).duration == MINUTE


def test_one_prompt_message_teaches_the_duration_for_all():
    """What waited is judged by what did not."""
    machine = Machine(timedelta(minutes=-20))
    times = machine.times()
    machine.lock(times)
    assert machine.lock(times, waited=timedelta(hours=5)).duration == MINUTE


@pytest.mark.parametrize("minutes", [-20, -3, 0, 20])
def test_the_brokers_time_is_known_without_our_clock(minutes):
    """A copy that is to come in five minutes comes in five minutes."""
    machine = Machine(timedelta(minutes=minutes))
    lock = machine.lock(machine.times())
    machine.passed += timedelta(seconds=10)
    assert abs(lock.broker_time() - (NOON + machine.passed)) < timedelta(seconds=1)


def test_renewals_come_at_half_time_and_failed_ones_soon_again():
    """So that several more fit into what is left."""
    machine = Machine()
    lock = machine.lock(machine.times(), duration=timedelta(seconds=8))
    assert lock.renew_in == timedelta(seconds=4)
    machine.passed += timedelta(seconds=4)
    assert timedelta() < lock.renew_in <= timedelta(seconds=1)
    lock.renewed(machine.monotonic())
    assert lock.renew_in == timedelta(seconds=4)


def test_only_after_the_longest_lock_there_is_a_lock_surely_gone():
    """Until then settling is worth a try, whatever we think of the lock."""
    machine = Machine()
    lock = machine.lock(machine.times(), duration=timedelta(seconds=5))
    machine.passed += timedelta(minutes=4)
    assert lock.left < timedelta()
    assert not lock.is_surely_gone
    machine.passed += timedelta(minutes=2)
    assert lock.is_surely_gone


def test_a_message_that_is_only_looked_at_has_no_lock():
    """There is nothing to renew."""
    assert LockTimes().lock(NOON, None).left <= timedelta()
