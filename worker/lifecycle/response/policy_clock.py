"""The clock by which policies count: the wall's, or a quicker one where a minute is set to be shorter.

Instants of a policy are whole minutes; what is left of one when something happened is kept beside them, so that a wait
of five minutes is five minutes.
"""

from datetime import datetime, timedelta

from worker.domain.response.response import PolicyClock
from worker.oncall.schedule.wall_clock import Minute, instant_at, minute_of

_OF_THE_WALL = 60.0


def policy_time(clock: PolicyClock | None, wall: datetime) -> datetime:
    if clock is None or clock.minute_seconds == _OF_THE_WALL:
        return wall
    return clock.policy + (wall - clock.wall) * (_OF_THE_WALL / clock.minute_seconds)


def wall_time(clock: PolicyClock | None, policy: datetime) -> datetime:
    if clock is None or clock.minute_seconds == _OF_THE_WALL:
        return policy
    return clock.wall + (policy - clock.policy) * (clock.minute_seconds / _OF_THE_WALL)


def minute_now(clock: PolicyClock | None, wall: datetime) -> tuple[Minute, timedelta]:
    """The policy's minute, and how much of it has passed, in the policy's own time."""
    instant = policy_time(clock, wall)
    minute = minute_of(instant)
    return minute, instant - instant_at(minute)


def wall_time_of(clock: PolicyClock | None, minute: Minute, rest: timedelta) -> datetime:
    return wall_time(clock, instant_at(minute) + rest)
