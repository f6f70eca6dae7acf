"""Overrides are what they say, and one that changes nothing is refused with why."""

import pytest
from acting import at, standing
from brief_definitions import definitions as defined
from brief_definitions import week

from worker.domain.errors import Rejected
from worker.oncall.acts.covering import Cover, cover, end_of_turn

NOW = at("2026-01-06T12:00")  # in a week of Ada's
SPAN = (at("2026-01-06T18:00"), at("2026-01-07T08:00"))


def made(person, start=SPAN[0], end=SPAN[1], *, definitions=None, **more):
    given = definitions or standing()
    return cover(given, given.schedules["checkout"], Cover(person, start, end, **more), NOW, str.upper)


@pytest.mark.parametrize(
    ("more", "people"),
    [({}, ("eve",)), ({"replaces": "ada"}, ("eve",)), ({"beside": True}, ("ada", "eve"))],
)
def test_an_override_moves_the_shifts_within_it(more, people):
    """Alone, for one, or beside."""
    act = made("eve", **more)
    assert act.after.schedules["checkout"].at(SPAN[0]).people == people
    (move,) = act.moves
    assert (move.start, move.end, move.before, move.after) == (*SPAN, ("ada",), people)


@pytest.mark.parametrize(
    ("person", "more", "why"),
    [
        ("ada", {}, "ADA alone is on call for checkout already, Tue 6 Jan 18:00"),
        ("ada", {"beside": True}, "ADA is on call for checkout already"),
        ("eve", {"replaces": "ben"}, "BEN is not on call for checkout, .*; it is ADA"),
        ("eve", {"replaces": "eve"}, "EVE cannot stand in for themselves"),
        ("eve", {"start": SPAN[1]}, "ends no later than it begins"),
    ],
)
def test_what_has_no_effect_is_refused(person, more, why):
    """Who has the shift already, or is not there to be replaced."""
    with pytest.raises(Rejected, match=why):
        made(person, **more)


def test_a_cover_by_one_of_two_has_an_effect():
    """The other is on call no more."""
    assert made("ada", definitions=standing(depth=2)).moves[0].after == ("ada",)


def test_an_override_that_counts_only_for_a_part_is_made():
    """Of two weeks Ben has one."""
    act = made("eve", end=at("2026-01-20T08:00"), replaces="ben")
    assert [(move.start, move.end) for move in act.moves] == [(at("2026-01-12T09:00"), at("2026-01-19T09:00"))]


def test_what_is_over_is_said():
    """It is on record, and nobody is called by it."""
    assert "This time is over" in made("eve", at("2026-01-05T10:00"), at("2026-01-05T12:00")).notes[0]


def test_who_is_away_and_takes_a_shift_is_told():
    """They have it all the same."""
    absent = {"person": "eve", "from": "2026-01-01T00:00Z"}
    given = defined(schedules={"checkout": week("ada", "ben")}, absences=[absent])
    assert "EVE is away then" in made("eve", definitions=given).notes[0]


@pytest.mark.parametrize(
    ("people", "end"), [(("ada", "ben"), "2026-01-12T09:00"), (("ada", "ada", "ben"), "2026-01-19T09:00")]
)
def test_a_turn_ends_when_others_would_be_on_call(people, end):
    """Two turns of the same person are one."""
    schedule = defined(schedules={"checkout": week(*people)}).schedules["checkout"]
    assert end_of_turn(schedule, NOW) == at(end)


def test_a_turn_without_an_end_needs_a_length():
    """Nobody takes a service for ever by mistake."""
    schedule = defined(schedules={"checkout": week("ada")}).schedules["checkout"]
    with pytest.raises(Rejected, match="tocsin roster take checkout 2h"):
        end_of_turn(schedule, NOW)
