"""How much room a team has left for channels, and when that is said."""

import pytest
from structlog.testing import capture_logs

from worker.clients.teams.room import Room

HOUR = 3_600.0


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def counted():
    return {}


@pytest.fixture
def room(clock, counted):
    return Room("the-team", counted, clock=clock)


def said(act):
    with capture_logs() as log:
        act()
    return [(line["event"], line["log_level"]) for line in log]


@pytest.mark.parametrize(("channels", "told"), [(899, []), (900, [("teams.nearly_full", "warning")])])
def test_nine_tenths_are_said(room, channels, told):
    """Early enough to name a further team."""
    assert said(lambda: room.note(channels)) == told


def test_it_is_said_once_an_hour(room, clock):
    """However often it is counted."""
    room.note(950)
    clock.now = HOUR - 1
    assert said(lambda: room.note(951)) == []
    clock.now = HOUR
    assert said(lambda: room.note(952)) == [("teams.nearly_full", "warning")]


def test_a_full_team_is_asked_again_after_a_while(room, clock):
    """Channels that were deleted a month ago make room."""
    assert not room.is_full()
    assert said(room.note_full) == [("teams.full", "error")]
    assert room.is_full()
    clock.now = 600
    assert not room.is_full()


def test_it_is_counted_every_ten_minutes_at_most(room, clock):
    """By one of those who make channels."""
    assert room.is_due()
    assert not room.is_due()
    clock.now = 600
    room.note(1)
    assert not room.is_due()


def test_the_number_is_that_of_the_fullest_team(room, counted, seen):
    """As it was when each was counted last."""
    other = Room("other", counted)
    room.note(400)
    other.note(30)
    assert seen.numbers[("tocsin_fullest_team_channels",)] == 400
    other.note_full()
    room.note(401)
    assert seen.numbers[("tocsin_fullest_team_channels",)] == 1_000
