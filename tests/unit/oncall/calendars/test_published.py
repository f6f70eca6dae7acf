"""What a calendar was given out with, and what becomes of that when shifts change."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rotas import WEEKLY, given_out, minute, rota, shown_at

from worker.oncall.calendars.published import from_text, to_text, uid_of
from worker.oncall.calendars.shown_shifts import ShownShift
from worker.oncall.schedule.wall_clock import DAY

NOW, LATER = "2026-11-30T12:00Z", "2026-12-01T12:00Z"
AWAY = {"person": "ines", "from": "2026-12-21T00:00Z", "to": "2026-12-29T00:00Z"}
COVER = {"from": "2026-12-23T00:00Z", "to": "2026-12-24T00:00Z", "person": "jon"}


def by_start(published):
    return {each.shift.start: each for each in published}


def test_the_same_shifts_are_given_out_the_same():
    """However often it is asked for, nothing says that it changed."""
    first = given_out((), rota(), NOW)
    assert first
    assert {each.sequence for each in first} == {0}
    again = given_out(first, rota(), LATER)
    assert set(again) >= {each for each in first if each.shift.end > minute(LATER) - 14 * DAY}
    assert {each.modified for each in again if each.shift in {one.shift for one in first}} == {minute(NOW)}


def test_a_shift_that_changed_has_the_next_number_and_the_same_name():
    """Covered in its middle it ends earlier, and its rest is a shift of its own."""
    first = by_start(given_out((), rota(), NOW))
    second = by_start(given_out(first.values(), rota(overrides=[COVER]), LATER))
    start = minute("2026-12-21T08:00Z")
    before, after = first[start], second[start]
    assert (after.sequence, after.modified, after.is_cancelled) == (1, minute(LATER), False)
    assert uid_of(after.shift) == uid_of(before.shift)
    assert after.shift.end == minute(COVER["from"]) < before.shift.end
    rest = second[minute(COVER["to"])]
    assert (rest.sequence, rest.shift.end) == (0, before.shift.end)


def test_a_shift_that_vanished_is_cancelled_until_it_is_past():
    """Cancelled once; given back, it is there again; and no more shown once it is over."""
    start = minute("2026-12-21T08:00Z")
    first = given_out((), rota(), NOW)
    gone = given_out(first, rota(absences=[AWAY]), LATER)
    assert (by_start(gone)[start].is_cancelled, by_start(gone)[start].sequence) == (True, 1)
    still = given_out(gone, rota(absences=[AWAY]), "2026-12-28T07:59Z")
    assert by_start(still)[start] == by_start(gone)[start]
    assert start not in by_start(given_out(still, rota(absences=[AWAY]), "2026-12-28T08:00Z"))
    back = by_start(given_out(still, rota(), "2026-12-20T12:00Z"))[start]
    assert (back.is_cancelled, back.sequence) == (False, 2)


def test_what_happened_falls_out_without_being_cancelled():
    """A shift that is two weeks over was none that vanished."""
    first = given_out((), rota(), NOW)
    later = given_out(first, rota(), "2027-01-20T12:00Z")
    assert not any(each.is_cancelled for each in later)
    assert min(each.shift.end for each in later) > minute("2027-01-06T12:00Z")


def test_an_intake_whose_clock_is_behind_cancels_nothing():
    """What another showed at the far end is left as it is."""
    first = given_out((), rota(), NOW)
    assert given_out(first, rota(), "2026-11-20T12:00Z")[-1] == first[-1]


def test_what_cannot_be_read_now_is_not_cancelled():
    """A schedule that a broken row hides keeps the shifts that it had."""
    first = given_out((), rota(), NOW)
    hidden = rota(time_zone="UTC")
    del hidden.schedules["checkout"]
    assert given_out(first, hidden, LATER, unreadable={"checkout"}) == [
        each for each in first if each.shift.end > minute(LATER)
    ]


def test_a_beginning_that_comes_to_lie_too_far_back_names_the_shift_still():
    """A shift of years keeps the name that it was given out with."""
    years = rota({"people": ["ines"], "starts": "2026-10-01T09:00"})
    (first,) = given_out((), years, NOW)
    published = [first]
    months = [f"{year}-{month:02}-01T12:00Z" for year in (2027, 2028) for month in (3, 7, 11)]
    for month in months:
        published = given_out(published, years, month)
    (last,) = published
    assert uid_of(last.shift) == uid_of(first.shift)
    assert (last.shift.start, last.sequence) == (first.shift.start, len(months))


NAMES = st.text(st.characters(codec="utf-8"), max_size=30)
SHIFTS = st.builds(
    ShownShift,
    NAMES,
    st.just("ines"),
    st.integers(0, 3),
    st.none() | st.integers(0, 2**30),
    *[st.integers()] * 2,
    NAMES,
)


@given(st.lists(st.tuples(NAMES, NAMES, st.none() | st.integers(0, 3)), unique=True, max_size=30))
@settings(max_examples=50)
def test_two_shifts_have_two_names(keys):
    """Whatever stands in the names of people and schedules."""
    named = {uid_of(ShownShift(schedule, person, 0, began, 0, 1, "")) for schedule, person, began in keys}
    assert len(named) == len(keys)


def test_what_is_remembered_comes_back_as_it_was():
    """Through the text that is stored."""
    published = given_out(given_out((), rota(), NOW), rota({**WEEKLY, "depth": 2}, absences=[AWAY]), LATER)
    assert {each.is_cancelled for each in published} == {True, False}
    assert from_text(to_text(published), "ines") == published
    assert from_text("", "ines") == []


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[["a"]]', '["ab"]', "[" * 100_000, "null", '[["c",0,0,0,0,"w",0,0,false,1]]']
)
def test_a_memory_that_is_damaged_says_so(text):
    """Whatever somebody made of the row."""
    with pytest.raises(ValueError, match="damaged"):
        from_text(text, "ines")


def test_names_of_shifts_are_promises():
    """They stand in people's calendars, and a later version knows them again."""
    shift = shown_at(rota(), NOW).shifts[0]
    assert uid_of(shift) == "c90fb2021659b5ed1f84e39bd077b91b@tocsin"
